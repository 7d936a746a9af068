// The groups of the answer as bars: each with its figure, its outcomes in words, and a click to its pictures. Loaded when
// it is first shown.

import { h, name, put, say, stamp } from './dom.js';
import { LABEL, OUTCOMES, mark } from './outcomes.js';
import { count, figure } from './words.js';

const SHOWN = 100;

export function chart(root, { store, selection }) {
  function bar(group, most) {
    const { root: item, part } = stamp('bar');
    put(part.label, mark(group.outcome), name(group.label, 70));
    say(part.value, figure(group.value));
    part.bar.classList.add(`part-${group.outcome}`);
    part.bar.style.width = `${most > 0 ? Math.max(0, (100 * (group.value ?? 0)) / most) : 0}%`;
    say(part.words, OUTCOMES.filter((outcome) => group.counts?.[outcome]).map((outcome) => `${count(group.counts[outcome])} ${LABEL[outcome]}`).join(' · '));
    item.firstElementChild.onclick = () => { selection.show('pictures'); selection.narrow(group.filter ?? {}); };
    return item;
  }

  function draw() {
    if (root.hidden) return;
    const { groups = [], unit } = store.message?.answer ?? {};
    const most = Math.max(0, ...groups.map((group) => group.value ?? 0));
    put(root, groups.length ? [h('h3', {}, `${unit ?? 'figures'} by ${groups[0].kind}`), h('ul', { class: 'chart' }, groups.slice(0, SHOWN).map((group) => bar(group, most)))] : null,
      groups.length > SHOWN || !groups.length ? h('p', { class: 'nothing' }, groups.length ? `The first ${SHOWN} of ${count(groups.length)}.`
        : 'This answer has no groups to compare. Ask “by district” or “at each location”.') : null);
  }

  draw();
  selection.on('tab', draw);
  store.on('selected', draw);
  store.on('message', (message) => { if (message.id === store.selected) draw(); });
}
