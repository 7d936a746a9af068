// One EventSource and its reconnecting. It lives in the shared worker, so that all tabs of a browser use one
// connection: over HTTP/1.1 a browser has six for one server, and a stream in every tab would soon hold them all.

const TYPES = ['session', 'message', 'run', 'seen', 'site', 'resync'];
const KEPT = 2000;

export class Stream {
  #source = null;
  #timer = null;
  #attempt = 0;
  #log = [];
  #from = null;
  last = null;

  /** `tell` is handed `{kind: 'event', id, type, data}` and `{kind: 'line', state, retryAt}`. */
  constructor(tell) {
    this.tell = tell;
    this.line = { kind: 'line', state: 'connecting', retryAt: null };
  }

  /** Everything after event `after` reaches the listener: from the log kept here, or by opening the stream there. */
  follow(after) {
    if (this.#from !== null && after >= this.#from) {
      this.last = Math.max(this.last, after);
      return this.#log.filter((event) => event.id > after);
    }
    this.#from = after;
    this.last = after;
    this.#log = [];
    this.open();
    return [];
  }

  open() {
    this.close();
    const source = new EventSource(`/api/updates?after=${this.last ?? 0}`);
    this.#source = source;
    source.onopen = () => { this.#attempt = 0; this.#say('open'); };
    source.onerror = () => this.#lost();
    for (const type of TYPES) source.addEventListener(type, (event) => this.#heard(type, event));
  }

  close() {
    clearTimeout(this.#timer);
    this.#source?.close();
    this.#source = null;
  }

  get isOpen() { return this.#source !== null; }

  #heard(type, { data, lastEventId }) {
    const id = Number(lastEventId) || this.last;
    if (type === 'resync') { this.#log = []; this.#from = id; }
    this.last = Math.max(this.last, id);
    const event = { kind: 'event', id, type, data: JSON.parse(data || '{}') };
    this.#log.push(event);
    if (this.#log.length > KEPT) this.#from = this.#log.shift().id;
    this.tell(event);
  }

  /** The browser's own retry gives up on an HTTP error and tells nobody when it tries next; so it is done here. */
  #lost() {
    this.close();
    const wait = Math.min(15000, 500 * 2 ** this.#attempt) * (0.8 + Math.random() * 0.4);
    this.#attempt += 1;
    this.#say('lost', Date.now() + wait);
    this.#timer = setTimeout(() => this.open(), wait);
  }

  #say(state, retryAt = null) {
    this.line = { kind: 'line', state, retryAt };
    this.tell(this.line);
  }
}
