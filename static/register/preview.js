// What was understood of a sheet, to be corrected before it is used: figures, columns, problems, the first rows.

import { h, name, put, say } from '../dom.js';
import { count, plural } from '../words.js';
import { drawPoints } from './points.js';
import { FIELDS, HOW, PROBLEMS } from './words.js';

const ROWS_SHOWN = 20;

function figure(part, { placed, cameras, rows, cameras_matching_pictures: match, remembered }) {
  say(part.figure, `${count(placed)} of ${plural(cameras, 'camera')} on the map`);
  const more = rows - cameras;
  say(part.matching, [more ? `${plural(more, 'row is', 'rows are')} no further camera.` : '',
    !match.of_pictures || !cameras ? '' : match.pictures ? `${count(match.pictures)} of ${plural(match.of_pictures, 'picture')} looked through belong to ${plural(match.cameras, 'camera')} of it.`
      : `None of ${plural(match.of_pictures, 'picture')} looked through is of a camera of it: the camera’s name must stand in the picture’s name or folder.`].join(' ').trim());
  say(part.memory, remembered ? 'The columns are as they were chosen for a sheet with the same headings.' : '');
}

function columns(part, { columns: headings, headings: found }, choose) {
  const options = [...new Set(headings)];
  put(part.columns, Object.entries(FIELDS).map(([field, label]) => {
    const mine = found.find((each) => each.field === field);
    const select = h('select', { class: 'form-select form-select-sm', name: field, 'aria-describedby': `how-${field}` },
      h('option', { value: '' }, 'no column'), options.map((each) => h('option', { value: each }, each.length > 60 ? `${each.slice(0, 60)}…` : each)));
    select.value = mine?.column ?? '';
    select.onchange = () => choose(field, select.value);
    return h('div', { class: ['near', 'values'].includes(mine?.how) ? 'column is-doubtful' : 'column' }, h('label', {}, h('span', {}, label), select),
      h('small', { id: `how-${field}` }, mine ? HOW[mine.how] : ''));
  }));
}

function sheets(part, { sheet, sheets: all }) {
  part.sheets.hidden = all.length < 2;
  put(part.sheet, all.map((each) => h('option', { value: each.name }, `${each.name} (${plural(each.rows, 'row')})`)));
  part.sheet.value = sheet;
}

function problem({ row, column, value, message }) {
  return h('li', {}, h('b', {}, row ? `Row ${row}` : 'The sheet', column ? ' · ' : '', column ? name(column, 40) : null), ' ',
    h('span', { dir: 'auto' }, message), value ? h('code', {}, name(value, 80)) : null);
}

function problems(part, { problems: listed, problem_counts: counts }) {
  const total = Object.values(counts).reduce((sum, each) => sum + each, 0);
  say(part.problems_title, total ? `${plural(total, 'thing')} to look at` : 'Nothing to mend');
  put(part.problems, Object.entries(counts).map(([code, number]) => {
    const mine = listed.filter((each) => each.code === code);
    const [title, advice] = PROBLEMS[code] ?? [mine[0]?.message ?? code, ''];
    const shown = mine.slice(0, ROWS_SHOWN);
    return h('details', { class: 'problem-group' }, h('summary', {}, h('b', {}, title), h('span', { class: 'group-size' }, count(number))),
      h('p', {}, advice), h('ul', {}, shown.map(problem)),
      number > shown.length ? h('p', { class: 'muted' }, `${count(number - shown.length)} more. Once the sheet is used, all can be downloaded.`) : null);
  }));
}

function rows(part, { columns: headings, sample, headings: found }) {
  const taken = new Map(found.map((each) => [each.column, FIELDS[each.field].split(':')[0]]));
  const head = h('tr', {}, h('th', { scope: 'col' }, 'Row'), headings.map((each) => h('th', { scope: 'col', class: taken.has(each) ? 'is-taken' : '' },
    name(each, 40), taken.has(each) ? h('small', {}, taken.get(each)) : null)));
  put(part.rows, h('thead', {}, head), h('tbody', {}, sample.map(({ row, cells }) => h('tr', {}, h('th', { scope: 'row' }, count(row)),
    headings.map((_, index) => h('td', {}, name(cells[index] ?? '', 60)))))));
}

/** Shows `preview` in the dialog's parts; `choose(field, heading)` is told what a person corrects. */
export function showPreview(part, preview, choose) {
  const focused = part.columns.contains(document.activeElement) ? document.activeElement.name : null;
  part.preview.hidden = false;
  figure(part, preview);
  sheets(part, preview);
  columns(part, preview, choose);
  problems(part, preview);
  rows(part, preview);
  drawPoints(part.map, preview.points);
  if (focused) part.columns.querySelector(`[name=${focused}]`).focus();
}
