// Puts the page together. Each module owns one root; they meet in the store, the evidence and the selection.

import { Evidence } from './evidence.js';
import { Register, cameras } from './cameras.js';
import { Selection } from './selection.js';
import { Store } from './store.js';
import { Updates } from './updates.js';
import { address } from './address.js';
import { api } from './api.js';
import { composer as makeComposer } from './composer.js';
import { conversation } from './conversation.js';
import { keys } from './keys.js';
import { line, politely, warned } from './signals.js';
import { mapPane } from './map/pane.js';
import { h, memory, put } from './dom.js';
import { pictures } from './pictures.js';
import { pointing } from './pointing.js';
import { results } from './results.js';
import { sessions } from './sessions.js';
import { tiles } from './tiles.js';

const at = (id) => document.getElementById(id);
const screens = [...document.querySelectorAll('[data-screen]')];
const root = document.documentElement;

/** On a narrow page one screen is shown at a time; on a wide one this changes nothing that is seen. */
function tell(screen) {
  document.body.dataset.shows = screen;
  for (const button of screens) button.setAttribute('aria-current', button.dataset.screen === screen);
}

const updates = new Updates();
const store = new Store(updates);
const selection = new Selection();
const evidence = new Evidence(store, selection);
const register = new Register();
const composer = makeComposer(at('ask'), { store, register });
/** What changes something is not there for those who may only look; the style sheet takes it away. */
function allow() { at('conversation').dataset.mine = store.mayChange; }
for (const topic of ['site', 'sessions', 'opened']) store.on(topic, allow);
// A stream that ended because somebody signed out would be tried for ever: ask, and be sent to the form.
updates.on('line', ({ state }) => { if (state === 'lost' && store.person) api.state().catch(() => {}); });
const viewer = { open: (index) => selection.open(evidence.rows[index]?.observation_id ?? null) };
const shared = { store, selection, evidence, register, viewer, composer, tell };

conversation(at('conversation'), shared);
const { begin } = sessions(at('sessions'), shared);
cameras(at('cameras'), shared);
results(at('results'), shared);
pictures(at('pictures'), shared);
tiles(at('tiles'), shared);
mapPane(at('map'), { ...shared, updates });
pointing(document.body, selection);
line(at('line'), at('lost'), updates, at('status'));
politely(at('status'), store);
warned(at('warned'), store);
/** What few visits need is fetched when it is first wanted: `wanted` is called with a function that makes it; `pane` says
 * when it can't be had, and is empty again before the next try. */
function later(load, wanted, pane) {
  let made = null;
  wanted(() => {
    if (!made && pane) put(pane);
    return (made ??= load().catch(() => { made = null; if (pane) put(pane, h('p', { class: 'nothing' }, 'The server does not answer. Come back to this tab when the connection is there again.')); }));
  });
}

later(async () => (await import('./viewer.js')).viewer(at('viewer'), shared), (make) => selection.on('opened', ({ id }) => id && make()));
later(async () => (await import('./share.js')).sharing(document.body, shared), (make) => store.on('share', async (message) => (await make())?.(message)));
later(async () => (await import('./models.js')).models(at('building'), { ...shared, status: at('status') }), (make) => store.on('site', make));
later(async () => {
  const { splitter } = await import('./splitter.js');
  splitter(at('split-side'), at('side'), 1);
  splitter(at('split-results'), at('results'), -1);
}, (make) => store.on('site', make));
later(async () => (await import('./threshold.js')).threshold(at('threshold'), shared), (make) => evidence.on('scores', () => evidence.scores && make()));
// The pictures are counted beside the first page: how many there are, or that there are none, is told once it is known.
later(async () => (await import('./counting.js')).counting(store), (make) => store.on('site', () => store.site.source.counting && make()));
const files = document.querySelector('[data-slot="import"]');
later(async () => (await import('./import.js')).sessionFiles(files, shared), (make) => files.closest('details').addEventListener('toggle', make));
later(async () => (await import('./chart.js')).chart(at('chart'), shared), (make) => selection.on('tab', ({ tab }) => tab === 'chart' && make()), at('chart'));
later(async () => (await import('./coordinates.js')).coordinates(at('coordinates'), shared), (make) => selection.on('tab', ({ tab }) => tab === 'coordinates' && make()), at('coordinates'));
later(async () => (await import('./table.js')).table(at('table'), shared), (make) => selection.on('tab', ({ tab }) => tab === 'table' && make()));
later(async () => (await import('./sheet.js')).sheet(at('keys'), { ...shared, recolour }), (make) => {
  const help = async () => (await make())?.();
  at('help').onclick = help;
  later(async () => (await import('./system.js')).system(at('system-sheet'), shared), (make) => {
    const system = async () => (await make())?.();
    // Not there for those who may only look.
    if (at('system')) at('system').onclick = system;
    keys({ help, system: at('system') && system }, { ...shared, begin });
  });
});
address(store, selection);

for (const button of screens) button.onclick = () => tell(document.body.dataset.shows === button.dataset.screen ? 'ask' : button.dataset.screen);

function themeName() {
  const { themeChoice } = root.dataset;
  at('theme').title = `Colours: ${themeChoice === 'system' ? 'as the system has them' : themeChoice}`;
}

function recolour(name) {
  memory.set('theme', name);
  dispatchEvent(new Event('sightline:paint'));
  themeName();
}
at('theme').onclick = () => recolour({ system: 'light', light: 'dark' }[root.dataset.themeChoice]);

themeName();
tell('ask');
store.on('site', () => register.follow(store.site.register?.version ?? null));
store.load();
