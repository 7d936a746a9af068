// What the machine and Sightline are doing, read anew while the sheet is open. Loaded when it is first asked for.

import { Failure, api } from './api.js';
import { h, put, say } from './dom.js';
import { count, moment, plural } from './words.js';

const EVERY_MS = 30_000;

/** `1.4 GB`, `320 MB`. */
export const size = (bytes) => (bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${Math.round(bytes / 1e6)} MB`);
const row = (term, ...said) => [h('dt', {}, term), h('dd', {}, said)];

/** How much of something is taken: in words, and as a bar that turns colour towards its end. */
function gauge(words, share) {
  const bar = h('meter', { min: 0, max: 1, high: 0.9, optimum: 0, value: share, 'aria-label': words });
  return [h('span', {}, words), bar];
}

function machine({ cpu_percent: loads, memory_bytes: memory, memory_free_bytes: free, disk_bytes: disk, disk_free_bytes: left, booted_at: booted }) {
  const mean = loads.reduce((sum, load) => sum + load, 0) / loads.length;
  return [
    row('Processors', gauge(`${Math.round(mean)} % of ${count(loads.length)}`, mean / 100)),
    loads.length > 1 ? row('Each', loads.map((load) => `${Math.round(load)} %`).join(' · ')) : [],
    row('Memory', gauge(`${size(memory - free)} of ${size(memory)}`, (memory - free) / memory)),
    disk === null ? row('Disk', 'can’t be read') : row('Disk', gauge(`${size(left)} free of ${size(disk)}`, (disk - left) / disk)),
    row('Up since', moment(booted)),
  ];
}

function process(told) {
  return [
    row('Version', told.version),
    row('Running since', moment(told.started_at)),
    row('Memory', size(told.memory_bytes)),
    row('Pictures', told.pictures === null ? 'being counted' : count(told.pictures)),
    row('Workers', `${count(told.workers)} at most for one question`),
    row('Under way', told.runs ? plural(told.runs, 'question') : 'no question'),
    row('Open pages', count(told.streams)),
  ];
}

/** Opens and closes the sheet. */
export function system(dialog, shared) {
  const [machineList, processList, when] = ['machine', 'process', 'when'].map((part) => dialog.querySelector(`[data-part="${part}"]`));
  const [fault, warnings] = [dialog.querySelector('.fault-line'), dialog.querySelector('.warnings')];
  let due = null;

  async function draw() {
    clearTimeout(due);
    if (!dialog.open) return;
    due = setTimeout(draw, EVERY_MS);
    if (document.hidden) return;
    try {
      const told = await api.system();
      fault.hidden = true;
      put(machineList, machine(told.machine));
      put(processList, process(told.process));
      warnings.hidden = !told.warnings.length;
      put(warnings, told.warnings.map((each) => h('li', {}, each)));
      say(when, `Read at ${moment(new Date().toISOString())}; read anew every 30 s while this is open.`);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      fault.hidden = false;
      say(fault, `${error.message} ${error.hint}`.trim());
    }
  }

  let sheet = null;
  dialog.querySelector('[data-part="outgoing"]').onclick = async () => {
    sheet ??= (await import('./outgoing.js')).outgoing(document.getElementById('outgoing-sheet'), shared);
    dialog.close();
    sheet();
  };
  dialog.addEventListener('close', () => clearTimeout(due));
  document.addEventListener('visibilitychange', () => { if (dialog.open && !document.hidden) draw(); });
  return () => {
    if (dialog.open) { dialog.close(); return; }
    dialog.showModal();
    draw();
  };
}
