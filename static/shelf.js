// Which sessions the pane lists: all of them, those with certain words, or those in the bin; a page at a time.
// Topic: changed.

import { Failure, api } from './api.js';
import { Topics } from './dom.js';

export class Shelf extends Topics {
  words = '';
  binned = false;
  loading = false;
  failed = null;
  #found = [];
  #next = null;
  #turn = 0;

  constructor(store) {
    super();
    this.store = store;
    store.on('sessions', (session) => this.#hear(session));
    store.on('opened', () => this.emit('changed'));
  }

  get isAll() { return !this.words && !this.binned; }
  get sessions() { return this.isAll ? this.store.sessions : this.#found; }
  get next() { return this.isAll ? this.store.next : this.#next; }

  /** Lists others: those in whose title, questions or answers all of `words` occur, or those in the bin. */
  async show({ words = '', binned = this.binned }) {
    if (binned !== this.binned) this.#found = [];
    this.words = words.trim();
    this.binned = binned;
    this.failed = null;
    this.#turn += 1;
    this.loading = false;
    if (this.isAll) this.emit('changed');
    else await this.#fetch(null);
  }

  async more() { if (this.next && !this.loading) await this.#fetch(this.next); }

  async #fetch(after) {
    this.#turn += 1;
    const turn = this.#turn;
    this.loading = true;
    const page = await api.sessions({ q: this.words, bin: this.binned || null, after }).catch((error) => error);
    if (turn !== this.#turn) return;
    this.loading = false;
    if (page instanceof Error && !(page instanceof Failure)) throw page;
    this.failed = page instanceof Failure ? page : null;
    if (!this.failed) this.#take(page, after);
    this.emit('changed');
  }

  #take(page, after) {
    if (this.isAll) { this.store.extend(page); return; }
    const known = new Set(after ? this.#found.map((each) => each.id) : []);
    this.#found = [...(after ? this.#found : []), ...page.sessions.filter((each) => !known.has(each.id))];
    this.#next = page.next;
  }

  /** One session has changed, here or in another tab; without one, all may have. */
  #hear(session) {
    if (!this.isAll && !session) { this.#fetch(null); return; }
    if (!this.isAll) {
      const known = this.#found.find((each) => each.id === session.id);
      const belongs = this.binned ? session.deleted && !session.for_good : known && !session.deleted;
      if (!belongs) this.#found = this.#found.filter((each) => each !== known);
      else if (known) this.#found = this.#found.map((each) => (each === known ? { ...known, ...session } : each));
      else this.#found = [session, ...this.#found];
    }
    this.emit('changed');
  }
}
