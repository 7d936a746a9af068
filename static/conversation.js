// The conversation: its cards in order, the empty page before the first one, and the place where one was reading.

import { card } from './card.js';
import { memory, name, put, say, stamp } from './dom.js';
import { plural } from './words.js';

export function conversation(root, { store, selection, register, composer, tell }) {
  const [scroller, newest] = ['.scroller', '.newest'].map((part) => root.querySelector(part));
  const feed = scroller.firstElementChild;
  const cards = new Map();
  let follows = true;
  let introduced = null;

  const ask = (text, how = {}) => composer.ask(text, { model: composer.model, ...how });
  const anew = (message, how = {}) => ask(message.text, { instead_of: message.id, ...how });

  /** How a question can be put once more: as it is, looking at everything, or by another model that is ready. */
  function ways(message) {
    const others = (store.site?.models ?? []).filter((model) => model.state === 'ready' && model.name !== message.model?.name);
    return [
      ['Change the words', () => composer.edit(message)],
      ['Ask again', () => anew(message)],
      ...(message.run ? [['Look at every picture again', () => anew(message, { again: true })]] : []),
      ...others.map((model) => [`Ask ${model.label}`, () => anew(message, { model: model.name })]),
    ];
  }

  const act = {
    ask,
    anew,
    ways,
    again(message) {
      if (message.draft) { cards.get(message.id).root.remove(); cards.delete(message.id); store.messages.delete(message.id); }
      ask(message.text, message.how ?? { instead_of: message.id });
    },
    accept: (message) => anew(message, message.error.offer.confirm ? { confirmed: true } : { model: message.error.offer.model }),
    without: (message, kind) => composer.ask(message.text, { text: null, instead_of: message.id, without: [kind] }),
    /** Opens the sheet of a chip; what no sheet can change is changed in words. */
    async alter(message, { kind, label }, from) {
      const { editable, open } = await import('./chips/sheet.js').catch(() => ({ editable: () => false }));
      if (!message.plan || !store.mayChange || !editable(kind)) { composer.edit(message, label); return; }
      open(from, kind, message.plan, { register, apply: (change) => composer.ask(message.text, { text: null, instead_of: message.id, change }) });
    },
    instead: (message, text) => ask(text, { instead_of: message.id }),
    workings: (message) => import('./workings.js').then(({ workings }) => workings(message.id), () => ['The server does not answer. Try again when the connection is back.']),
    edit: (message, word) => composer.edit(message, word),
    share: (message) => store.emit('share', message),
    rate: (message, rating) => store.rate(message, rating),
    reach(id) {
      store.select(id);
      cards.get(id)?.root.scrollIntoView({ block: 'center', behavior: calm.matches ? 'auto' : 'smooth' });
    },
    choose: (message) => store.select(message.id),
    narrow(message, filter) {
      store.select(message.id);
      if (!['map', 'pictures'].includes(selection.tab)) selection.show('pictures');
      selection.narrow(filter);
      tell('results');
    },
    show(message, tab) { store.select(message.id); selection.show(tab); tell('results'); },
    steer: (message, verb) => store.steer(message, verb),
  };

  const calm = matchMedia('(prefers-reduced-motion: reduce)');
  const toEnd = (behavior = 'instant') => scroller.scrollTo({ top: scroller.scrollHeight, behavior });
  function settle() {
    if (follows) toEnd();
    newest.hidden = follows || !cards.size;
  }
  scroller.addEventListener('scroll', () => {
    follows = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 48;
    newest.hidden = follows || !cards.size;
  }, { passive: true });
  newest.onclick = () => toEnd(calm.matches ? 'instant' : 'smooth');
  const watch = new ResizeObserver(settle);
  watch.observe(feed);
  watch.observe(scroller);

  function show(message) {
    const known = cards.get(message.id);
    if (known) { known.update(message); return; }
    if (!cards.size) empty();
    feed.setAttribute('role', 'feed');
    feed.setAttribute('aria-label', 'Questions and answers');
    const made = card(message, act);
    cards.set(message.id, made);
    feed.append(made.root);
    replaces(message, made);
    if (message.draft) { follows = true; toEnd(); }
  }

  /** Only a feed of questions is called one. */
  function empty(...children) {
    feed.removeAttribute('role');
    feed.removeAttribute('aria-label');
    put(feed, ...children);
  }

  /** An earlier wording steps back and stays within reach. */
  function replaces({ instead_of: id }, made) {
    if (!id) return;
    made.after(store.messages.get(id)?.text ?? '');
    cards.get(id)?.retire();
  }

  function mark() {
    for (const [id, each] of cards) each.select(id === store.selected && cards.size > 1);
  }

  function all() {
    cards.clear();
    empty();
    store.messages.forEach(show);
    if (!cards.size && store.site) welcome();
    const last = [...cards.keys()].at(-1);
    follows = !cards.size || store.selected === last;
    if (follows) toEnd();
    else cards.get(store.selected)?.root.scrollIntoView({ block: 'start' });
    mark();
  }

  function starter(text, onclick) {
    const made = stamp('starter');
    put(made.part.text, name(text, 200));
    made.root.onclick = onclick;
    return made.root;
  }

  /** What there is to ask about; the number grows while it is counted. */
  function introduce() {
    const { source } = store.site;
    const counted = source.pictures === null ? '' : `${plural(source.pictures, 'picture')}${source.counting ? ' so far' : ''} in `;
    if (source.pictures === 0 && !source.counting) put(introduced, 'There are no pictures in “', name(source.label), source.left_out.length ? `” that can be read. ${source.left_out[0].reason}` : '” yet. Put some there, or name another folder as shown below.');
    else if (source.error) say(introduced, `${source.error.message} ${source.error.hint}`);
    else put(introduced, counted, '“', name(source.label), '”. Every picture ends as a match, no match, unsure or unreadable, and the answer says how many of each.');
    introduced.classList.toggle('fault', Boolean(source.error));
  }

  function welcome() {
    const { source, register, starters, site } = store.site;
    const { root: page, part } = stamp('empty');
    const cameras = register?.cameras ? plural(register.cameras, 'camera') : 'your pictures';
    put(part.site, name(site.name));
    say(part.title, source.sample ? `Ask a sample city with ${cameras}` : `Ask about ${cameras}`);
    introduced = part.intro;
    introduce();
    // Of no pictures nothing can be asked.
    const asks = source.pictures !== 0 || source.counting;
    const hides = memory.get('starters') === 'hidden';
    put(part.starters, hides || !asks ? null : starters.map(({ text }) => starter(text, () => ask(text))));
    say(part.hide, hides ? 'Show questions to begin with' : 'Hide these questions');
    part.hide.hidden = !starters.length || !asks;
    part.hide.onclick = () => { memory.set('starters', hides ? null : 'hidden'); welcome(); };
    // Without pictures nothing can be asked: the way to some is what is offered then.
    part.own.ontoggle = () => import('./own.js').then(({ own }) => own(part.own), () => {});
    part.own.open = source.pictures === 0 || Boolean(source.error);
    empty(page);
  }

  /** In place of the conversation: what went wrong and what can be done about it. */
  function failed({ error, retry }) {
    const { root: page, part } = stamp('empty');
    cards.clear();
    say(part.title, error.message);
    say(part.intro, error.hint);
    part.own.remove();
    part.hide.remove();
    put(part.starters, starter('Try again', retry), store.site && starter('Start a new session', () => store.open({ session: null })));
    empty(page);
  }

  function adopted({ from, message }) {
    const known = cards.get(from);
    if (!known) { show(message); return; }
    cards.get(message.id)?.root.remove();
    const kept = [...cards].filter(([id]) => id !== message.id);
    cards.clear();
    for (const [id, each] of kept) cards.set(id === from ? message.id : id, each);
    known.update(message);
  }

  store.on('opened', all);
  store.on('site', () => { if (!cards.size) all(); });
  store.on('source', () => { if (introduced?.isConnected) (store.site.source.pictures === 0 ? welcome : introduce)(); });
  store.on('message', show);
  store.on('adopted', adopted);
  store.on('selected', mark);
  store.on('seen', ({ id, pictures }) => cards.get(id)?.log(pictures));
  store.on('failed', failed);
}
