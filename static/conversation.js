// The conversation: its cards in order, the empty page before the first one, and the place where one was reading.

import { card } from './card.js';
import { h, icon, name, put } from './dom.js';
import { plural } from './words.js';

export function conversation(root, { store, selection, composer, tell }) {
  const feed = h('div', { class: 'feed', role: 'feed', 'aria-label': 'Questions and answers' });
  const newest = h('button', { type: 'button', class: 'newest', hidden: true, onclick: () => toEnd(true) }, 'Newest ', icon('arrow-down'));
  const scroller = h('div', { class: 'scroller', tabindex: '-1' }, feed);
  root.prepend(scroller, newest);
  const cards = new Map();
  let follows = true;

  const act = {
    ask: (text) => store.ask(text, { model: composer.model }),
    again(message) {
      if (message.draft) { forget(message.id); store.messages.delete(message.id); }
      store.ask(message.text, { model: composer.model });
    },
    askAgain: (message) => store.ask(message.text, { model: composer.model, again: true }),
    edit: (text, word) => composer.edit(text, word),
    choose: (message) => store.select(message.id),
    narrow(message, filter) {
      store.select(message.id);
      selection.narrow(filter, 'figure');
      if (!['map', 'pictures'].includes(selection.tab)) selection.show('pictures');
      tell('results');
    },
    show(message, tab) { store.select(message.id); selection.show(tab); tell('results'); },
    steer: (message, verb) => store.steer(message, verb).catch((error) =>
      cards.get(message.id)?.update({ ...message, error: { message: error.message, hint: error.hint ?? '' } })),
  };

  const atEnd = () => scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 48;
  function toEnd(smooth = false) {
    const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
    scroller.scrollTo({ top: scroller.scrollHeight, behavior: smooth && !calm ? 'smooth' : 'instant' });
  }
  function settle() {
    if (follows) toEnd();
    newest.hidden = follows || !cards.size;
  }
  scroller.addEventListener('scroll', () => { follows = atEnd(); newest.hidden = follows || !cards.size; }, { passive: true });
  new ResizeObserver(settle).observe(feed);
  new ResizeObserver(settle).observe(scroller);

  function forget(id) { cards.get(id)?.root.remove(); cards.delete(id); }

  function show(message) {
    const known = cards.get(message.id);
    if (known) { known.update(message); return; }
    if (!cards.size) put(feed);
    const made = card(message, act);
    cards.set(message.id, made);
    feed.append(made.root);
    if (message.draft) { follows = true; toEnd(); }
  }

  function mark() {
    for (const [id, each] of cards) each.select(id === store.selected && cards.size > 1);
  }

  function all() {
    cards.clear();
    put(feed);
    for (const message of store.messages.values()) show(message);
    if (!cards.size) put(feed, empty());
    follows = true;
    const chosen = store.selected !== [...cards.keys()].at(-1) && cards.get(store.selected);
    if (chosen) { follows = false; chosen.root.scrollIntoView({ block: 'start' }); } else toEnd();
    mark();
  }

  function empty() {
    const { source, register, starters = [], site } = store.site ?? {};
    if (!source) return [];
    const cameras = register ? `${plural(register.rows, 'camera')}` : 'your cameras';
    const size = source.pictures === null ? '' : `${plural(source.pictures, 'picture')} · `;
    return h('div', { class: 'empty' },
      h('p', { class: 'kicker' }, name(site?.name ?? source.label)),
      h('h1', {}, source.sample ? `Ask a sample city with ${cameras}` : `Ask about ${cameras}`),
      source.error ? h('div', { class: 'fault', role: 'alert' }, h('p', {}, h('strong', {}, source.error.message), ' ', source.error.hint))
        : h('p', { class: 'lead' }, `${size}`, name(source.label), '. Every picture ends as a match, no match, unsure or unreadable, and the answer says how many of each.'),
      h('div', { class: 'starters' }, starters.map(({ text }) => h('button', {
        type: 'button', class: 'starter', dir: 'auto', onclick: () => act.ask(text),
      }, text, icon('arrow-right')))),
      h('details', { class: 'own' }, h('summary', {}, source.sample ? 'Use your own pictures' : 'Use other pictures'),
        h('p', {}, 'Put two lines into the file ', h('code', {}, '.env'), ' and start Sightline again:'),
        h('pre', {}, 'IMAGES_DIR=/path/to/your/pictures\nEXCEL_FILE=/path/to/your/cameras.xlsx'),
        h('p', {}, 'The folder is read where it is and nothing in it is changed. The sheet tells where each camera stands; without it everything works but the map.')));
  }

  store.on('opened', all);
  store.on('site', () => { if (!cards.size) all(); });
  store.on('message', show);
  store.on('adopted', ({ from, message }) => {
    const known = cards.get(from);
    if (!known) { show(message); return; }
    const kept = [...cards].filter(([id]) => id !== message.id).map(([id, each]) => (id === from ? [message.id, each] : [id, each]));
    if (cards.get(message.id) && cards.get(message.id) !== known) forget(message.id);
    cards.clear();
    kept.forEach(([id, each]) => cards.set(id, each));
    known.update(message);
  });
  store.on('selected', mark);
  store.on('failed', ({ error, retry }) => {
    cards.clear();
    put(feed, h('div', { class: 'empty' }, h('h1', {}, error.message), h('p', { class: 'lead' }, error.hint), h('div', { class: 'starters' },
      h('button', { type: 'button', class: 'starter', onclick: retry }, 'Try again'),
      h('button', { type: 'button', class: 'starter', onclick: () => store.open({ session: null }) }, 'Start a new session'))));
  });
  return { cards };
}
