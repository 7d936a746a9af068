// The answer card: one question, from the plan to the next questions. Its parts are made once and changed in place, so
// that nothing jumps while figures move.

import { h, icon, name, put, say } from './dom.js';
import { LABEL, OUTCOMES, mark } from './outcomes.js';
import { count, duration, figure, left, moment, plural, price } from './words.js';

const VIEWS = [['map', 'Show on map', 'geo-alt'], ['pictures', 'Pictures', 'images'], ['table', 'Table', 'table'],
  ['chart', 'Chart', 'bar-chart']];

/** What the look has cost so far, in one line: model, pictures, time, price. */
function ledger({ run, model, answer, draft, error, plan, of }) {
  if (error) return 'Not answered';
  if (draft) return 'Reading the question…';
  const who = model ? `${model.name} · ` : '';
  if (!run) {
    if (!answer) return `${who}Working it out…`;
    return of || plan?.kind !== 'look' ? 'From what was already seen · no picture asked again · free' : who;
  }
  const of_ = `${run.listing ? 'at least ' : ''}${count(run.listed)}`;
  const cost = price(run.cost_usd);
  if (run.state === 'running' && run.done === 0) return `${who}${run.listing ? 'Listing pictures…' : `0 of ${of_} pictures`}`;
  if (run.state === 'running') return `${who}${count(run.done)} of ${of_} pictures · ${left(run.eta_s) || duration(run.elapsed_s)} · ${cost}`;
  if (run.state === 'finished') return `${who}${plural(run.done, 'picture')} · ${duration(run.elapsed_s)} · ${cost}`;
  const verb = run.state === 'stopped' ? 'stopped' : 'ended early';
  return `${who}${verb} after ${count(run.done)} of ${of_} pictures · ${cost}`;
}

/** A sentence for the time before there is an answer; built so that only its figures change. */
function soFar({ run, draft, error }) {
  if (error || draft || !run) return '';
  const { match, unsure, unreadable } = run.counts;
  if (run.state === 'failed') return 'The look ended early. What was found stays.';
  return `${count(match)} of ${count(run.done - unreadable)} readable pictures match so far `
    + `(${count(unsure)} unsure, ${count(unreadable)} unreadable).`;
}

function figureTile(each, narrow) {
  const parts = [
    h('span', { class: 'figure-value' }, figure(each.value)),
    each.of !== null && each.of !== undefined ? h('span', { class: 'figure-of' }, `of ${figure(each.of)}`) : null,
    h('span', { class: 'figure-label' }, name([each.label, each.unit].filter(Boolean).join(' · '), 80)),
  ];
  const filter = each.filter ?? {};
  return h('button', { type: 'button', class: 'figure', title: 'Show the pictures behind this figure', onclick: () => narrow(filter) }, parts);
}

export function card(first, act) {
  let message = first;
  const shown = {};
  const changed = (key, value) => {
    const text = JSON.stringify(value ?? null);
    if (shown[key] === text) return false;
    shown[key] = text;
    return true;
  };
  const steer = (verb) => act.steer(message, verb);
  const part = {
    question: h('h2', { class: 'question', dir: 'auto' }, message.text),
    chips: h('ul', { class: 'chips', 'aria-label': 'Understood as' }),
    ledger: h('p', { class: 'ledger' }),
    steer: h('button', { type: 'button', class: 'btn btn-sm steer', hidden: true }),
    bar: h('div', { class: 'bar', 'aria-hidden': 'true' }),
    tally: h('ul', { class: 'tally', 'aria-label': 'Pictures by outcome' }),
    figures: h('div', { class: 'figures' }),
    headline: h('p', { class: 'headline', dir: 'auto' }),
    findings: h('ul', { class: 'findings' }),
    notes: h('ul', { class: 'notes' }),
    fault: h('div', { class: 'fault', role: 'alert', hidden: true }),
    actions: h('div', { class: 'actions' }),
    followups: h('div', { class: 'followups' }),
  };
  const segments = Object.fromEntries([...OUTCOMES, 'left'].map((key) => [key, h('span', { class: `part part-${key}` })]));
  part.bar.append(...Object.values(segments));
  const tallies = Object.fromEntries(OUTCOMES.map((outcome) => {
    const value = h('span', { class: 'tally-value' }, '0');
    part.tally.append(h('li', {}, h('button', { type: 'button', onclick: () => act.narrow(message, { outcome }) },
      mark(outcome, null, 'mark-small'), value, ` ${LABEL[outcome]}`)));
    return [outcome, value];
  }));
  const answer = h('div', { class: 'answer' }, h('div', { class: 'ledger-row' }, part.ledger, part.steer), part.chips, part.bar, part.tally,
    part.headline, part.figures, part.findings, part.notes, part.fault, part.actions);
  const root = h('article', { class: 'card-message', tabindex: '-1' }, h('header', { class: 'asked' }, part.question,
    h('time', { datetime: message.asked_at, title: moment(message.asked_at) }, moment(message.asked_at).split(', ').at(-1))), answer, part.followups);
  answer.addEventListener('click', () => act.choose(message));

  function fill() {
    const { run, answer: said, error, draft } = message;
    const running = run?.state === 'running';
    root.classList.toggle('is-running', running || Boolean(draft && !error));
    answer.classList.toggle('is-waiting', Boolean(draft || (running && !run.done)) && !error);
    answer.setAttribute('aria-busy', String(running));
    say(part.ledger, ledger(message));
    part.bar.hidden = Boolean(error) || (!run && !draft);
    part.tally.hidden = !run;
    for (const outcome of OUTCOMES) {
      say(tallies[outcome], count(run?.counts[outcome]));
      segments[outcome].style.flexGrow = run?.counts[outcome] ?? 0;
    }
    segments.left.style.flexGrow = run ? Math.max(run.listed - run.done, 0) : 1;
    say(part.headline, said?.headline ?? soFar(message));
    part.headline.hidden = !part.headline.textContent;
    const verb = running ? 'stop' : run && ['stopped', 'failed'].includes(run.state) ? 'resume' : null;
    part.steer.hidden = !verb;
    if (changed('verb', verb) && verb) {
      put(part.steer, icon(verb === 'stop' ? 'stop-fill' : 'play-fill'), verb === 'stop' ? ' Stop' : ' Continue');
      part.steer.onclick = (event) => { event.stopPropagation(); steer(verb); };
    }
    if (changed('chips', message.chips)) {
      put(part.chips, (message.chips ?? []).map(({ kind, label }) => h('li', {}, h('button', {
        type: 'button', class: `chip chip-${/^\w+$/.test(kind) ? kind : 'other'}`, title: 'Change this part of the question',
        onclick: () => act.edit(message.text, label),
      }, name(label, 60)))));
    }
    if (changed('answer', said)) fillAnswer(said);
    if (changed('notes', [message.notes, message.model])) {
      const leaves = [message.model?.leaves_out].flat().filter(Boolean).join(', ');
      put(part.notes, [...(message.notes ?? []), leaves && `Left out: ${leaves.replace(/\.$/, '')}.`].filter(Boolean)
        .map((note) => h('li', { dir: 'auto' }, note)));
    }
    if (changed('fault', [error, run?.error])) fillFault(error ?? (run?.error && { message: run.error, hint: '' }));
    if (changed('actions', [Boolean(said), Boolean(run), Boolean(said?.groups?.length), draft])) fillActions();
  }

  function fillAnswer(said) {
    const narrow = (filter) => act.narrow(message, filter);
    put(part.figures, (said?.figures ?? []).slice(0, 4).map((each) => figureTile(each, narrow)));
    put(part.findings, (said?.findings ?? []).map((finding) => h('li', { dir: 'auto' }, finding)));
    put(part.followups, (said?.followups ?? []).map(({ text }) =>
      h('button', { type: 'button', class: 'followup', dir: 'auto', onclick: () => act.ask(text) }, text)));
  }

  function fillFault(fault) {
    part.fault.hidden = !fault;
    if (!fault) return;
    put(part.fault, h('p', {}, h('strong', {}, fault.message), ' ', fault.hint),
      h('button', { type: 'button', class: 'btn btn-sm quiet', onclick: () => act.again(message) }, 'Try again'));
  }

  function fillActions() {
    const ready = message.answer || message.run;
    const views = VIEWS.filter(([tab]) => tab !== 'chart' || message.answer?.groups?.length);
    put(part.actions, ready && [...views.map(([tab, label, sign]) => h('button', {
      type: 'button', class: 'action', onclick: () => act.show(message, tab),
    }, icon(sign), ` ${label}`)), message.answer && h('button', {
      type: 'button', class: 'action', title: 'Look at every picture again, also those already seen',
      onclick: () => act.askAgain(message),
    }, icon('arrow-repeat'), ' Look again'), details()]);
  }

  function details() {
    const { model, run, plan } = message;
    const rows = [['Asked of each picture', plan?.ask], ['Model', model && `${model.name} ${model.version ?? ''}`], ['Why this model', model?.why],
      ['Calls made', run && count(run.calls)], ['Known from before', run && plural(run.reused, 'picture')]].filter(([, value]) => value);
    if (!rows.length) return null;
    return h('details', { class: 'details' }, h('summary', { class: 'action' }, 'Details'),
      h('dl', {}, rows.map(([term, value]) => [h('dt', {}, term), h('dd', { dir: 'auto' }, value)])));
  }

  fill();
  return {
    root,
    get message() { return message; },
    update(next) { message = next; fill(); },
    select(on) { root.classList.toggle('is-selected', on); root.setAttribute('aria-current', String(on)); },
  };
}
