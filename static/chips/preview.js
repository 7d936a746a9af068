// What a question would be understood as while it is typed: its chips above the box, to be changed or taken away before
// anything is asked. Loaded with the first sign that is typed; no picture is looked at for it.

import { Failure, api } from '../api.js';
import { adder, chip } from '../chip.js';
import { put, say } from '../dom.js';
import { open, editable } from './sheet.js';

const QUIET_MS = 350;
const SHORTEST = 4;

/** `context` gives the session and the question that is replaced. Returns `type`, `take` and `clear`. */
export function preview(root, { register, context, write }) {
  const [list, line] = root.children;
  let text = '';
  let altered = { without: [], change: {} };
  let turn = 0;
  let timer = null;

  function hide() {
    turn += 1;
    clearTimeout(timer);
    root.hidden = true;
    put(list);
  }

  const merged = () => ({ ...(altered.without.length && { without: altered.without }), ...(Object.keys(altered.change).length && { change: altered.change }) });

  async function ask(focus = null) {
    const mine = ++turn;
    try {
      const found = await api.plan({ text, ...context(), ...merged() });
      if (mine === turn) draw(found, focus);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      if (mine !== turn) return;
      // What can't be planned yet is not told while it is being typed; what was altered in vain is.
      if (focus === null) { hide(); return; }
      altered = { without: [], change: {} };
      await ask();
      say(line, `${error.message} ${error.hint}`.trim());
    }
  }

  function draw({ plan, chips, model, notes }, focus) {
    root.hidden = false;
    const edit = (kind) => (from) => open(from, kind, plan, { register, apply: (change) => alter({ change }, kind) });
    put(list, chips.map((each) => chip(each, { change: editable(each.kind) ? edit(each.kind) : write, remove: () => alter({ without: [each.kind] }, each.kind) })),
      adder(chips, plan, edit('condition')));
    say(line, [...notes, model && `${model} would look.`].filter(Boolean).join(' '));
    if (focus) list.querySelector(`.chip-${focus} .chip-words`)?.focus();
  }

  function alter({ without = [], change = {} }, kind) {
    const kinds = new Set(without);
    altered = {
      without: [...new Set([...altered.without.filter((each) => !(each in change)), ...kinds])],
      change: Object.fromEntries(Object.entries({ ...altered.change, ...change }).filter(([each]) => !kinds.has(each))),
    };
    ask(kind);
  }

  return {
    /** The box holds other words now: what was altered belonged to the ones before. */
    type(now) {
      if (now.trim() === text) return;
      text = now.trim();
      altered = { without: [], change: {} };
      clearTimeout(timer);
      if (text.length < SHORTEST) { hide(); return; }
      timer = setTimeout(ask, QUIET_MS);
    },
    /** What goes along with the question, and an empty slate. */
    take() {
      const along = merged();
      text = '';
      altered = { without: [], change: {} };
      hide();
      return along;
    },
  };
}
