// What a card says in words: the line under the question, the headline while it runs, the details, and all of it as text
// to be taken along. Nothing here touches the page.

import { count, duration, figure, left, moment, plural, price } from './words.js';

/** Model, pictures, time and price in one line, `since` seconds after the run was last heard of. */
export function ledger({ run, model, answer, draft, error, plan }, since = 0) {
  if (error) return 'Not answered';
  if (draft) return 'Reading the question…';
  if (!run) return answer || plan?.kind !== 'look' ? 'From what was seen before · no picture asked · free' : 'Getting ready…';
  const size = `${count(run.done)} of ${run.listing ? 'at least ' : ''}${plural(run.listed, 'picture')}`;
  // Whoever stops may have stopped the listing too: how many there are is not known then.
  const known = `${count(run.done)} of ${count(run.listed)} listed ${run.listed === 1 ? 'picture' : 'pictures'}`;
  const words = {
    running: run.listed ? [size, plural(run.counts.match, 'match', 'matches'), left(run.eta_s, since)] : ['Listing the pictures…'],
    finished: [plural(run.done, 'picture'), run.reused ? `${count(run.reused)} known from before` : '', duration(run.elapsed_s)],
    stopped: [`stopped after ${known}`], failed: [`ended early, after ${known}`],
  }[run.state];
  return [model?.name, ...words, spent(run, model)].filter(Boolean).join(' · ');
}

/** The money so far, beside what was expected while it goes. */
function spent({ cost_usd: usd, state }, model) {
  const expected = model?.estimate?.cost_usd;
  if (!expected) return price(usd);
  return state === 'running' ? `$${usd.toFixed(2)} of about ${price(expected)}` : usd ? price(usd) : 'no money spent';
}

const estimated = ({ calls, more, tokens_in: put, tokens_out: got, cost_usd: usd, seconds }) => `${more ? 'at least ' : ''}${plural(calls, 'call')}, ${count(put + got)} tokens, ${price(usd)}, ${duration(seconds)}`;

/** The headline of a run under way: one sentence of which only the figures change. */
export function soFar({ run }) {
  if (!run) return '';
  if (!run.done) return 'No picture has been looked at yet.';
  const { match, unsure, unreadable } = run.counts;
  return `${count(match)} of ${count(run.done - unreadable)} readable pictures match so far (${count(unsure)} unsure, ${count(unreadable)} unreadable).`;
}

/** Which outcome a figure counts: that of places, or of pictures. */
export const counts = (filter) => filter?.places ?? filter?.outcome;

/** The figures worth a tile: those of places, where they say more than the pictures' own counts above them. */
export function worthwhile({ run, answer }) {
  const figures = answer?.figures ?? [];
  const repeated = run && figures.every(({ value, filter }) => !counts(filter) || run.counts[counts(filter)] === value);
  return figures.filter(({ value, filter }) => !counts(filter) || (!repeated && (value || counts(filter) === 'match')));
}

/** How many pictures or places match; `null` while nobody can say. */
export function matches({ run, answer }) {
  if (!answer || run?.state === 'running') return null;
  return answer.figures.find(({ filter }) => counts(filter) === 'match')?.value ?? run?.counts.match ?? answer.figures[0]?.value ?? 0;
}

/** What was searched, said where nothing was found: as much as the chips tell. */
export function searched({ run, answer, chips }) {
  const pictures = run ? run.done : answer.pictures;
  const where = chips.filter(({ kind }) => ['where', 'when'].includes(kind)).map(({ label }) => label);
  return `Searched: ${[plural(pictures, 'picture'), ...where].join(' · ')}.`;
}

/** Terms and values for the person who wants to know how the answer came about. */
export function details({ plan, model, run, answer }) {
  const rows = {
    'Asked of each picture': plan?.ask,
    Model: model && `${model.name} ${model.version ?? ''}`,
    'Why this model': model?.why,
    Time: run ? duration(run.elapsed_s) : answer && 'none: computed from what is stored',
    Pictures: run ? `${plural(run.done, 'picture')}${run.reused ? `, of which ${count(run.reused)} known from before` : ''}` : answer && plural(answer.pictures, 'picture'),
    Estimate: model?.estimate && estimated(model.estimate),
    Tokens: run?.tokens_in ? count(run.tokens_in + run.tokens_out) : '',
    'Calls made': run ? count(run.calls) : answer && '0',
    Cost: price(run?.cost_usd ?? 0),
  };
  return plan ? Object.entries(rows).filter(([, value]) => value) : [];
}

/** Question and answer as plain text. */
export function asText({ text, asked_at: asked, answer, run, chips, notes }, address) {
  const tally = run && `${count(run.counts.match)} match, ${count(run.counts.no_match)} no match, ${count(run.counts.unsure)} unsure, ${count(run.counts.unreadable)} unreadable.`;
  const figures = (answer?.figures ?? []).map(({ label, value, of }) => `${label}: ${figure(value)}${Number.isFinite(of) ? ` of ${figure(of)}` : ''}`);
  return [text, `${moment(asked)} · ${chips.map(({ label }) => label).join(' · ')}`, '', answer?.headline ?? soFar({ run }), ...(answer?.findings ?? []),
    figures.join(', '), tally, ...notes, '', address].filter((line) => line !== null && line !== undefined).join('\n').replace(/\n{3,}/g, '\n\n').trim();
}
