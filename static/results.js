// The results: tabs, the filter by outcome that they share, and which of them is shown.

import { h, icon, name, put } from './dom.js';
import { LABEL, OUTCOMES, mark } from './outcomes.js';
import { count } from './words.js';

const TABS = [['map', 'Map', 'geo-alt'], ['pictures', 'Pictures', 'images'], ['table', 'Table', 'table'], ['chart', 'Chart', 'bar-chart']];
const VIEWS = { map: 'map', images: 'pictures', table: 'table', coordinates: 'table', export: 'table', chart: 'chart' };

export function results(root, { store, selection, evidence }) {
  const head = h('div', { class: 'tabs', role: 'tablist', 'aria-label': 'Results' });
  const filters = h('div', { class: 'filters', role: 'group', 'aria-label': 'Which pictures' });
  const narrowed = h('div', { class: 'narrowed', hidden: true });
  const tabs = new Map(TABS.map(([key, label, sign]) => [key, h('button', {
    type: 'button', role: 'tab', id: `tab-${key}`, 'aria-controls': key === 'map' ? 'map pictures' : key, onclick: () => selection.show(key), onkeydown: turn,
  }, icon(sign), ` ${label}`)]));
  head.append(...tabs.values());
  const body = root.querySelector('.results-body');
  root.insertBefore(head, body);
  body.insertBefore(filters, body.querySelector('#pictures'));
  filters.after(narrowed);

  const values = new Map([['', h('span', { class: 'tally-value' })], ...OUTCOMES.map((outcome) => [outcome, h('span', { class: 'tally-value' }, '0')])]);
  const buttons = new Map([...values].map(([outcome, value]) => [outcome, h('button', {
    type: 'button', class: 'filter', onclick: () => selection.narrow(outcome ? { outcome } : {}, 'filter'),
  }, outcome ? mark(outcome, null, 'mark-small') : null, value, ` ${outcome ? LABEL[outcome] : 'all'}`)]));
  filters.append(...OUTCOMES.map((outcome) => buttons.get(outcome)), buttons.get(''));

  function turn(event) {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    const keys = [...tabs.keys()];
    const next = keys[(keys.indexOf(selection.tab) + by + keys.length) % keys.length];
    selection.show(next);
    tabs.get(next).focus();
  }

  function tab() {
    root.dataset.tab = selection.tab;
    for (const [key, button] of tabs) {
      button.setAttribute('aria-selected', String(key === selection.tab));
      button.tabIndex = key === selection.tab ? 0 : -1;
    }
  }

  function counts(message) {
    const basis = message?.run ?? store.messages.get(message?.of)?.run;
    filters.hidden = !basis;
    for (const outcome of OUTCOMES) values.get(outcome).textContent = count(basis?.counts[outcome]);
    values.get('').textContent = count(basis?.done);
  }

  function paint() {
    const { outcome = null, ...rest } = selection.filter;
    const others = Object.entries(rest);
    for (const [key, button] of buttons) button.setAttribute('aria-pressed', String((outcome ?? '') === key && !others.length));
    narrowed.hidden = !others.length;
    put(narrowed, others.map(([key, value]) => h('button', { type: 'button', class: 'chip', title: 'Show all again', onclick: () => selection.narrow(outcome ? { outcome } : {}, 'filter') },
      `${key}: `, name(value, 60), icon('x'))), outcome && others.length ? h('span', { class: 'muted' }, ` only ${LABEL[outcome]}`) : null);
  }

  selection.on('tab', tab);
  selection.on('narrowed', paint);
  store.on('selected', (message) => { counts(message); obey(message); });
  store.on('message', (message) => { if (message.id === store.selected) { counts(message); obey(message); } });
  evidence.on('rows', () => counts(store.message));

  let obeyed = null;
  /** An answer that was asked for in a form is shown in that form, once. */
  function obey(message) {
    const view = VIEWS[message?.answer?.view ?? message?.plan?.view];
    if (!view || message.draft || obeyed === message.id) return;
    obeyed = message.id;
    selection.show(view);
  }
  tab();
}
