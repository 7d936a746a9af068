// The pictures of the answer as cards, in the order in which they came: what is added goes to the end, nothing jumps.

import { h, icon, name, put } from './dom.js';
import { thumbnail } from './api.js';
import { LABEL, mark, sign, spoken } from './outcomes.js';
import { age, moment } from './words.js';
import { overlay } from './boxes.js';

const STEP = 90;

function pictureCard(row, choose, open) {
  const frame = h('span', { class: 'frame' });
  if (row.outcome === 'unreadable') frame.append(h('span', { class: 'no-picture' }, h('span', {}, row.reason || 'This picture can’t be read.')));
  else {
    const image = h('img', { loading: 'lazy', decoding: 'async', alt: '', src: thumbnail(row.picture_id) });
    image.addEventListener('error', () => put(frame, h('span', { class: 'no-picture' }, h('span', {}, 'The picture is no longer there.'))), { once: true });
    frame.append(image, overlay(row));
  }
  const where = row.location || row.camera || row.name;
  const button = h('button', {
    type: 'button', class: 'picture', 'data-observation': row.observation_id,
    'aria-label': `${where}: ${spoken(row.outcome, row.count)}, ${moment(row.taken_at)}. Open the picture.`,
    onclick: () => { choose(row); open(row); }, onfocus: () => choose(row),
  }, frame, mark(row.outcome, row.count, `corner${sign(row.outcome, row.count).length > 2 ? ' mark-wide' : ''}`),
  h('span', { class: 'picture-words' }, h('span', { class: 'picture-place' }, name(where, 80)),
    h('span', { class: 'picture-time' }, row.taken_at ? `${moment(row.taken_at)} · ${age(row.taken_at)}` : LABEL[row.outcome])));
  return h('li', {}, button);
}

export function pictures(root, { evidence, selection, viewer, store }) {
  const grid = h('ul', { class: 'picture-grid', 'aria-label': 'Pictures' });
  const foot = h('div', { class: 'picture-foot' });
  root.append(grid, foot);
  let drawn = 0;
  let buttons = new Map();

  const choose = (row) => selection.choose({ camera: row.camera, observation: row.observation_id }, 'pictures');
  const open = (row) => viewer.open(evidence.rows.indexOf(row));

  function draw(limit) {
    const rows = evidence.rows.slice(drawn, limit);
    for (const row of rows) {
      const item = pictureCard(row, choose, open);
      buttons.set(row.observation_id, { button: item.firstChild, camera: row.camera });
      grid.append(item);
    }
    drawn += rows.length;
    tail();
    paint();
  }

  function tail() {
    const more = drawn < evidence.rows.length || evidence.next;
    put(foot, more ? h('button', { type: 'button', class: 'btn quiet', onclick: grow }, 'Show more') : drawn ? null : nothing());
  }

  function grow() {
    if (drawn < evidence.rows.length) draw(drawn + STEP);
    else evidence.more();
  }

  function nothing() {
    const { message } = evidence;
    if (!message) return h('p', { class: 'nothing' }, 'Pictures appear here once a question is asked.');
    if (evidence.loading) return null;
    const { outcome } = selection.filter;
    if (message.draft || evidence.running) return h('p', { class: 'nothing' }, outcome && outcome !== 'match' ? `None ${LABEL[outcome]} so far.` : 'No match so far. Matches appear here as they are found.');
    if (!message.run && !message.answer) return null;
    return h('p', { class: 'nothing' }, 'No picture belongs to this choice. ', Object.keys(selection.filter).length
      ? h('button', { type: 'button', class: 'link', onclick: () => selection.narrow({}, 'widen') }, 'Show all pictures') : null);
  }

  function paint() {
    for (const [id, { button, camera }] of buttons) {
      const chosen = selection.observation ? id === selection.observation : selection.camera !== null && camera === selection.camera;
      button.classList.toggle('is-chosen', chosen);
    }
  }

  evidence.on('rows', ({ fresh }) => {
    if (fresh) { drawn = 0; buttons = new Map(); put(grid); root.scrollTop = 0; }
    if (drawn < STEP || evidence.running || drawn >= evidence.rows.length - STEP) draw(Math.max(drawn + STEP, STEP));
    else tail();
  });
  evidence.on('trouble', (error) => put(foot, h('div', { class: 'fault', role: 'alert' }, h('p', {}, h('strong', {}, error.message), ' ', error.hint),
    h('button', { type: 'button', class: 'btn btn-sm quiet', onclick: () => selection.narrow(selection.filter, 'again') }, icon('arrow-clockwise'), ' Try again'))));
  selection.on('chosen', ({ camera, from }) => {
    paint();
    if (from === 'pictures' || camera === null) return;
    const first = [...buttons.values()].find((each) => each.camera === camera);
    if (first) first.button.scrollIntoView({ block: 'nearest' });
    else if (evidence.message) selection.narrow({ camera }, 'chosen');
  });
  store.on('message', () => { if (!drawn) tail(); });
  new IntersectionObserver((entries) => { if (entries.some((entry) => entry.isIntersecting) && foot.querySelector('button.btn')) grow(); },
    { root, rootMargin: '300px' }).observe(foot);
}
