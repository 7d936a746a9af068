// The question box. It never locks; its draft survives a reload; while a run goes on an empty box offers Stop.

import { h, icon, memory, put } from './dom.js';

export function composer(root, { store }) {
  const box = root.querySelector('#question');
  const models = root.querySelector('#model');
  const send = root.querySelector('#send');
  let recalled = -1;

  const running = () => (store.message?.run?.state === 'running' ? store.message : null);

  function fit() {
    box.style.height = 'auto';
    box.style.height = `${Math.min(box.scrollHeight + 2, 200)}px`;
    const stops = !box.value.trim() && Boolean(running());
    if (send.dataset.stops === String(stops)) return;
    send.dataset.stops = String(stops);
    send.setAttribute('aria-label', stops ? 'Stop' : 'Ask');
    send.title = stops ? 'Stop (Esc)' : 'Ask (Enter)';
    put(send, icon(stops ? 'stop-fill' : 'arrow-up'));
  }

  function set(text) {
    box.value = text;
    memory.set('draft', text);
    fit();
  }

  function submit() {
    const text = box.value.trim();
    if (!text) { if (running()) store.steer(running(), 'stop').catch(() => {}); return; }
    set('');
    recalled = -1;
    store.ask(text, { model: models.value || null });
  }

  function recall(step) {
    const asked = [...store.messages.values()].map((message) => message.text).reverse();
    recalled = Math.max(-1, Math.min(asked.length - 1, recalled + step));
    set(recalled < 0 ? '' : asked[recalled]);
  }

  root.addEventListener('submit', (event) => { event.preventDefault(); submit(); });
  box.addEventListener('input', () => { recalled = -1; memory.set('draft', box.value); fit(); });
  box.addEventListener('keydown', (event) => {
    if (event.isComposing) return;
    if (event.key === 'Enter' && !event.shiftKey) { event.preventDefault(); submit(); }
    if (event.key === 'ArrowUp' && (!box.value || recalled >= 0)) { event.preventDefault(); recall(1); }
    if (event.key === 'ArrowDown' && recalled >= 0) { event.preventDefault(); recall(-1); }
  });
  models.addEventListener('change', () => memory.set('model', models.value));

  store.on('site', () => {
    put(models, h('option', { value: '' }, 'Model: chosen for each question'), store.site.models.map((model) => h('option', {
      value: model.name, disabled: model.state !== 'ready', title: model.sentence,
    }, model.state === 'ready' ? model.label : `${model.label} (${model.state === 'installing' ? 'being installed' : 'not available'})`)));
    models.value = memory.get('model') ?? '';
    if (models.selectedIndex < 0) models.value = '';
  });
  store.on('message', fit);
  store.on('selected', fit);
  set(memory.get('draft') ?? '');

  return {
    get model() { return models.value || null; },
    /** Puts a question back into the box, with the words that belong to a chip selected where they stand in it. */
    edit(text, word = '') {
      set(text);
      box.focus();
      const at = word ? text.toLowerCase().indexOf(word.toLowerCase()) : -1;
      if (at >= 0) box.setSelectionRange(at, at + word.length);
    },
    focus: () => box.focus(),
  };
}
