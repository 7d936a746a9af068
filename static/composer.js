// The question box. It never locks; its draft is kept for each session and survives a reload; while a run goes on an empty
// box offers Stop, where Send stood.

import { h, memory, name, put } from './dom.js';
import { queue as makeQueue } from './queue.js';
import { read } from './route.js';

export function composer(root, { store, register }) {
  const [box, send, models, editing] = ['#question', '#send', '#model', '#editing'].map((part) => root.querySelector(part));
  const queue = makeQueue(root.querySelector('#queue'), { store, edit: (text) => { set(text); box.focus(); } });
  let recalled = -1;
  let old = null;
  let begun = false;
  let understood = null;

  const running = () => (store.message?.run?.state === 'running' ? store.message : null);
  const draft = () => `draft.${store.session?.id ?? (begun ? null : read().session) ?? 'new'}`;

  function fit() {
    box.style.height = 'auto';
    box.style.height = `${Math.min(box.scrollHeight + 2, 200)}px`;
    const stops = !box.value.trim() && Boolean(running());
    const label = stops ? 'Stop' : store.busy ? 'Ask when this answer is ready' : 'Ask';
    send.dataset.stops = stops;
    send.setAttribute('aria-label', label);
    send.title = `${label} (${stops ? 'Esc' : 'Enter'})`;
    send.firstElementChild.className = `bi bi-${stops ? 'stop-fill' : store.busy ? 'clock' : 'arrow-up'}`;
  }

  function set(text) {
    box.value = text;
    memory.set(draft(), text);
    fit();
    understood?.type(text);
  }

  /** Asks an earlier question in other words; `null` goes back to asking a new one. */
  function instead(message) {
    old = message;
    editing.hidden = !message;
    if (message) put(editing.querySelector('span'), 'In place of “', name(message.text, 60), '”');
  }

  /** What is typed is understood above the box, by a script that comes with the first sign. */
  async function understand() {
    const context = () => ({ session_id: store.session?.id ?? null, instead_of: old?.id ?? null });
    understood ??= await import('./chips/preview.js').then(({ preview }) => preview(root.querySelector('#understood'), { register, context, write: () => box.focus() }), () => null);
    understood?.type(store.mayChange && !send.disabled ? box.value : '');
  }

  /** While the line is lost nothing is sent, and nothing is lost: the question stays in the box. */
  function submit() {
    const text = box.value.trim();
    recalled = -1;
    if (send.disabled) return;
    if (!text) { if (running()) store.steer(running(), 'stop'); return; }
    const how = { model: models.value || null, ...(old && { instead_of: old.id }), ...understood?.take() };
    set('');
    instead(null);
    queue.ask(text, how);
  }

  function recall(step) {
    const asked = [...store.messages.values()].map((message) => message.text).reverse();
    recalled = Math.max(-1, Math.min(asked.length - 1, recalled + step));
    set(asked[recalled] ?? '');
  }

  root.addEventListener('submit', (event) => { event.preventDefault(); submit(); });
  box.addEventListener('input', () => { recalled = -1; memory.set(draft(), box.value); fit(); understand(); });
  box.addEventListener('keydown', (event) => {
    const does = event.isComposing ? null
      : event.key === 'Enter' && !event.shiftKey ? submit
        : event.key === 'Escape' && old ? () => { event.stopPropagation(); instead(null); set(''); }
          : event.key === 'ArrowUp' && (!box.value || recalled >= 0) ? () => recall(1)
            : event.key === 'ArrowDown' && recalled >= 0 ? () => recall(-1) : null;
    if (!does) return;
    event.preventDefault();
    does();
  });
  editing.querySelector('button').onclick = () => { instead(null); set(''); box.focus(); };
  models.addEventListener('change', () => memory.set('model', models.value));

  function offer() {
    const state = { installing: ' (being installed)', absent: ' (not installed)', failed: ' (not available)' };
    put(models, models.options[0], store.site.models.map((model) => h('option', {
      value: model.name, disabled: model.state !== 'ready', title: model.sentence,
    }, `${model.label}${state[model.state] ?? ''}`)));
    models.value = memory.get('model') ?? '';
    if (models.selectedIndex < 0 || models.selectedOptions[0].disabled) models.value = '';
  }

  /** What was being written in the session that is opened; what is typed before the first one is open belongs to it. */
  function opened() {
    const kept = memory.get(draft()) ?? '';
    box.value = begun ? kept : box.value || kept;
    if (begun) instead(null);
    begun = true;
    fit();
  }

  /** A session that got its name by the first question: what was typed meanwhile goes on in it. */
  function adopted() {
    begun = true;
    memory.set('draft.new', null);
    memory.set(draft(), box.value);
  }

  store.on('site', offer);
  store.on('models', offer);
  store.on('adopted', adopted);
  store.on('opened', opened);
  store.on('message', fit);
  store.on('selected', fit);
  box.value = memory.get(`draft.${read().session ?? 'new'}`) ?? '';
  fit();

  return {
    get model() { return models.value || null; },
    ask: queue.ask,
    /** Puts an earlier question back into the box, with a chip's words selected where they stand in it. */
    edit(message, word = '') {
      instead(message.draft ? null : message);
      set(message.text);
      box.focus();
      const at = word ? message.text.toLowerCase().indexOf(word.toLowerCase()) : -1;
      if (at >= 0) box.setSelectionRange(at, at + word.length);
    },
    focus: () => box.focus(),
  };
}
