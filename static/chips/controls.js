// The control that fits each part of a question. Each is made with the plan as it is and gives what stands in its place,
// in the words of POST /questions; the sheet around them is chips/sheet.js's business.

import { h, name, press, put, say } from '../dom.js';

const SHOWN = 40;
const LEVELS = [['locations', 'location', ''], ['districts', 'district', 'district'], ['mandals', 'mandal', 'mandal'], ['cameras', 'camera', 'camera']];
const WAYS = [
  ['each', 'location', 'each location'], ['each', 'district', 'each district'], ['each', 'camera', 'each camera'], ['each', 'image', 'each picture'],
  ['each', 'hour', 'each hour'], ['each', 'day', 'each day'], ['most', 'district', 'district with the most'], ['most', 'location', 'location with the most'],
  ['least', 'location', 'location with the least'], ['rank', 'location', 'top 5 locations', 5], ['share', 'location', 'share of locations'],
  ['total', null, 'in total'], ['average', 'location', 'on average by location'], ['none', 'location', 'which locations'], ['none', 'image', 'which pictures'],
];
const OPS = [['>=', 'at least'], ['>', 'more than'], ['<=', 'at most'], ['<', 'fewer than'], ['==', 'exactly'], ['between', 'between']];

const labelled = (words, control) => h('label', { class: 'field' }, h('span', {}, words), control);
const option = (value, words) => h('option', { value }, words);

function what({ target }) {
  const field = h('input', { class: 'form-control', maxlength: 200, required: true });
  field.value = target ?? '';
  return { title: 'What to look for', body: [labelled('In a few words', field)], focus: field, read: () => ({ target: field.value.trim() }) };
}

/** Every name that the register has, with how many cameras stand there. */
function places(cameras) {
  const found = new Map();
  for (const camera of cameras) {
    for (const [level, key] of LEVELS) {
      if (!camera[key]) continue;
      const id = `${level}\n${camera[key]}`;
      found.set(id, { level, name: camera[key], count: (found.get(id)?.count ?? 0) + 1 });
    }
  }
  const rank = ({ level }) => ['districts', 'mandals', 'locations', 'cameras'].indexOf(level);
  return [...found.values()].sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name, 'en'));
}

function where({ scope }, { register }) {
  const all = places(register.cameras);
  const chosen = new Set(LEVELS.flatMap(([level]) => scope[level].map((each) => `${level}\n${each}`)));
  const field = h('input', { type: 'search', class: 'form-control', maxlength: 200, placeholder: 'Find a place', 'aria-label': 'Find a place' });
  const list = h('div', { class: 'place-list', role: 'group', 'aria-label': 'Places' });
  const said = h('p', { class: 'muted', role: 'status' });

  function box(place) {
    const id = `${place.level}\n${place.name}`;
    const tick = h('input', { type: 'checkbox', class: 'form-check-input', onchange: () => { if (tick.checked) chosen.add(id); else chosen.delete(id); tell(); } });
    tick.checked = chosen.has(id);
    const kind = LEVELS.find(([level]) => level === place.level)[2];
    return h('label', {}, tick, name(place.name, 60), kind && h('span', { class: 'muted' }, kind));
  }

  function tell() { say(said, chosen.size ? `${chosen.size} chosen` : 'None chosen: everywhere'); }

  function draw() {
    const words = field.value.trim().toLowerCase();
    const fits = all.filter((each) => (words ? each.name.toLowerCase().includes(words) : each.level !== 'cameras'));
    fits.sort((a, b) => chosen.has(`${b.level}\n${b.name}`) - chosen.has(`${a.level}\n${a.name}`));
    put(list, fits.slice(0, SHOWN).map(box), fits.length > SHOWN && h('p', { class: 'muted' }, `And ${fits.length - SHOWN} more: type a part of the name.`),
      !fits.length && h('p', { class: 'muted' }, all.length ? 'The register has no such place.' : 'There is no register, so there are no places to choose.'));
    tell();
  }

  field.oninput = draw;
  draw();
  return {
    title: 'Where', body: [field, list, said], focus: field,
    read: () => ({ where: Object.fromEntries(LEVELS.map(([level]) => [level, [...chosen].filter((id) => id.startsWith(`${level}\n`)).map((id) => id.slice(level.length + 1))])) }),
  };
}

const clock = (hour) => `${String(Math.floor(hour) % 24).padStart(2, '0')}:${String(Math.round((hour % 1) * 60)).padStart(2, '0')}`;
const hours = (text) => Number(text.slice(0, 2)) + Number(text.slice(3, 5)) / 60;

/** The day `by` days after an ISO date, by the calendar and no clock. */
function shifted(day, by) {
  const date = new Date(`${day}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() + by);
  return date.toISOString().slice(0, 10);
}

function when({ scope }) {
  const field = (type) => h('input', { type, class: 'form-control' });
  const [first, last, from, to] = ['date', 'date', 'time', 'time'].map(field);
  const midnight = scope.to?.slice(11, 16) === '00:00';
  first.value = scope.from?.slice(0, 10) ?? '';
  last.value = scope.to ? shifted(scope.to.slice(0, 10), midnight ? -1 : 0) : '';
  [from.value, to.value] = scope.hours ? scope.hours.map(clock) : ['', ''];
  const clear = press('link', () => { for (const each of [first, last, from, to]) each.value = ''; first.focus(); }, 'Whenever');
  return {
    title: 'When', focus: first,
    body: [h('div', { class: 'pair' }, labelled('From day', first), labelled('To day, included', last)), h('div', { class: 'pair' }, labelled('From hour', from), labelled('To hour', to)), clear],
    wrong: () => (Boolean(from.value) !== Boolean(to.value) ? 'Give both hours, or none.' : ''),
    read: () => ({ when: {
      start: first.value ? `${first.value}T00:00` : null,
      end: last.value ? `${shifted(last.value, 1)}T00:00` : null,
      hours: from.value && to.value ? [hours(from.value), hours(to.value)] : null,
    } }),
  };
}

function group({ aggregate, group_by: by }) {
  const at = WAYS.findIndex(([way, of]) => way === aggregate && of === by);
  const choice = h('select', { class: 'form-select' }, WAYS.map(([, , words], index) => option(index, words)));
  choice.value = Math.max(0, at);
  return {
    title: 'How to group', body: [labelled('Figures', choice)], focus: choice,
    read: () => { const [way, of, , limit = null] = WAYS[choice.value]; return { group: { aggregate: way, group_by: of, limit } }; },
  };
}

function condition({ condition: known }) {
  const op = h('select', { class: 'form-select', 'aria-label': 'Comparison' }, OPS.map(([sign, words]) => option(sign, words)));
  const number = (label) => h('input', { type: 'number', min: 0, max: 1000000, step: 1, class: 'form-control', required: true, 'aria-label': label });
  const [low, high] = [number('Number'), number('Upper number')];
  op.value = known?.op ?? '>=';
  [low.value, high.value] = [known?.value ?? 1].flat().concat(10);
  const turn = () => { high.hidden = high.disabled = op.value !== 'between'; };
  op.onchange = turn;
  turn();
  return {
    title: 'Only those with', body: [h('div', { class: 'pair' }, op, low, high)], focus: op,
    read: () => ({ condition: { op: op.value, value: op.value === 'between' ? [Number(low.value), Number(high.value)] : [Number(low.value)] } }),
  };
}

export const controls = { what, where, when, group, condition };
