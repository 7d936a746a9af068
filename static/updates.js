// What this tab hears from the server: through the shared worker, or by a stream of its own where there is none.

import { Stream } from './stream.js';
import { Topics } from './dom.js';

export class Updates extends Topics {
  #last = 0;
  #port = null;
  #own = null;

  constructor() {
    super();
    if (typeof SharedWorker === 'function') {
      const worker = new SharedWorker(new URL('./stream-worker.js', import.meta.url), { type: 'module' });
      worker.onerror = () => this.#alone();
      this.#port = worker.port;
      this.#port.onmessage = ({ data }) => this.#hear(data);
      addEventListener('pagehide', () => this.#port?.postMessage({ say: 'bye' }));
      addEventListener('pageshow', (event) => { if (event.persisted) location.reload(); });
    }
    document.addEventListener('visibilitychange', () => this.#say({ say: 'visible', visible: !document.hidden }));
    addEventListener('online', () => this.retry());
  }

  /** From here on every event after `after` is emitted once, in order, as `event` with `{id, type, data}`. */
  follow(after) {
    this.#last = after;
    if (this.#port) this.#say({ say: 'follow', after });
    else this.#alone();
  }

  retry() {
    if (this.#own) this.#own.open();
    else this.#say({ say: 'retry' });
  }

  #say(words) { this.#port?.postMessage(words); }

  #alone() {
    this.#port = null;
    this.#own ??= new Stream((told) => this.#hear(told));
    for (const event of this.#own.follow(this.#last)) this.#hear(event);
  }

  #hear(told) {
    if (told.kind === 'line') { this.emit('line', told); return; }
    if (told.type !== 'resync' && told.id <= this.#last) return;
    this.#last = Math.max(this.#last, told.id);
    this.emit('event', told);
  }
}
