// Keeps the address and what is shown the same: the view, which pictures, and the one that is open. What a person does
// can be gone back from; what an answer does by itself replaces what stood there.

import { Evidence } from './evidence.js';
import * as route from './route.js';

export function address(store, selection) {
  const shown = () => route.query({
    view: selection.tab, filter: selection.filter, least: selection.least, picture: selection.opened,
  }, Evidence.firstFilter(store.message));

  function write({ from } = {}) {
    if (from === 'address' || !store.selected || store.message?.draft) return;
    route.refine(shown(), from !== 'person', selection.opened ? history.state : null);
  }

  function opened({ id, from }) {
    if (from === 'address') return;
    if (id) route.refine(shown(), from !== 'person', from === 'person' ? { opened: true } : history.state);
    else if (history.state?.opened) history.back();
    else write({ from: 'step' });
  }

  /** What the address says is done, with no new step in the history. */
  function follow() {
    const at = route.read();
    const there = at.session === (store.session?.id ?? null) && (!at.message || at.message === store.selected);
    selection.wanted = at;
    selection.show(at.view ?? 'map', 'address');
    if (there) {
      const filter = at.filter ?? Evidence.firstFilter(store.message);
      if (route.query({ filter, least: at.least }) !== route.query({ filter: selection.filter, least: selection.least })) {
        selection.narrow(filter, 'address', at.least);
      }
      selection.wanted = null;
    } else store.follow();
    selection.open(at.picture, 'address');
  }

  selection.wanted = route.read();
  if (selection.wanted.view) selection.show(selection.wanted.view, 'address');
  selection.on('tab', write);
  selection.on('narrowed', write);
  selection.on('opened', opened);
  store.on('selected', (message) => {
    if (!message) return;
    const picture = selection.wanted?.picture;
    selection.wanted = null;
    if (picture) selection.open(picture, 'address');
  });
  addEventListener('popstate', follow);
}
