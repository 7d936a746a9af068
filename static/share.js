// Links by which others may look at an answer or a session: made here, shown once, listed, taken back. Loaded when wanted.

import { Failure, api } from './api.js';
import { copy, h, name, press, put, say } from './dom.js';
import { age, plural } from './words.js';

const icon = (sign) => h('i', { class: `bi bi-${sign}`, 'aria-hidden': 'true' });

const HERE = ' Until people may sign in, only this machine is served, so it opens here and nowhere else.';

/** Returns what opens the dialog for a message. */
export function sharing(root, { store }) {
  const said = h('p', { class: 'share-said', role: 'status' });
  const field = h('input', { class: 'form-control', readonly: true, 'aria-label': 'The address of the link' });
  const copied = h('span', { class: 'copied', role: 'status' });
  const made = h('div', { class: 'share-made', hidden: true }, field, press('btn quiet', take, icon('copy'), ' Copy'), copied);
  const ways = ['answer', 'session'].map((value) => h('label', {}, h('input', { type: 'radio', name: 'share', value }), h('span', {})));
  const make = press('btn btn-accent', create, 'Make a link');
  const list = h('ul', { class: 'share-list' });
  const kept = h('section', { 'aria-label': 'Links that lead here' }, h('h3', {}, 'Links that lead here'), list);
  const dialog = h('dialog', { class: 'sheet share', 'aria-labelledby': 'share-title' },
    h('form', { method: 'dialog', class: 'sheet-head' }, h('h2', { id: 'share-title' }, 'Share to look at'),
      h('button', { class: 'icon-button', 'aria-label': 'Close' }, icon('x-lg'))),
    h('p', { class: 'muted' }, 'Whoever has the link can read this and see its pictures, without an account. They can’t ask or change anything, and see nothing that is asked later.'),
    h('fieldset', { class: 'share-what' }, h('legend', { class: 'visually-hidden' }, 'What to share'), ways),
    h('p', { class: 'share-make' }, make), made, said, kept);
  let message = null;
  root.append(dialog);

  const chosen = () => dialog.querySelector('[name="share"]:checked')?.value;

  async function trying(work) {
    try { return await work(); } catch (error) {
      if (!(error instanceof Failure)) throw error;
      say(said, `${error.message} ${error.hint}`.trim());
      return null;
    }
  }

  async function create() {
    say(said, '');
    const reply = await trying(() => api.link(message.session_id, chosen() === 'answer' ? message.id : null));
    if (!reply) return;
    field.value = new URL(reply.address, location.href).href;
    made.hidden = false;
    say(copied, '');
    say(said, `Copy it now: it is shown this once.${store.person ? '' : HERE}`);
    field.focus();
    field.select();
    refresh();
  }

  async function take() { say(copied, await copy(field.value) ? 'Copied' : 'This browser does not allow copying'); }

  function row(link) {
    const { text } = store.messages.get(link.message_id) ?? {};
    const back = press('link danger', async () => {
      if (!await trying(() => api.unlink(message.session_id, link.id))) return;
      made.hidden = true;
      await refresh();
      say(said, 'Taken back. The link leads nowhere now.');
      make.focus();
    }, 'Take back');
    back.setAttribute('aria-label', `Take back the link to ${text ?? 'the session'}`);
    return h('li', {}, h('span', { class: 'share-what-of' }, link.message_id ? name(text ?? 'One answer', 80) : 'The whole session as it stood'),
      h('span', { class: 'muted' }, `made ${age(link.created_at)} · ${link.used_at ? `opened ${age(link.used_at)}` : 'not opened yet'}`), back);
  }

  async function refresh() {
    const reply = await trying(() => api.links(message.session_id));
    if (!reply) return;
    kept.hidden = !reply.links.length;
    put(list, reply.links.map(row));
  }

  return function open(wanted) {
    message = wanted;
    const answered = [...store.messages.values()].filter(({ answer }) => answer).length;
    put(ways[0].lastElementChild, 'This answer: ', name(message.text, 80));
    say(ways[1].lastElementChild, `The session as it stands: ${plural(answered, 'answer')}`);
    ways[0].firstElementChild.checked = true;
    ways[1].hidden = answered < 2;
    made.hidden = kept.hidden = true;
    say(said, '');
    dialog.showModal();
    refresh();
  };
}
