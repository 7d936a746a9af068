// The groups of the answer as bars: one row each, with its figure, its four outcomes and a click to its pictures.

import { h, name, put } from './dom.js';
import { LABEL, OUTCOMES, mark } from './outcomes.js';
import { count, figure } from './words.js';

const SHOWN = 100;

export function chart(root, { store, selection }) {
  function bar(group, most) {
    const parts = OUTCOMES.filter((outcome) => group.counts?.[outcome]).map((outcome) => {
      const part = h('span', { class: `part part-${outcome}` });
      part.style.flexGrow = group.counts[outcome];
      return part;
    });
    const length = h('span', { class: 'chart-bar' }, h('span', { class: `part part-${group.outcome ?? 'match'}` }));
    length.style.setProperty('--share', String(most > 0 && group.value ? group.value / most : 0));
    const words = OUTCOMES.filter((outcome) => group.counts?.[outcome]).map((outcome) => `${count(group.counts[outcome])} ${LABEL[outcome]}`).join(', ');
    return h('li', {}, h('button', { type: 'button', class: 'chart-row', title: words, onclick: () => { selection.narrow(group.filter ?? {}, 'figure'); selection.show('pictures'); } },
      h('span', { class: 'chart-label' }, mark(group.outcome, null, 'mark-small'), name(group.label, 70)), h('span', { class: 'chart-value' }, figure(group.value)), length,
      h('span', { class: 'chart-parts', 'aria-hidden': 'true' }, parts), h('span', { class: 'visually-hidden' }, words)));
  }

  function draw() {
    root.hidden = selection.tab !== 'chart';
    if (root.hidden) return;
    const { answer } = store.message ?? {};
    const groups = answer?.groups ?? [];
    const most = Math.max(0, ...groups.map((group) => group.value ?? 0));
    put(root, groups.length ? [h('p', { class: 'chart-head' }, answer.unit ? `${answer.unit} by ${answer.group_by ?? 'group'}` : `By ${answer.group_by ?? 'group'}`),
      h('ul', { class: 'chart' }, groups.slice(0, SHOWN).map((group) => bar(group, most))),
      groups.length > SHOWN ? h('p', { class: 'nothing' }, `The first ${SHOWN} of ${count(groups.length)}. The table has all.`) : null]
      : h('p', { class: 'nothing' }, 'This answer has no groups to compare. Ask “by district” or “at each location”.'));
  }

  selection.on('tab', draw);
  store.on('selected', draw);
  store.on('message', (message) => { if (message.id === store.selected) draw(); });
  root.hidden = true;
}
