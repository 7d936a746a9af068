// One session in the list: its title, what it found, and what can be done with it. It outlives redrawing, so that what
// is being typed or focused in it stays.

import { h, name, put, say, stamp } from './dom.js';
import { age, count, plural } from './words.js';

const WEEK_MS = 7 * 86400000;
const marked = ({ text, hit }) => (hit ? h('mark', {}, text) : text);

/** `actions`: open, rename, remove and share, each called with the session. */
export function sessionRow(actions) {
  const { root, part } = stamp('session');
  let session = null;

  function edit(on) {
    part.form.hidden = !on;
    part.link.hidden = on;
    part.tools.hidden = on;
    if (on) { part.field.value = session.title; part.field.focus(); part.field.select(); } else part.link.focus();
  }

  part.link.onclick = (event) => {
    if (event.metaKey || event.ctrlKey) return;
    event.preventDefault();
    actions.open(session);
  };
  root.onkeydown = (event) => {
    if (event.target !== part.link || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === 'F2' && !part.rename.hidden) edit(true);
    else if (event.key === 'Delete' && !part.remove.hidden) actions.remove(session);
    else return;
    event.preventDefault();
  };
  part.rename.onclick = () => edit(true);
  part.remove.onclick = () => actions.remove(session);
  part.share.onclick = () => actions.share(session);
  part.form.onsubmit = (event) => {
    event.preventDefault();
    const title = part.field.value.trim();
    edit(false);
    if (title && title !== session.title) actions.rename(session, title);
  };
  part.form.onkeydown = (event) => { if (event.key === 'Escape') { event.stopPropagation(); edit(false); } };
  part.field.onblur = () => { if (!part.form.hidden && document.hasFocus()) part.form.requestSubmit(); };

  function facts() {
    const words = [plural(session.questions, 'question'), age(session.updated_at)];
    if (session.shared) words.unshift(session.mine === false ? 'shared with you' : 'shared');
    if (session.imported) words.unshift('imported');
    return words.join(' · ');
  }

  /** Shows `session` as it is now; `open` says whether it is the one on the page, `people` whether there are any. */
  function update(latest, { open, people }) {
    session = latest;
    root.dataset.session = session.id;
    root.classList.toggle('is-open', open);
    part.link.href = `/s/${encodeURIComponent(session.id)}`;
    if (open) part.link.setAttribute('aria-current', 'page');
    else part.link.removeAttribute('aria-current');
    put(part.title, name(session.title || 'Untitled', 80));
    part.matched.hidden = !session.matched || session.running;
    say(part.matched, count(session.matched));
    part.matched.title = `${plural(session.matched, 'picture')} match${session.matched === 1 ? 'es' : ''} in its newest look`;
    part.running.hidden = !session.running;
    say(part.facts, facts());
    part.snippet.hidden = !session.snippet;
    put(part.snippet, (session.snippet ?? []).map(marked));
    const own = session.mine !== false;
    part.rename.hidden = !own;
    part.remove.hidden = !own;
    part.share.hidden = !own || !people;
    part.share.setAttribute('aria-pressed', Boolean(session.shared));
    part.share.title = session.shared ? 'Shared: others may look. Click to keep it to yourself' : 'Share: let others look';
  }

  return { root, update, focus: () => part.link.focus() };
}

/** A session in the bin. `actions`: restore and forget. */
export function binnedRow(actions) {
  const { root, part } = stamp('binned');
  let session = null;
  const ask = (on) => {
    part.sure.hidden = !on;
    part.tools.hidden = on;
    (on ? part.no : part.forget).focus();
  };
  part.restore.onclick = () => actions.restore(session);
  part.forget.onclick = () => ask(true);
  part.no.onclick = () => ask(false);
  part.yes.onclick = () => actions.forget(session);
  part.sure.onkeydown = (event) => { if (event.key === 'Escape') { event.stopPropagation(); ask(false); } };

  function update(latest) {
    session = latest;
    root.dataset.session = session.id;
    put(part.title, name(session.title || 'Untitled', 80));
    const days = Math.ceil((WEEK_MS - (Date.now() - new Date(session.deleted_at))) / 86400000);
    say(part.facts, `${plural(session.questions, 'question')} · ${days > 0 ? `kept for ${plural(days, 'day')}` : 'goes today'}`);
  }

  return { root, update, focus: () => part.restore.focus() };
}
