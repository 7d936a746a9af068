// The results: tabs, the filter by outcome that they share, and which of them is shown.

import { name, press, put, say } from './dom.js';
import { LABEL } from './outcomes.js';
import { count } from './words.js';

const VIEWS = { map: 'map', images: 'pictures', table: 'table', coordinates: 'coordinates', export: 'table', chart: 'chart' };

export function results(root, { store, selection }) {
  const tabs = [...root.querySelectorAll('[role="tab"]')];
  const [filters, narrowed] = ['.filters', '.narrowed'].map((part) => root.querySelector(part));
  let obeyed = null;
  let begun = false;

  /** Where no camera has a place the map has nothing to say: the pictures stand first, and no answer leads to it. */
  function site() {
    const placed = Boolean(store.site.register?.placed);
    document.body.toggleAttribute('data-unplaced', !placed);
    if (!begun && !placed && selection.tab === 'map' && !selection.wanted?.view) selection.show('pictures', 'answer');
    begun = true;
  }

  function tab() {
    root.dataset.tab = selection.tab;
    for (const each of tabs) {
      const mine = each.dataset.tab === selection.tab;
      each.setAttribute('aria-selected', mine);
      each.tabIndex = mine ? 0 : -1;
    }
    for (const pane of ['table', 'chart', 'coordinates']) root.querySelector(`#${pane}`).hidden = pane !== selection.tab;
  }

  function turn(event) {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    const next = tabs.at((tabs.indexOf(event.target) + by) % tabs.length);
    selection.show(next.dataset.tab);
    next.focus();
  }

  /** The counts of the look that the message rests on, and the view that its answer asks for, once. */
  function show(message) {
    const run = message?.run ?? store.messages.get(message?.of)?.run;
    // What the question's condition makes of the pictures in its scope; while a run goes on, what was seen so far.
    const counts = (message?.run?.state !== 'running' && message?.answer?.counts) || run?.counts;
    root.classList.toggle('is-empty', !message);
    filters.hidden = !run;
    for (const button of filters.children) say(button.querySelector('b'), count(button.dataset.outcome ? counts?.[button.dataset.outcome] : Object.values(counts ?? {}).reduce((sum, each) => sum + each, 0)));
    const view = VIEWS[message?.answer?.view];
    if (!view || obeyed === message.id) return;
    obeyed = message.id;
    if (!selection.wanted?.view) selection.show(view, 'answer');
  }

  function paint() {
    const { outcome = '', ...rest } = selection.filter;
    const others = Object.entries(rest).filter(([, value]) => value);
    for (const button of filters.children) button.setAttribute('aria-pressed', button.dataset.outcome === outcome && !others.length);
    narrowed.hidden = !others.length;
    put(narrowed, others.map(([key, value]) => press('chip', () => selection.narrow(outcome ? { outcome } : {}), `${key}: `, name(value, 60), ' ×')),
      outcome && ` ${LABEL[outcome]} only`);
  }

  for (const each of tabs) Object.assign(each, { onclick: () => selection.show(each.dataset.tab), onkeydown: turn });
  filters.onclick = ({ target }) => {
    const { outcome } = target.closest('button')?.dataset ?? {};
    if (outcome !== undefined) selection.narrow(outcome ? { outcome } : {});
  };
  selection.on('tab', tab);
  selection.on('narrowed', paint);
  store.on('site', site);
  store.on('selected', show);
  store.on('message', (message) => { if (message.id === store.selected) show(message); });
  show(null);
  tab();
}
