// Where the places of the answer are, as numbers to take along: exactly those of the register, neither rounded nor filled
// up. Loaded when it is first shown.

import { copy, h, name, press, put, say } from './dom.js';
import { csv, save } from './files.js';
import { mark } from './outcomes.js';
import { count, plural } from './words.js';

const STEP = 300;
const icon = (sign) => h('i', { class: `bi bi-${sign}`, 'aria-hidden': 'true' });
const pair = ({ latitude, longitude }) => `${latitude}, ${longitude}`;

export function coordinates(root, { evidence, selection }) {
  const which = h('select', { class: 'form-select form-select-sm', 'aria-label': 'Which places' }, h('option', { value: 'match' }, 'places that match'), h('option', { value: '' }, 'all places'));
  const said = h('span', { class: 'copied', role: 'status' });
  const list = h('ul', { class: 'coordinate-list' });
  const foot = h('div', { class: 'table-foot' });
  const tools = h('div', { class: 'chart-tools' }, which, press('action', () => take(wanted().map(pair).join('\n')), icon('copy'), ' Copy all'),
    press('action', () => save('sightline-coordinates.csv', 'text/csv', csv([['latitude', 'longitude', 'location', 'district', 'camera', 'outcome'],
      ...wanted().map((each) => [each.latitude, each.longitude, each.location, each.district, each.camera, each.outcome])])), icon('download'), ' Save as CSV'), said);
  let limit = STEP;
  put(root, tools, list, foot);

  const placed = ({ latitude, longitude }) => latitude !== null && longitude !== null;
  const fits = ({ outcome }) => !which.value || outcome === which.value;
  const wanted = () => evidence.places.filter((each) => placed(each) && fits(each)).sort((a, b) => (a.location ?? '').localeCompare(b.location ?? '', 'en'));

  async function take(text) {
    say(said, await copy(text) ? `Copied ${plural(text.split('\n').length, 'pair')}` : 'This browser does not allow copying');
  }

  function row(place) {
    const button = press('icon-button', () => take(pair(place)), icon('copy'));
    button.setAttribute('aria-label', `Copy the coordinates of ${(place.location ?? place.camera ?? 'this place').slice(0, 80)}`);
    return h('li', {}, mark(place.outcome), h('span', { class: 'coordinate-place' }, name(place.location ?? place.camera ?? 'no location', 70), h('small', { class: 'muted' }, name(place.district, 60))),
      h('code', {}, pair(place)), button);
  }

  function draw() {
    if (root.hidden) return;
    if (which.value && !evidence.places.some((each) => placed(each) && each.outcome === 'match')) which.value = '';
    const rows = wanted();
    const nowhere = evidence.places.filter((each) => fits(each) && !placed(each)).length;
    say(said, '');
    tools.hidden = !evidence.places.length;
    put(list, rows.slice(0, limit).map(row));
    put(foot, rows.length > limit && press('btn quiet', () => { limit *= 4; draw(); }, `Show more of ${rows.length}`),
      nowhere ? h('p', { class: 'nothing' }, `${count(nowhere)} without coordinates in the register.`) : null,
      !rows.length && !nowhere ? h('p', { class: 'nothing' }, 'The coordinates of an answer’s places are listed here.') : null);
  }

  which.onchange = draw;
  draw();
  evidence.on('places', draw);
  selection.on('tab', draw);
}
