// The menu of an answer's files, and the download that an answer offers by itself when a file was asked for. A file is
// fetched before it is saved, so that what goes wrong is said here and not in a broken download.

import { Failure, failed } from './api.js';
import { h, press, put, say } from './dom.js';

const FORMS = {
  xlsx: ['file-earmark-spreadsheet', 'Excel workbook', 'answer, pictures and places'],
  csv: ['filetype-csv', 'CSV', 'one line for each picture'],
  html: ['file-earmark-richtext', 'Report', 'one page with map and pictures, opens anywhere'],
  geojson: ['geo', 'GeoJSON', 'places, for a map program'],
  json: ['filetype-json', 'JSON', 'everything, for a program'],
  zip: ['shield-check', 'Evidence', 'all that the answer rests on, to be checked'],
};
// Beyond that many pictures the browser writes the file itself as it comes, since nobody's memory need hold it.
const HELD = 20000;

const icon = (sign) => h('i', { class: `bi bi-${sign}`, 'aria-hidden': 'true' });
const path = (message, form) => `/api/v1/messages/${encodeURIComponent(message.id)}/export.${form}`;

function give(address, name) {
  h('a', { href: address, download: name }).click();
}

/** Fetches a file and saves it under the name that the server gives it. Throws a Failure. */
export async function download(address, pictures = 0) {
  if (pictures > HELD) { give(address, ''); return; }
  const reply = await fetch(address, { cache: 'no-store' }).catch(() => { throw failed(); });
  if (!reply.ok) throw failed((await reply.json().catch(() => ({}))).error);
  const name = /filename="([^"]+)"/.exec(reply.headers.get('Content-Disposition') ?? '')?.[1] ?? 'sightline';
  const held = URL.createObjectURL(await reply.blob().catch(() => { throw failed(); }));
  give(held, name);
  setTimeout(() => URL.revokeObjectURL(held), 60000);
}

/** Saves a file while `line` says how far it is; whether it came. */
export async function saving(line, words, address, pictures) {
  say(line, `Preparing the ${words}…`);
  try { await download(address, pictures); } catch (error) {
    if (!(error instanceof Failure)) throw error;
    say(line, `${error.message} ${error.hint}`.trim());
    return false;
  }
  say(line, '');
  return true;
}

/** A press of Escape, or the focus going elsewhere, closes a menu. */
export function closing(menu) {
  menu.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || !menu.open) return;
    event.stopPropagation();
    menu.open = false;
    menu.firstElementChild.focus();
  });
  addEventListener('pointerdown', ({ target }) => { if (menu.open && !menu.contains(target)) menu.open = false; });
}

/** The menu in `root`, a details with a list and a line; `current` gives the message as it stands. */
export function exporting(root, current) {
  const [, list] = root.children;
  const line = h('p', { class: 'menu-said', role: 'status' });
  const items = Object.entries(FORMS).map(([form, [sign, label, about]]) => {
    const item = press('menu-item', async () => {
      const message = current();
      if (!await saving(line, label, path(message, form), message.run?.done)) return;
      root.open = false;
      root.firstElementChild.focus();
    }, icon(sign), h('span', {}, label, h('small', {}, about)));
    item.dataset.form = form;
    return item;
  });
  put(list, items, line);
  root.addEventListener('toggle', () => say(line, ''));
  closing(root);
}

/** What an answer shows that was asked for as a file: the download itself, one press away. */
export function ready(message) {
  const line = h('span', { class: 'menu-said', role: 'status' });
  const save = press('btn quiet', () => saving(line, FORMS.xlsx[1], path(message, 'xlsx')), icon('download'), ' Save as Excel workbook');
  return [save, line];
}
