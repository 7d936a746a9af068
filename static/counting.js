// The number of pictures while it grows: a large bucket is counted for some seconds. Loaded when somebody counts.

import { Failure, api } from './api.js';

const FIRST_MS = 400;
const MOST_MS = 2000;

/** Asks until the count is whole: `source` says that the number grew, `site` that it is known. */
export function counting(store) {
  let due = null;
  let pause = FIRST_MS;

  async function look() {
    try {
      if (!document.hidden) store.site.source = (await api.state()).source;
      store.emit(store.site.source.counting ? 'source' : 'site');
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
    }
    wait();
  }

  function wait() {
    clearTimeout(due);
    if (!store.site.source.counting) { pause = FIRST_MS; return; }
    due = setTimeout(look, pause);
    pause = Math.min(pause * 1.5, MOST_MS);
  }

  store.on('site', wait);
  wait();
}
