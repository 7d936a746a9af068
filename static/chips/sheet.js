// The small sheet under a chip: the control that fits its part of the question, Apply and Cancel. Loaded when a chip is
// first pressed. Esc and a press elsewhere close it, and the focus goes back to the chip.

import { h, press, put, say } from '../dom.js';
import { controls } from './controls.js';

const sheet = h('form', { class: 'chip-sheet', popover: 'auto', role: 'dialog', 'aria-labelledby': 'chip-title', novalidate: false });
let anchor = null;

export const editable = (kind) => kind in controls;

function place() {
  const { left, bottom, top } = anchor.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = sheet;
  const below = bottom + 6 + height <= innerHeight;
  Object.assign(sheet.style, {
    left: `${Math.max(8, Math.min(left, innerWidth - width - 8))}px`,
    top: `${below ? bottom + 6 : Math.max(8, top - height - 6)}px`,
  });
}

/** Opens the sheet for the part `kind` of `plan`; `apply` is given what stands in its place. */
export function open(from, kind, plan, { register, apply }) {
  anchor = from;
  const { title, body, focus, read, wrong = () => '' } = controls[kind](plan, { register });
  const said = h('p', { class: 'chip-wrong', role: 'alert' });
  put(sheet, h('h3', { id: 'chip-title' }, title), body, said,
    h('div', { class: 'chip-sheet-foot' }, press('btn quiet', () => sheet.hidePopover(), 'Cancel'), h('button', { class: 'btn btn-accent' }, 'Apply')));
  sheet.onsubmit = (event) => {
    event.preventDefault();
    say(said, wrong());
    if (said.textContent) return;
    const change = read();
    sheet.hidePopover();
    apply(change);
  };
  sheet.onkeydown = (event) => { if (event.key === 'Escape') event.stopPropagation(); };
  sheet.ontoggle = ({ newState }) => { if (newState === 'closed' && anchor?.isConnected && sheet.contains(document.activeElement)) anchor.focus(); };
  if (!sheet.isConnected) document.body.append(sheet);
  sheet.showPopover();
  place();
  focus.focus();
  if (focus.select) focus.select();
}
