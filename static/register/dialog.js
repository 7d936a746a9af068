// The sheet of locations: choose or drop a file, see what was understood of it, correct that, use it. Until it is used the
// sheet in force stays; a question under way keeps its own.

import { Failure, api } from '../api.js';
import { name, put, say } from '../dom.js';
import { count, plural } from '../words.js';
import { showPreview } from './preview.js';

const FROM = { upload: 'given here', settings: 'named by the settings', sample: 'of the sample city' };
let made = null;

/** The dialog, made once. */
export function sheetDialog(root, store) {
  made ??= new SheetDialog(root, store);
  return made;
}

class SheetDialog {
  #root;
  #store;
  #part = {};
  #preview = null;
  #chosen = {};
  #latest = 0;

  constructor(root, store) {
    this.#root = root;
    this.#store = store;
    for (const node of root.querySelectorAll('[data-part]')) this.#part[node.dataset.part] = node;
    const { file, sheet, use, cancel, shut, again, back } = this.#part;
    file.onchange = () => { this.#give(file.files[0]); file.value = ''; };
    sheet.onchange = () => { this.#chosen = {}; this.#choose(); };
    use.onclick = () => this.#use();
    again.onclick = () => this.#look('the sheet in force', () => api.previewSheet(null));
    back.onclick = () => this.#end(`Going back to ${this.#store.site.register.given}…`, () => api.putSheetBack());
    cancel.onclick = shut.onclick = () => root.close();
    root.ondragover = (event) => { event.preventDefault(); root.classList.add('is-over'); };
    root.ondragleave = (event) => { if (!root.contains(event.relatedTarget)) root.classList.remove('is-over'); };
    root.ondrop = (event) => { event.preventDefault(); root.classList.remove('is-over'); this.#give(event.dataTransfer.files[0]); };
    store.on('site', () => this.#inForce());
  }

  open() {
    this.#latest += 1;
    this.#preview = null;
    this.#chosen = {};
    this.#part.preview.hidden = true;
    this.#part.use.disabled = true;
    this.#busy('');
    this.#fault(null);
    this.#inForce();
    this.#root.showModal();
  }

  #inForce() {
    const { facts, again, csv, back } = this.#part;
    const brief = this.#store.site?.register;
    if (brief) put(facts, 'In force: ', name(brief.name, 60), `, ${FROM[brief.origin] ?? ''}: ${count(brief.placed)} of ${plural(brief.rows, 'row')} on the map.`);
    else say(facts, 'No sheet yet: pictures have no place, and the map stays empty.');
    again.hidden = !brief?.version;
    csv.hidden = !brief?.problems;
    back.hidden = !(brief?.origin === 'upload' && brief.given);
    say(back, back.hidden ? '' : `Use ${brief.given} of the settings again`);
  }

  #give(file) {
    if (!file) return;
    const most = Number(this.#root.dataset.mostBytes);
    if (file.size > most) this.#fault({ message: `${file.name} is larger than ${most / 1e6} MB.`, hint: 'Split it, or leave out what is not about cameras.' });
    else this.#look(file.name, () => api.previewSheet(file));
  }

  #look(title, ask) {
    this.#chosen = {};
    this.#read(`Reading ${title}…`, ask, true);
  }

  /** What a person says of one column holds with what was said before of others. */
  #choose(field, heading) {
    if (field) this.#chosen[field] = heading;
    const { upload_id: upload, sheets } = this.#preview;
    const sheet = sheets.length > 1 ? this.#part.sheet.value : null;
    this.#read('Reading it again…', () => api.chooseColumns(upload, { columns: this.#chosen, sheet }));
  }

  /** Only the latest answer counts: a slower one before it is out of date. */
  async #read(words, ask, afresh = false) {
    this.#latest += 1;
    const mine = this.#latest;
    this.#busy(words);
    this.#fault(null);
    this.#part.use.disabled = true;
    this.#part.use.title = '';
    const found = await this.#asked(ask, () => mine === this.#latest);
    if (mine !== this.#latest) return;
    if (found) {
      this.#preview = found;
      for (const { field, column, how } of found.headings) if (how === 'chosen' || how === 'position') this.#chosen[field] ??= column;
      put(this.#busy(''), name(found.name, 80), found.sheet ? `, sheet ${found.sheet}` : '', `: ${plural(found.rows, 'row')}.`);
      showPreview(this.#part, found, (field, heading) => this.#choose(field, heading));
    } else {
      this.#busy('');
      // A file that can't be read leaves nothing of the one before it to be taken for it.
      if (afresh) { this.#preview = null; this.#part.preview.hidden = true; }
    }
    this.#ready();
  }

  /** A sheet that names no camera would only take away the one in force. */
  #ready() {
    const { use } = this.#part;
    use.disabled = !this.#preview?.cameras;
    use.title = this.#preview && use.disabled ? 'No camera is known yet: say above which column names them.' : '';
  }

  #use() {
    this.#end('Putting it in force…', () => api.useSheet(this.#preview.upload_id));
  }

  async #end(words, ask) {
    this.#busy(words);
    this.#part.use.disabled = true;
    const done = await this.#asked(ask, () => true);
    this.#busy('');
    if (done) { this.#root.close(); await this.#store.refresh(); } else this.#ready();
  }

  async #asked(ask, counts) {
    try { return await ask(); } catch (error) {
      if (!(error instanceof Failure)) throw error;
      if (counts()) this.#fault(error);
      return null;
    }
  }

  #busy(words) {
    say(this.#part.busy, words);
    return this.#part.busy;
  }

  #fault(error) {
    const { fault, message, hint } = this.#part;
    fault.hidden = !error;
    say(message, error?.message ?? '');
    say(hint, error?.hint ?? '');
  }
}
