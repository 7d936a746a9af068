// The question box. It never locks; its draft survives a reload; while a run goes on an empty box offers Stop.

import { api, Failure } from './api.js';
import { h, memory, put, say } from './dom.js';

const REFRESH_MS = 30000;

export function composer(root, { store }) {
  const [box, send, models, building] = ['#question', '#send', '#model', '#building'].map((id) => root.querySelector(id));
  let recalled = -1;
  let looking = null;

  const running = () => (store.message?.run?.state === 'running' ? store.message : null);

  function fit() {
    box.style.height = 'auto';
    box.style.height = `${Math.min(box.scrollHeight + 2, 200)}px`;
    const stops = !box.value.trim() && Boolean(running());
    send.dataset.stops = stops;
    send.setAttribute('aria-label', stops ? 'Stop' : 'Ask');
    send.title = stops ? 'Stop (Esc)' : 'Ask (Enter)';
    send.firstElementChild.className = `bi bi-${stops ? 'stop-fill' : 'arrow-up'}`;
  }

  function set(text) {
    box.value = text;
    memory.set('draft', text);
    fit();
  }

  function submit() {
    const text = box.value.trim();
    recalled = -1;
    if (text) { set(''); store.ask(text, { model: models.value || null }); }
    else if (running()) store.steer(running(), 'stop');
  }

  function recall(step) {
    const asked = [...store.messages.values()].map((message) => message.text).reverse();
    recalled = Math.max(-1, Math.min(asked.length - 1, recalled + step));
    set(asked[recalled] ?? '');
  }

  root.addEventListener('submit', (event) => { event.preventDefault(); submit(); });
  box.addEventListener('input', () => { recalled = -1; memory.set('draft', box.value); fit(); });
  box.addEventListener('keydown', (event) => {
    const does = event.isComposing ? null
      : event.key === 'Enter' && !event.shiftKey ? submit
        : event.key === 'ArrowUp' && (!box.value || recalled >= 0) ? () => recall(1)
          : event.key === 'ArrowDown' && recalled >= 0 ? () => recall(-1) : null;
    if (!does) return;
    event.preventDefault();
    does();
  });
  models.addEventListener('change', () => memory.set('model', models.value));

  /** What is still being installed is said below the box, and looked at again until it is there. */
  async function refresh() {
    try { store.site.models = (await api.state()).models; } catch (error) {
      if (!(error instanceof Failure)) throw error; // a lost line is told of elsewhere
    }
    offer();
  }

  function offer() {
    const state = { installing: ' (being installed)', absent: ' (not installed)', failed: ' (not available)' };
    put(models, models.options[0], store.site.models.map((model) => h('option', {
      value: model.name, disabled: model.state !== 'ready', title: model.sentence,
    }, `${model.label}${state[model.state] ?? ''}`)));
    models.value = memory.get('model') ?? '';
    if (models.selectedIndex < 0 || models.selectedOptions[0].disabled) models.value = '';
    const waiting = store.site.models.filter((model) => model.state === 'installing');
    say(building, waiting.map((model) => model.sentence).join(' '));
    building.hidden = !waiting.length;
    clearTimeout(looking);
    if (waiting.length) looking = setTimeout(refresh, REFRESH_MS);
  }

  store.on('site', offer);
  store.on('message', fit);
  store.on('selected', fit);
  set(memory.get('draft') ?? '');

  return {
    get model() { return models.value || null; },
    /** Puts a question back into the box, with a chip's words selected where they stand in it. */
    edit(text, word) {
      set(text);
      box.focus();
      const at = text.toLowerCase().indexOf(word.toLowerCase());
      if (at >= 0) box.setSelectionRange(at, at + word.length);
    },
    focus: () => box.focus(),
  };
}
