// The answer card: one question, from the plan to the next questions. Its parts are stamped once and changed in place,
// so that nothing jumps while figures move. Its words are made in ledger.js.

import { OUTCOMES, mark, spoken } from './outcomes.js';
import { asText, counts, details, ledger, matches, searched, soFar, worthwhile } from './ledger.js';
import { adder, chip } from './chip.js';
import { copy, h, name, press, put, say, stamp } from './dom.js';
import { count, figure, moment } from './words.js';

const LOGGED = 40;
const LOST = 'The server does not answer. Try again when the connection is back.';

function tile({ label, value, of, unit, filter = {} }, narrow) {
  const { root, part } = stamp('figure');
  say(part.value, figure(value));
  put(part.label, counts(filter) ? mark(counts(filter)) : null, name(label, 60));
  say(part.of, [Number.isFinite(of) ? `of ${figure(of)}` : '', unit === label ? '' : unit ?? ''].join(' ').trim());
  root.onclick = () => narrow(filter);
  return root;
}

const said = (lines) => lines.filter(Boolean).map((line) => h('li', { dir: 'auto' }, line));

function asking(kind, onclick, ...words) {
  const button = press(kind, onclick, ...words);
  button.dataset.server = '';
  return button;
}

export function card(first, act) {
  let message = first;
  const shown = {};
  const heard = { run: null, at: 0, timer: null };
  const { root, part } = stamp('card');
  const tallies = [...part.tally.children];
  const narrow = (filter) => act.narrow(message, filter);

  root.addEventListener('click', ({ target }) => {
    const { tab, outcome } = target.closest('button')?.dataset ?? {};
    if (tab) act.show(message, tab);
    else if (outcome) narrow({ outcome });
    else if (part.answer.contains(target) && !target.closest('button, summary')) act.choose(message);
  });
  part.workings.onclick = async () => put(part.statements, part.statements.firstChild ? [] : await act.workings(message));
  const tell = () => part.reported.open && import('./report.js').then(({ report }) => report(part.report, message), () => say(part.report, LOST));
  part.reported.ontoggle = tell;
  part.stop.onclick = () => act.steer(message, 'stop');
  part.resume.onclick = () => act.steer(message, 'resume');
  part.retry.onclick = () => act.anew(message);
  // A run that failed goes on from where it stood: no picture that was seen is asked again.
  part.again.onclick = () => (message.run?.state === 'failed' ? act.steer(message, 'resume') : act.again(message));
  part.offer.onclick = () => act.accept(message);
  part.share.onclick = () => act.share(message);
  part.edit.onclick = () => act.edit(message);
  part.earlier.onclick = () => act.reach(message.instead_of);
  part.copy.onclick = async () => say(part.copied, await copy(asText(message, location.href)) ? 'Copied' : 'This browser does not allow copying');
  for (const [key, rating] of [['good', 1], ['bad', -1]]) part[key].onclick = () => act.rate(message, message.rating === rating ? null : rating);
  part.more.addEventListener('toggle', () => { if (part.more.open) put(part.menu, act.ways(message).map(([words, does]) => asking('menu-item', () => { part.more.open = false; does(); }, words))); });
  part.more.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || !part.more.open) return;
    event.stopPropagation();
    part.more.open = false;
    part.more.firstElementChild.focus();
  });
  // The menu of files is made when it is first opened.
  let files = null;
  part.export.addEventListener('toggle', () => {
    files ??= import('./export.js').then(({ exporting }) => exporting(part.export, () => message), () => { files = null; say(part.export.lastElementChild, LOST); });
  });
  say(part.question, message.text);
  root.setAttribute('aria-label', message.text.slice(0, 200));
  say(part.time, moment(message.asked_at).split(', ').at(-1));
  part.time.title = moment(message.asked_at);

  /** Runs `draw` only when what it shows has changed. */
  function when(key, value, draw) {
    const text = JSON.stringify(value ?? null);
    if (shown[key] === text) return;
    shown[key] = text;
    draw();
  }

  function progress() {
    const { run, error, draft } = message;
    const running = run?.state === 'running';
    root.classList.toggle('is-running', running || Boolean(draft && !error));
    part.answer.classList.toggle('is-waiting', !error && Boolean(draft || (running && !run.done)));
    part.answer.setAttribute('aria-busy', running || Boolean(draft && !error));
    if (heard.run !== run) Object.assign(heard, { run, at: performance.now() });
    clearTimeout(heard.timer);
    // Between two groups of pictures nothing is heard, and the time left goes on running out.
    if (running && root.isConnected) heard.timer = setTimeout(progress, 1000);
    say(part.ledger, ledger(message, (performance.now() - heard.at) / 1000));
    part.badge.hidden = Boolean(error) || Boolean(draft) || !(run || message.answer);
    say(part.badge, run ? 'Full look' : 'From before');
    part.bar.hidden = Boolean(error) || !(run || draft);
    part.tally.hidden = !run;
    OUTCOMES.forEach((outcome, index) => {
      say(tallies[index].querySelector('b'), count(run?.counts[outcome]));
      part[outcome].style.flexGrow = run?.counts[outcome] ?? 0;
    });
    part.left.style.flexGrow = run ? Math.max(run.listed - run.done, 0) : 1;
    say(part.headline, (!running && message.answer?.headline) || (error ? '' : soFar(message)));
    part.headline.hidden = !part.headline.textContent;
    part.stop.hidden = !running;
    part.resume.hidden = part.retry.hidden = !['stopped', 'failed'].includes(run?.state);
  }

  function answer() {
    const { run } = message;
    // A run that goes on makes the answer of its first part stale; it comes anew at the end.
    const it = run?.state === 'running' ? null : message.answer;
    const nothing = it && matches(message) === 0;
    put(part.figures, worthwhile({ run, answer: it }).slice(0, 5).map((each) => tile(each, narrow)));
    // A name that may be several places: each is the question that means it, asked in place of this one.
    const which = message.error?.choices ?? [];
    put(part.findings, said([nothing && searched(message), ...(it?.findings ?? [])]));
    const wider = nothing ? message.chips.filter(({ kind, removable }) => removable && ['where', 'when', 'condition'].includes(kind)) : [];
    put(part.followups, wider.map(({ kind, label }) => asking('followup is-wider', () => act.without(message, kind), 'Ask without ', name(label, 60))),
      which.map(({ label, text }) => asking('followup', () => act.instead(message, text), name(label, 80))),
      (it?.followups ?? []).map(({ text }) => asking('followup', () => act.ask(text), name(text, 200))));
    part.actions.hidden = !(it || run);
    part.chart.hidden = !it;
    part.reported.hidden = !it?.report;
    part.more.hidden = part.rating.hidden = part.export.hidden = part.share.hidden = !it;
    put(part.ready);
    if (it?.view === 'export') import('./export.js').then(({ ready }) => put(part.ready, ready(message)), () => say(part.ready, LOST));
  }

  function around() {
    const { chips = [], notes = [], model } = message;
    put(part.chips, chips.map((each) => chip(each, { change: (from) => act.alter(message, each, from), remove: () => act.without(message, each.kind) })),
      adder(chips, message.plan, (from) => act.alter(message, { kind: 'condition' }, from)));
    const without = [model?.leaves_out].flat().filter(Boolean).join(', ').replace(/\.$/, '');
    put(part.notes, said([...notes, without && `${model.name}: ${without}.`]));
    put(part.details, details(message).map(([term, value]) => [h('dt', {}, term), h('dd', { dir: 'auto' }, value)]));
  }

  function fill() {
    const { answer: it, run, error, trouble, rating } = message;
    const fault = error ?? trouble ?? (run?.error && { message: run.error, hint: 'Going on asks only the pictures that were not seen.' });
    progress();
    when('answer', [it && { ...it, report: 0 }, run?.state, error?.choices], answer);
    when('report', it?.report, tell);
    when('around', [message.chips, message.notes, message.model, run?.calls, run?.state, Boolean(it)], around);
    part.good.setAttribute('aria-pressed', rating === 1);
    part.bad.setAttribute('aria-pressed', rating === -1);
    part.edit.hidden = Boolean(message.draft && !error);
    part.earlier_row.hidden = !message.instead_of;
    part.fault.hidden = !fault;
    // A stand-in is never taken silently: it is offered here, and taken by this button only.
    part.offer.hidden = !error?.offer;
    say(part.offer, error?.offer?.confirm ? error.offer.label : 'Ask for that instead');
    part.fault.classList.toggle('is-offer', Boolean(error?.offer));
    part.again.hidden = Boolean(trouble ?? error?.offer ?? error?.choices);
    const [, first, rest] = /^(.+?[.?!])(?:\s+(.*))?$/s.exec(fault?.message ?? '') ?? [null, fault?.message ?? '', ''];
    say(part.fault_message, first);
    say(part.fault_hint, [rest, fault?.hint].filter(Boolean).join(' '));
  }

  fill();
  return {
    root,
    update(next) { message = next; fill(); },
    select(on) { root.classList.toggle('is-selected', on); root.setAttribute('aria-current', on); },
    /** The words of the question that this one was asked in place of. */
    after(text) { put(part.earlier, text === message.text ? 'The answer before' : ['Earlier: “', name(text, 70), '”']); },
    /** It was asked anew: what remains is a line that leads to it. */
    retire() { root.classList.add('is-earlier'); },
    /** What was seen last, newest first, for who wants to watch. */
    log(rows) {
      part.log_row.hidden = false;
      part.log.prepend(...rows.slice(-LOGGED).reverse().map((row) => h('li', { dir: 'auto' }, mark(row.outcome), ` ${(row.location ?? row.camera ?? row.name).slice(0, 80)} · ${spoken(row.outcome, row.count)}`)));
      while (part.log.children.length > LOGGED) part.log.lastElementChild.remove();
    },
  };
}
