// What left this machine: to whom, when, how much, for which question. Loaded when it is first asked for.

import { Failure, api } from './api.js';
import { h, name, press, put, say } from './dom.js';
import { count, moment, plural } from './words.js';
import { size } from './system.js';

const WAIT_MS = 150;
const dated = new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', day: 'numeric', month: 'short', year: 'numeric' });
const dayName = (day) => dated.format(new Date(day));
const UNTOLD = { hidden: 'A question of somebody else’s', deleted: 'A question that was deleted' };

const clock = (iso) => moment(iso).split(', ').pop();

/** `24 pictures by URL to …`, `24 pictures as bytes, 3 MB, to …`, `Its text to …, to be understood`; then when. */
function what({ way, purpose, number, size_bytes: bytes, to, model, first_at: first, last_at: last }) {
  const where = [' to ', name(to, 80), model ? [' (', name(model, 60), ')'] : []].flat();
  const times = clock(first) === clock(last) ? clock(last) : `${clock(first)} to ${clock(last)}`;
  const when = ` · ${times}`;
  if (way === 'text') return ['Its text', where, `${purpose === 'report' ? ', with its figures, for a report' : ', to be understood'}${number > 1 ? `, ${number} times` : ''}${when}`].flat();
  const weight = way === 'url' ? ' by URL' : ` as bytes, ${bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : size(bytes)},`;
  return [`${plural(number, 'picture')}${weight}`, where, when].flat();
}

/** Shows the sheet. */
export function outgoing(dialog, { store }) {
  const part = {};
  for (const node of dialog.querySelectorAll('[data-part]')) part[node.dataset.part] = node;
  const fault = dialog.querySelector('.fault-line');
  let told = null;
  let turn = 0;
  let due = null;

  function entry(one) {
    const go = () => { dialog.close(); store.open({ session: one.session_id, message: one.message_id }); };
    const question = one.question === null ? h('span', { class: 'muted' }, UNTOLD[one.about]) : name(one.question, 200);
    return h('li', {},
      one.session_id ? press('link', go, question) : question,
      h('p', { class: 'muted' }, what(one)));
  }

  /** The entries that hold all the words, by day. */
  function draw() {
    const words = part.find.value.toLowerCase().split(/\s+/).filter(Boolean);
    const holds = (one) => words.every((word) => `${one.question ?? UNTOLD[one.about]} ${one.to} ${one.model}`.toLowerCase().includes(word));
    const found = told.sent.filter(holds);
    const days = [...new Set(found.map((one) => one.day))];
    const whole = new Map(told.days.map(({ day, number }) => [day, number]));
    put(part.list, days.map((day) => h('section', {},
      h('h3', {}, dayName(day), h('span', { class: 'muted' }, ` · ${count(whole.get(day))} in all`)),
      h('ul', {}, found.filter((one) => one.day === day).map(entry)))));
    const nothing = told.days.length
      ? 'Nothing that left fits these words. Take some away, or choose another day.'
      : 'Nothing has left this machine. With a cloud model set up, every picture and every question that is sent to it is told here.';
    say(part.none, found.length ? '' : nothing);
    part.more.hidden = !told.more;
    for (const node of [part.tools, part.csv]) node.hidden = !told.days.length;
  }

  function choices() {
    const chosen = part.day.value;
    put(part.day, h('option', { value: '' }, 'All days'), told.days.map(({ day, number }) => h('option', { value: day }, `${dayName(day)} · ${number}`)));
    part.day.value = chosen;
    part.csv.href = `/api/v1/outgoing.csv${chosen ? `?day=${chosen}` : ''}`;
  }

  async function read() {
    turn += 1;
    const mine = turn;
    say(part.none, told ? '' : 'Reading the log…');
    try {
      const found = await api.outgoing(part.day.value);
      if (mine !== turn) return;
      told = found;
      fault.hidden = true;
      choices();
      draw();
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      if (mine !== turn) return;
      fault.hidden = false;
      say(fault, `${error.message} ${error.hint}`.trim());
      say(part.none, '');
    }
  }

  part.day.onchange = read;
  part.find.oninput = () => { clearTimeout(due); due = setTimeout(() => told && draw(), WAIT_MS); };
  return () => {
    dialog.showModal();
    read();
  };
}
