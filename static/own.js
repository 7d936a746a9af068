// Trying where one's own pictures lie: says what is there, and the line that takes it. Loaded when its fold is opened.

import { Failure, api } from './api.js';
import { copy, name, put, say } from './dom.js';
import { plural } from './words.js';

const PLACES = { folder: '/home/me/pictures', bucket: 'gs://bucket/prefix', sheet: '/home/me/cameras.xlsx' };

/** Makes the form of `fold` work; it tests itself and changes nothing. */
export function own(fold) {
  const form = fold.querySelector('form');
  if (!form || form.onsubmit) return;
  const { kind, where } = form.elements;
  const button = form.querySelector('button');
  const [fault, found, said, line, take] = ['.fault-line', '.own-found', '.own-said', '.own-line', '.own-copy'].map((part) => fold.querySelector(part));

  function tell({ pictures, more, cameras, example, line: setting, left_out: why }) {
    found.hidden = false;
    const some = `${more ? 'At least ' : ''}${plural(pictures, 'picture')}${cameras ? ` of ${plural(cameras, 'camera')}` : ''}`;
    const none = more ? 'No picture was found in two seconds. Name the folder that holds them.' : `There are no pictures that can be read. ${why ?? 'They end in jpg, png, webp or bmp.'}`;
    put(said, pictures ? [some, ', such as ', name(example, 80), '. Put this line into .env beside flask_app.py, without IMAGES_DIR, and start Sightline again:']
      : none);
    say(line, setting);
    line.hidden = take.hidden = !pictures;
    say(take, 'Copy');
  }

  form.onsubmit = async (event) => {
    event.preventDefault();
    if (button.disabled) return;
    button.disabled = true;
    fault.hidden = found.hidden = true;
    say(button, 'Looking…');
    try { tell(await api.tryPictures(kind.value, where.value)); } catch (error) {
      if (!(error instanceof Failure)) throw error;
      fault.hidden = false;
      say(fault, `${error.message} ${error.hint}`.trim());
    }
    button.disabled = false;
    say(button, 'Look');
  };
  kind.onchange = () => { where.placeholder = PLACES[kind.value]; };
  // Until here the browser would have sent the form by itself, and left the page.
  form.querySelector('fieldset').disabled = false;
  take.onclick = async () => say(take, await copy(line.textContent) ? 'Copied' : 'Not copied: mark it and copy');
}
