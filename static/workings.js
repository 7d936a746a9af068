// How the figures of an answer are worked out: the statements as they are run, with what is bound to their places.

import { api } from './api.js';
import { h } from './dom.js';

const bound = (parameters) => Object.entries(parameters).flatMap(([term, value]) => [h('dt', {}, term), h('dd', { dir: 'auto' }, String(value))]);

/** What stands under "How the figures are worked out", fetched when it is opened. */
export async function workings(message) {
  try {
    const { statements } = await api.workings(message);
    if (!statements.length) return [h('p', {}, 'This question has no figures.')];
    return statements.flatMap(({ sql, parameters }) => [h('pre', { tabindex: '0', dir: 'ltr' }, sql), h('dl', {}, ...bound(parameters))]);
  } catch (error) {
    return [h('p', {}, `${error.message} ${error.hint ?? ''}`)];
  }
}
