// The pictures and places behind the selected message: fetched in pages, and joined by what is seen while it runs.
// Topics: rows ({fresh: true} a new list, else rows were added at its end), places, scores, trouble.

import { Failure, api } from './api.js';
import { Topics } from './dom.js';

const PLACES_EVERY_MS = 1000;
const LIVE_LIMIT = 600;

export class Evidence extends Topics {
  message = null;
  rows = [];
  places = [];
  next = null;
  /** How many pictures the least score hides, and the lowest and highest score of them all. */
  hidden = 0;
  scores = null;
  loading = false;
  #known = new Set();
  #turn = 0;
  #placesDue = null;
  #placesTurn = 0;
  #fetching = null;
  #pause = PLACES_EVERY_MS;

  constructor(store, selection) {
    super();
    this.store = store;
    this.selection = selection;
    store.on('selected', (message) => this.#begin(message));
    store.on('seen', ({ id, pictures }) => { if (id === this.message?.id) this.#seen(pictures); });
    store.on('message', (message) => { if (message.id === this.message?.id) this.#moved(message); });
    selection.on('narrowed', () => this.#list());
  }

  get running() { return this.message?.run?.state === 'running'; }

  /** What a look shows first: its matches while it runs or when there are any, else everything. */
  static firstFilter(message) {
    const { run, plan } = message ?? {};
    if (!run || plan?.kind !== 'look') return {};
    return run.state === 'running' || run.counts.match > 0 ? { outcome: 'match' } : {};
  }

  fits(row) {
    return Object.entries(this.selection.filter).every(([key, value]) => value === undefined || row[key] === value);
  }

  #sureEnough(row) { return row.score === null || this.selection.least === null || row.score >= this.selection.least; }

  /** The index of one picture's row; fetches on until it is there, or -1. */
  async find(id) {
    const turn = this.#turn;
    for (;;) {
      const index = this.rows.findIndex((row) => row.observation_id === id);
      if (index >= 0 || turn !== this.#turn) return index;
      if (this.#fetching) await this.#fetching;
      else if (this.next) await this.more();
      else return -1;
    }
  }

  async more() {
    if (this.next && !this.loading) await (this.#fetching = this.#page(this.next));
  }

  #begin(message) {
    const same = this.message?.draft && message && this.message.text === message.text;
    this.message = message;
    this.places = same ? this.places : [];
    this.selection.choose({});
    this.emit('places');
    const { filter, least = null } = this.selection.wanted ?? {};
    this.selection.narrow(filter ?? Evidence.firstFilter(message), 'answer', least);
    if (message && !message.draft) this.#fetchPlaces();
  }

  #moved(message) {
    const before = this.message;
    this.message = message;
    const ended = before.run?.state === 'running' && message.run?.state !== 'running';
    const answered = !before.answer && message.answer;
    if (ended || answered) {
      // A long pause that was meant for the run ends with it.
      clearTimeout(this.#placesDue);
      this.#placesDue = null;
      // At once: the map must not show another figure than the headline.
      this.#fetchPlaces();
    }
    if (ended && this.selection.filter.outcome === 'match' && !message.run.counts.match) this.selection.narrow({}, 'answer');
    else if ((answered && !message.run && !this.rows.length) || (ended && this.next)) this.#list();
    else if (ended) this.#settle();
  }

  /** The server's own count once all is seen; where more was seen than was told while it ran, the list begins anew. */
  async #settle() {
    const turn = this.#turn;
    try {
      const page = await api.pictures(this.message.id, { ...this.selection.filter, least: this.selection.least }, null, 1);
      if (turn !== this.#turn) return;
      this.#weighed(page);
      this.emit('scores');
      if (page.total > this.rows.length) this.#list();
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      this.emit('trouble', error);
    }
  }

  #list() {
    this.rows = [];
    this.next = null;
    this.hidden = 0;
    this.scores = null;
    this.#known = new Set();
    this.#turn += 1;
    // Before it is told: a list that is on its way is not an empty one.
    this.loading = Boolean(this.message && !this.message.draft);
    this.emit('rows', { fresh: true });
    this.#fetching = this.message && !this.message.draft ? this.#page(null) : null;
  }

  async #page(after) {
    const turn = this.#turn;
    this.loading = true;
    try {
      const page = await api.pictures(this.message.id, { ...this.selection.filter, least: this.selection.least }, after);
      if (turn !== this.#turn) return;
      this.next = page.next;
      this.#weighed(page);
      this.loading = false;
      this.#add(page.pictures);
      this.emit('scores');
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      if (turn === this.#turn) this.emit('trouble', error);
    } finally {
      if (turn === this.#turn) { this.loading = false; this.#fetching = null; }
    }
  }

  #add(rows) {
    const added = rows.filter((row) => !this.#known.has(row.observation_id) && this.fits(row) && this.#sureEnough(row));
    added.forEach((row) => this.#known.add(row.observation_id));
    this.rows.push(...added);
    this.emit('rows', { fresh: false, added });
  }

  #seen(rows) {
    this.#weigh(rows.filter((row) => this.fits(row) && row.score !== null));
    if (this.rows.length < LIVE_LIMIT) this.#add(rows);
    const known = new Set(this.places.map((place) => place.camera));
    const added = rows.filter((row) => row.camera && !known.has(row.camera) && known.add(row.camera));
    this.places.push(...added.map((row) => ({ ...row, value: row.count, pictures: 1 })));
    if (added.length) this.emit('places');
    this.#duePlaces();
  }

  /** What is seen while it runs joins the scores, and is hidden or not like the rest. */
  #weigh(rows) {
    if (!rows.length) return;
    const hidden = this.hidden + rows.filter((row) => !this.#sureEnough(row)).length;
    this.#weighed({ hidden, scores: rows.map((row) => row.score) });
    this.emit('scores');
  }

  /** Both only grow while a list stands: a page that was fetched early and comes late takes nothing back. */
  #weighed({ hidden, scores }) {
    const all = [...(this.scores ?? []), ...(scores ?? [])];
    this.scores = all.length ? [Math.min(...all), Math.max(...all)] : null;
    this.hidden = Math.max(this.hidden, hidden);
  }

  #duePlaces() {
    this.#placesDue ??= setTimeout(() => { this.#placesDue = null; this.#fetchPlaces(); }, this.running ? this.#pause : PLACES_EVERY_MS);
  }

  async #fetchPlaces() {
    const asked = this.message;
    if (!asked || asked.draft) return;
    const began = performance.now();
    this.#placesTurn += 1;
    const turn = this.#placesTurn;
    try {
      const { places } = await api.places(asked.id);
      if (asked.id !== this.message?.id || turn !== this.#placesTurn) return;
      const fetched = new Set(places.map((place) => place.camera));
      const ahead = this.running ? this.places.filter((place) => !fetched.has(place.camera)) : [];
      this.places = [...places, ...ahead];
      // Very many places take long to gather: the run must not wait for the page's curiosity.
      this.#pause = Math.max(PLACES_EVERY_MS, 8 * (performance.now() - began));
      this.emit('places');
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      this.emit('trouble', error);
    }
  }
}
