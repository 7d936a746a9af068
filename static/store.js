// What the page knows: the site, the sessions, the open session's messages. Panes listen to it and never fetch those.
// Topics: site, sessions, opened, message, adopted, selected, seen, failed.

import { Failure, api } from './api.js';
import { Topics } from './dom.js';
import { drafted, onwards } from './messages.js';
import { setZone } from './words.js';
import * as route from './route.js';

export class Store extends Topics {
  site = null;
  sessions = [];
  next = null;
  session = null;
  messages = new Map();
  selected = null;
  #waiting = null;
  #snapshot = 0;
  #drafts = 0;
  #again = null;
  #asking = Promise.resolve();
  #arrived = null;
  #first = new Promise((arrived) => { this.#arrived = arrived; });

  constructor(updates) {
    super();
    this.updates = updates;
    updates.on('event', (event) => this.hear(event));
  }

  /** The whole state from the server, then everything that happens after it. */
  async load() {
    clearTimeout(this.#again);
    const again = Boolean(this.site);
    try { this.site = await api.state(); } catch (error) { this.#failed(error, () => this.load(), true); return; }
    this.sessions = this.site.sessions;
    this.next = this.site.next;
    setZone(this.site.site.timezone);
    this.updates.follow(this.site.last_event_id);
    this.emit('site');
    this.emit('sessions');
    if (again) await this.open({ session: this.session?.id, message: this.selected }, true);
    // Somebody may have asked before this was here: that question is the state now.
    else if (!this.messages.size) await this.open(route.read(), true);
  }

  /** The site anew, without leaving the open session: another register is in force. */
  async refresh() {
    try { this.site = await api.state(); } catch (error) { this.#failed(error, () => this.refresh()); return; }
    this.emit('site');
  }

  /** Goes where the address bar points, after Back or Forward. */
  follow() {
    const { session, message } = route.read();
    if (session && session === this.session?.id && this.messages.has(message)) this.select(message);
    else this.open({ session, message }, true);
  }

  /** Says what went wrong; while the server is only starting, tries again by itself. */
  #failed(error, retry, patient = false) {
    if (!(error instanceof Failure)) throw error;
    this.emit('failed', { error, retry });
    if (patient) this.#again = setTimeout(retry, 2000);
  }

  /** Opens a session and one of its messages (its newest when none is named); without a session, the empty page. */
  async open({ session, message = null }, replace = false) {
    this.#waiting = [];
    try {
      const view = session ? await api.session(session) : { session: null, messages: [], last_event_id: 0 };
      this.session = view.session;
      this.messages = new Map(view.messages.map((each) => [each.id, each]));
      this.#snapshot = view.last_event_id;
      this.selected = this.messages.has(message) ? message : view.messages.at(-1)?.id ?? null;
      route.write({ session: this.session?.id, message: this.selected }, replace);
      this.emit('opened');
      this.emit('selected', this.message);
    } catch (error) {
      this.#failed(error, () => this.open({ session, message }, replace));
    } finally {
      const waited = this.#waiting ?? [];
      this.#waiting = null;
      this.#arrived();
      waited.forEach((event) => this.hear(event));
    }
  }

  /** Who is signed in, with name and role; null while there are no people. */
  get person() { return this.site?.person ?? null; }

  /** Whether this person may ask and change in the open session: no viewer may, and nobody in another's. */
  get mayChange() { return this.person?.role !== 'viewer' && this.session?.mine !== false; }

  get message() { return this.messages.get(this.selected) ?? null; }

  select(id) {
    if (id === this.selected || !this.messages.has(id)) return;
    this.selected = id;
    if (!this.message.draft) route.write({ session: this.session?.id, message: id });
    this.emit('selected', this.message);
  }

  /** The question that is being answered now, if any: sent and not yet understood, or its pictures being looked at. */
  get busy() {
    const busy = ({ draft, error, run }) => (draft ? !error : run?.state === 'running');
    return [...this.messages.values()].findLast(busy) ?? null;
  }

  /** Asks. The card stands at once; what the server makes of the question takes its place when it is known.
   * `how` holds model, again, instead_of, without, change, as the route takes them; its text goes before `text`. */
  async ask(text, how = {}) {
    if (!this.mayChange) return;
    // The session that the address names may still be on its way.
    if (!this.session && route.read().session) await this.#first;
    this.#drafts += 1;
    const draft = drafted(`draft-${this.#drafts}`, this.session?.id ?? null, text, how);
    this.messages.set(draft.id, draft);
    this.emit('message', draft);
    this.select(draft.id);
    this.#asking = this.#asking.then(() => this.#send(draft, { text, ...how }));
    await this.#asking;
  }

  /** One at a time: the second of two quick questions belongs to the session that the first one begins. */
  async #send(draft, question) {
    draft.session_id ??= this.messages.has(draft.id) ? this.session?.id ?? null : null;
    try {
      const reply = await api.ask({ session_id: draft.session_id, ...question });
      this.#session(reply.session);
      this.#adopt(draft, reply.message, reply.session);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      // Only the reply was lost: the stream has told that the question arrived.
      if (!this.messages.has(draft.id)) return;
      draft.error = { code: error.code, message: error.message, hint: error.hint };
      this.emit('message', draft);
    }
  }

  /** Stops or continues a message's run. */
  steer({ id, run: { id: run } }, verb) { return this.mayChange && this.#try(id, async () => ({ run: await api[verb](run) })); }

  rate({ id }, rating) { return this.#try(id, () => api.rate(id, rating)); }

  /** Changes a message by what `work` gives; what goes wrong is said on its card. */
  async #try(id, work) {
    try { this.#change(id, { ...await work(), trouble: null }); } catch (error) {
      if (!(error instanceof Failure)) throw error;
      this.#change(id, { trouble: error });
    }
  }

  hear(event) {
    if (this.#waiting) { this.#waiting.push(event); return; }
    if (event.type === 'resync') { this.load(); return; }
    if (event.type === 'site') { this.refresh(); return; }
    if (event.type === 'session') { this.#session(event.data.session, event.data.deleted); return; }
    if (event.type === 'message') { this.#message(event); return; }
    const { message_id: id, run, pictures } = event.data;
    if (!this.messages.has(id)) return;
    if (run && event.id > this.#snapshot) this.#change(id, { run });
    if (pictures) this.emit('seen', { id, pictures });
  }

  /** Takes a further page of the list in. */
  extend({ sessions, next }) {
    const known = new Set(this.sessions.map((each) => each.id));
    this.sessions = [...this.sessions, ...sessions.filter((each) => !known.has(each.id))];
    this.next = next;
  }

  #session(session, deleted = session.deleted) {
    const isOpen = this.session?.id === session.id;
    const others = this.sessions.filter((each) => each.id !== session.id);
    this.sessions = deleted ? others
      : [...others, session].sort((a, b) => b.updated_at.localeCompare(a.updated_at));
    if (isOpen && !deleted) this.session = session;
    this.emit('sessions', session);
    if (isOpen && deleted) this.open({ session: null });
  }

  #message({ id, data: { message } }) {
    const known = this.messages.has(message.id);
    if (known && id > this.#snapshot) { this.#change(message.id, message); return; }
    if (known) return;
    const open = ({ error }) => !error || error.code === 'unreachable';
    const draft = [...this.messages.values()].find((each) => each.draft && open(each) && each.text === message.text
      && each.instead_of === message.instead_of && (each.session_id ?? message.session_id) === message.session_id);
    const session = this.sessions.find((each) => each.id === message.session_id);
    if (draft && session) this.#adopt(draft, message, session);
    else if (this.session?.id === message.session_id) {
      this.messages.set(message.id, message);
      this.emit('message', message);
    }
  }

  /** The draft becomes the server's message, in its place. The stream and the reply race: the first one does it. */
  #adopt(draft, message, session) {
    if (!this.messages.has(draft.id)) return;
    this.session = session;
    this.messages = new Map([...this.messages].filter(([id]) => id !== message.id)
      .map(([id, each]) => (id === draft.id ? [message.id, message] : [id, each])));
    this.emit('adopted', { from: draft.id, message });
    if (this.selected !== draft.id) return;
    this.selected = message.id;
    route.write({ session: session.id, message: message.id });
    this.emit('selected', message);
  }

  #change(id, changes) {
    const before = this.messages.get(id);
    const message = { ...before, ...changes, run: onwards(before.run, 'run' in changes ? changes.run : before.run) };
    this.messages.set(id, message);
    this.emit('message', message);
  }
}
