// The report of an answer, loaded when it is first opened: text as it is stored, the districts as code counts them, and
// one quiet line on who wrote it.

import { h, name, put } from './dom.js';
import { count, price } from './words.js';

const paragraph = (text, kind) => text && h('p', { dir: 'auto', class: kind }, text);
const share = ({ label, match, readable }) => [h('dt', {}, name(label, 80)), h('dd', {}, `${count(match)} of ${count(readable)} readable ${readable === 1 ? 'picture matches' : 'pictures match'}`)];

/** Shown anew whenever it is written anew, and nothing of its card moves. */
export function report(root, { answer }) {
  if (!answer?.report) return;
  const { introduction, findings, conclusion, districts, note, cost_usd: usd } = answer.report;
  put(root, paragraph(introduction),
    h('ul', { class: 'findings' }, findings.map((text) => h('li', { dir: 'auto' }, text))),
    paragraph(conclusion),
    districts.length > 0 && h('dl', { 'aria-label': 'Pictures by district' }, districts.map(share)),
    paragraph(`${note}${usd ? ` It cost ${price(usd)}.` : ''}`, 'report-note'));
}
