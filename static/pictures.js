// The pictures of the answer as cards, in the order in which they came: what is added goes to the end, nothing jumps.

import { h, name, press, put, say, stamp } from './dom.js';
import { LABEL, mark, spoken } from './outcomes.js';
import { age, moment } from './words.js';
import { framed } from './boxes.js';
import { thumbnail } from './api.js';

const STEP = 90;

function pictureCard(row, choose, open) {
  const { root, part } = stamp('picture');
  const where = row.location || row.camera || row.name;
  put(part.frame, framed(row, thumbnail(row.picture_id)), mark(row.outcome, row.count, 'corner'));
  put(part.place, name(where, 80));
  say(part.time, row.taken_at ? `${moment(row.taken_at)} · ${age(row.taken_at)}` : 'time unknown');
  part.button.dataset.observation = row.observation_id;
  if (row.camera) part.button.dataset.camera = row.camera;
  part.button.setAttribute('aria-label', `${where}: ${spoken(row.outcome, row.count)}, ${moment(row.taken_at)}. Open the picture.`);
  part.button.onfocus = () => choose(row);
  part.button.onclick = () => { choose(row); open(row); };
  return root;
}

export function pictures(root, { evidence, selection, viewer, store }) {
  const [grid, foot] = root.children;
  let drawn = 0;
  let buttons = new Map();

  const choose = (row) => selection.choose({ camera: row.camera, observation: row.observation_id }, 'pictures');
  const open = (row) => viewer.open(evidence.rows.indexOf(row));

  function draw() {
    const rows = evidence.rows.slice(drawn, Math.max(drawn, STEP) + STEP);
    const items = rows.map((row) => pictureCard(row, choose, open));
    items.forEach((item, index) => buttons.set(rows[index].observation_id, { button: item.firstElementChild, camera: rows[index].camera }));
    grid.append(...items);
    drawn += rows.length;
    tail();
    paint();
  }

  function tail() {
    const more = drawn < evidence.rows.length || evidence.next;
    put(foot, more ? press('btn quiet', grow, 'Show more') : drawn || evidence.loading ? null : nothing());
  }

  function grow() {
    if (drawn < evidence.rows.length) draw();
    else evidence.more();
  }

  function nothing() {
    const { message, running } = evidence;
    const { outcome } = selection.filter;
    const all = !Object.values(selection.filter).some(Boolean);
    const words = (text) => h('p', { class: 'nothing' }, text);
    if (!message) return words('Pictures appear here once a question is asked.');
    if (message.error) return null;
    if (message.draft || running) return words(outcome && outcome !== 'match' ? `None ${LABEL[outcome]} so far.` : 'No match so far. Matches appear here as they are found.');
    if (all) return words('No picture stands behind this answer.');
    return put(words(''), 'No picture belongs to this choice. ', press('link', () => selection.narrow({}), 'Show all pictures'));
  }

  function paint() {
    const { observation, camera } = selection;
    for (const [id, each] of buttons) each.button.classList.toggle('is-chosen', observation ? id === observation : Boolean(camera) && each.camera === camera);
  }

  evidence.on('rows', ({ fresh }) => {
    if (fresh) { drawn = 0; buttons = new Map(); put(grid); root.scrollTop = 0; }
    if (evidence.rows.length - drawn < STEP || drawn < STEP) draw();
    else tail();
  });
  evidence.on('trouble', (error) => put(foot, h('div', { class: 'fault', role: 'alert' }, h('p', {}, h('strong', {}, error.message), ` ${error.hint}`),
    press('btn quiet', () => selection.narrow(selection.filter), 'Try again'))));
  selection.on('chosen', ({ camera, from }) => {
    paint();
    if (from === 'pictures' || !camera) return;
    const first = [...buttons.values()].find((each) => each.button.classList.contains('is-chosen'));
    if (first) first.button.scrollIntoView({ block: 'nearest' });
    else if (evidence.message && from !== 'viewer') selection.narrow({ camera });
  });
  store.on('message', () => { if (!drawn) tail(); });
  new IntersectionObserver(([entry]) => { if (entry.isIntersecting && foot.querySelector('.btn.quiet') && !foot.querySelector('.fault')) grow(); },
    { root, rootMargin: '300px' }).observe(foot);
}
