// The answer card: one question, from the plan to the next questions. Its parts are stamped once and changed in place,
// so that nothing jumps while figures move.

import { OUTCOMES, mark } from './outcomes.js';
import { count, duration, figure, left, moment, plural, price } from './words.js';
import { h, name, press, put, say, stamp } from './dom.js';

/** Model, pictures, time and price in one line. */
function ledger({ run, model, answer, draft, error, plan }) {
  if (error) return 'Not answered';
  if (draft) return 'Reading the question…';
  if (!run) return answer || plan?.kind !== 'look' ? 'From what was already seen · no picture asked · free' : 'Getting ready…';
  const size = `${count(run.done)} of ${run.listing ? 'at least ' : ''}${plural(run.listed, 'picture')}`;
  const words = {
    running: run.listed ? [size, left(run.eta_s)] : ['Listing the pictures…'],
    finished: [plural(run.done, 'picture'), run.reused ? `${count(run.reused)} known from before` : '', duration(run.elapsed_s)],
    stopped: [`stopped after ${size}`], failed: [`ended early, after ${size}`],
  }[run.state];
  return [model?.name, ...words, price(run.cost_usd)].filter(Boolean).join(' · ');
}

/** The headline of a run under way: one sentence of which only the figures change. */
function soFar({ run }) {
  if (!run) return '';
  const { match, unsure, unreadable } = run.counts;
  return `${count(match)} of ${count(run.done - unreadable)} readable pictures match so far (${count(unsure)} unsure, ${count(unreadable)} unreadable).`;
}

/** The figures worth a tile: those of places, where they say more than the pictures' own counts above them. */
function tiles({ run, answer }) {
  const figures = answer?.figures ?? [];
  const repeated = run && figures.every(({ value, filter }) => !filter?.outcome || run.counts[filter.outcome] === value);
  return figures.filter(({ value, filter }) => !filter?.outcome || (!repeated && (value || filter.outcome === 'match')));
}

function tile({ label, value, of, unit, filter = {} }, narrow) {
  const { root, part } = stamp('figure');
  say(part.value, figure(value));
  put(part.label, filter.outcome ? mark(filter.outcome) : null, name(label, 60));
  say(part.of, [Number.isFinite(of) ? `of ${figure(of)}` : '', unit === label ? '' : unit ?? ''].join(' ').trim());
  root.onclick = () => narrow(filter);
  return root;
}

const said = (lines) => lines.filter(Boolean).map((line) => h('li', { dir: 'auto' }, line));

export function card(first, act) {
  let message = first;
  const shown = {};
  const { root, part } = stamp('card');
  const tallies = [...part.tally.children];
  const narrow = (filter) => act.narrow(message, filter);

  root.addEventListener('click', ({ target }) => {
    const { tab, outcome } = target.closest('button')?.dataset ?? {};
    if (tab) act.show(message, tab);
    else if (outcome) narrow({ outcome });
    else if (part.answer.contains(target)) act.choose(message);
  });
  part.stop.onclick = () => act.steer(message, 'stop');
  part.resume.onclick = () => act.steer(message, 'resume');
  part.again.onclick = () => act.again(message);
  part.offer.onclick = () => act.accept(message);
  part.look.onclick = () => act.look(message);
  say(part.question, message.text);
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
    part.answer.setAttribute('aria-busy', running);
    say(part.ledger, ledger(message));
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
    part.resume.hidden = !['stopped', 'failed'].includes(run?.state);
  }

  function answer() {
    const { run } = message;
    // A run that goes on makes the answer of its first part stale; it comes anew at the end.
    const it = run?.state === 'running' ? null : message.answer;
    put(part.figures, tiles({ run, answer: it }).slice(0, 5).map((each) => tile(each, narrow)));
    put(part.findings, said(it?.findings ?? []));
    put(part.followups, (it?.followups ?? []).map(({ text }) => press('followup', () => act.ask(text), name(text, 200))));
    part.actions.hidden = !(it || run);
    part.chart.hidden = !it?.groups?.length;
    part.look.hidden = !it || !run;
  }

  function around() {
    const { chips = [], notes = [], model, plan, run } = message;
    put(part.chips, chips.map(({ kind, label }) => h('li', {}, h('button', {
      type: 'button', class: `chip chip-${kind}`, title: 'Change this part of the question', onclick: () => act.edit(message.text, label),
    }, name(label, 60)))));
    const without = [model?.leaves_out].flat().filter(Boolean).join(', ').replace(/\.$/, '');
    put(part.notes, said([...notes, without && `Left out: ${without}.`]));
    const rows = { 'Asked of each picture': plan?.ask, Model: model && `${model.name} ${model.version ?? ''}`, 'Why this model': model?.why, 'Calls made': run && count(run.calls) };
    put(part.details, Object.entries(rows).filter(([, value]) => value).map(([term, value]) => [h('dt', {}, term), h('dd', { dir: 'auto' }, value)]));
    part.details.parentNode.hidden = !part.details.firstChild;
  }

  function fill() {
    const { answer: it, run, error, trouble } = message;
    const fault = error ?? trouble ?? (run?.error && { message: run.error });
    progress();
    when('answer', [it, run?.state], answer);
    when('around', [message.chips, message.notes, message.model, run?.calls], around);
    part.fault.hidden = !fault;
    // A stand-in is never taken silently: it is offered here, and taken by this button only.
    part.offer.hidden = !error?.offer;
    part.fault.classList.toggle('is-offer', Boolean(error?.offer));
    part.again.hidden = Boolean(trouble ?? error?.offer);
    say(part.fault_message, fault?.message ?? '');
    say(part.fault_hint, fault?.hint ?? '');
  }

  fill();
  return {
    root,
    update(next) { message = next; fill(); },
    select(on) { root.classList.toggle('is-selected', on); root.setAttribute('aria-current', on); },
  };
}
