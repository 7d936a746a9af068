// The figures of the answer as bars or, by time, as a line: by what was asked, or by something else that is chosen. Each has
// its outcomes in words and a click to its pictures; the chart can be saved. Loaded when it is first shown.

import { Failure, api } from './api.js';
import { h, name, press, put, say, stamp } from './dom.js';
import { LABEL, OUTCOMES, mark } from './outcomes.js';
import { bars, file, line } from './drawing.js';
import { count, figure } from './words.js';
import { csv, save } from './files.js';

const SHOWN = 100;
const BY = { '': 'as asked', district: 'district', location: 'location', camera: 'camera', hour: 'hour', day: 'day' };
const TIMES = ['hour', 'day'];
const GROUPS = ['pictures', 'cameras', 'locations', 'districts', 'hours', 'days'];
const icon = (sign) => h('i', { class: `bi bi-${sign}`, 'aria-hidden': 'true' });

export function chart(root, { store, selection }) {
  const by = h('select', { class: 'form-select form-select-sm', 'aria-label': 'Figures by' }, Object.entries(BY).map(([value, words]) => h('option', { value }, value ? `by ${words}` : words)));
  const shape = h('select', { class: 'form-select form-select-sm', 'aria-label': 'Form of the chart' }, h('option', { value: 'bars' }, 'bars'), h('option', { value: 'line' }, 'line'));
  const tools = h('div', { class: 'chart-tools' }, by, shape,
    press('action', () => keep('svg'), icon('filetype-svg'), ' Save as SVG'), press('action', () => keep('csv'), icon('download'), ' Save as CSV'));
  const title = h('h3');
  const body = h('div');
  let shown = { groups: [], unit: null, by: '' };
  let turn = 0;
  put(root, tools, title, body);

  const words = (group) => OUTCOMES.filter((outcome) => group.counts?.[outcome]).map((outcome) => `${count(group.counts[outcome])} ${LABEL[outcome]}`).join(' · ');
  /** Where nothing was counted, what is told is how many pictures match. */
  const counted = (groups) => groups.some(({ value }) => Number.isFinite(value));
  const points = ({ groups }) => groups.map((group) => ({ label: group.label, value: counted(groups) ? group.value : group.counts?.match ?? null, words: `${group.label}: ${words(group)}`, group }));
  const ordered = (all) => (TIMES.includes(shown.by) ? all.toSorted((a, b) => a.label.localeCompare(b.label)) : all);
  /** What the figures count. A find's own unit are the places that match; its figures are what was seen at each. */
  function unit() {
    const { plan } = store.message ?? {};
    if (!counted(shown.groups)) return 'matching pictures';
    if (!GROUPS.includes(shown.unit)) return shown.unit ?? 'figures';
    return (plan?.kind === 'look' && plan.target) || 'figures';
  }
  const heading = () => `${unit()} by ${shown.by}`;

  function bar({ value, group }, most) {
    const { root: item, part } = stamp('bar');
    put(part.label, mark(group.outcome), name(group.label, 70));
    say(part.value, figure(value));
    part.bar.classList.add(`part-${group.outcome}`);
    part.bar.style.width = `${most > 0 ? Math.max(0, (100 * (value ?? 0)) / most) : 0}%`;
    say(part.words, words(group));
    item.firstElementChild.onclick = () => { selection.show('pictures'); selection.narrow(group.filter ?? {}); };
    return item;
  }

  function colours() {
    const style = getComputedStyle(root);
    return Object.fromEntries(['ink', 'muted', 'rule', 'accent'].map((each) => [each, style.getPropertyValue(`--${each}`).trim()]));
  }

  function paint() {
    const all = ordered(points(shown));
    const most = Math.max(0, ...all.map(({ value }) => value ?? 0));
    shape.hidden = !TIMES.includes(shown.by);
    for (const each of tools.querySelectorAll('.action')) each.hidden = !all.length;
    say(title, all.length ? heading() : '');
    const drawn = !shape.hidden && shape.value === 'line';
    put(body, !all.length ? null : drawn ? h('div', { class: 'chart-line' }, line(all, heading(), colours())) : h('ul', { class: 'chart' }, all.slice(0, SHOWN).map((each) => bar(each, most))),
      (all.length > SHOWN && !drawn) || !all.length ? h('p', { class: 'nothing' }, all.length ? `The first ${SHOWN} of ${count(all.length)}.`
        : by.value ? 'Nothing that was seen belongs to one of these.' : 'This answer has no groups to compare. Choose by what, above.') : null);
  }

  async function draw() {
    if (root.hidden) return;
    const { message } = store;
    const mine = ++turn;
    tools.hidden = !message?.answer;
    const asked = message?.answer?.groups ?? [];
    if (!by.value || !message?.answer) {
      shown = { groups: asked, unit: message?.answer?.unit, by: asked[0]?.kind ?? '' };
      paint();
      return;
    }
    try {
      const found = await api.groups(message.id, by.value);
      if (mine !== turn) return;
      shown = { ...found, by: by.value };
      paint();
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      put(body, h('p', { class: 'nothing' }, `${error.message} ${error.hint}`));
    }
  }

  function keep(form) {
    const all = ordered(points(shown));
    if (form === 'csv') {
      save('sightline-chart.csv', 'text/csv', csv([[shown.by, 'value', 'unit', ...OUTCOMES], ...all.map(({ label, value, group }) => [label, value, unit(), ...OUTCOMES.map((each) => group.counts?.[each] ?? 0)])]));
    } else save('sightline-chart.svg', 'image/svg+xml', file((!shape.hidden && shape.value === 'line' ? line : bars)(all.slice(0, 400), heading()), `${store.message.text}`));
  }

  by.onchange = () => { shape.value = TIMES.includes(by.value) ? 'line' : 'bars'; draw(); };
  shape.onchange = paint;
  draw();
  selection.on('tab', draw);
  store.on('selected', draw);
  store.on('message', (message) => { if (message.id === store.selected) draw(); });
  addEventListener('sightline:paint', () => setTimeout(paint));
}
