// Messages as the page keeps them beside those of the server: one that is only being sent, and a run that goes on.

/** A question that was sent and is not yet understood. */
export function drafted(id, session, text, how) {
  return {
    id, draft: true, session_id: session, text, how, plan: null, chips: [], notes: [], model: null, of: null, run: null, answer: null,
    error: null, asked_at: new Date().toISOString(), instead_of: how.instead_of ?? null, rating: null,
  };
}

/** A run that goes on counts anew from what is stored; until it has, what was found stays on the page. */
export function onwards(before, run) {
  if (!run || run.state !== 'running' || before?.id !== run.id || run.done >= before.done) return run;
  return { ...run, counts: before.counts, done: before.done, listed: Math.max(before.listed, run.listed) };
}
