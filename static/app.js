// Puts the page together. Each module owns one root; they meet in the store, the evidence and the selection.

import { Evidence } from './evidence.js';
import { Register, cameras } from './cameras.js';
import { Selection } from './selection.js';
import { Store } from './store.js';
import { Updates } from './updates.js';
import { chart } from './chart.js';
import { composer as makeComposer } from './composer.js';
import { conversation } from './conversation.js';
import { keys } from './keys.js';
import { line, politely } from './signals.js';
import { mapPane } from './map/pane.js';
import { memory } from './dom.js';
import { pictures } from './pictures.js';
import { results } from './results.js';
import { sessions } from './sessions.js';
import { splitter } from './splitter.js';
import { table } from './table.js';
import { viewer as makeViewer } from './viewer.js';

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
const composer = makeComposer(at('ask'), { store });
const viewer = makeViewer(at('viewer'), { evidence, selection });
const shared = { store, selection, evidence, register, viewer, composer, tell };

conversation(at('conversation'), shared);
const { begin } = sessions(at('sessions'), shared);
cameras(at('cameras'), shared);
results(at('results'), shared);
pictures(at('pictures'), shared);
table(at('table'), shared);
chart(at('chart'), shared);
mapPane(at('map'), shared);
line(at('line'), at('lost'), updates);
politely(at('status'), store);
splitter(at('split-side'), at('side'), 1);
splitter(at('split-results'), at('results'), -1);
at('help').onclick = keys(at('keys'), { ...shared, begin }).help;

for (const button of screens) button.onclick = () => tell(document.body.dataset.shows === button.dataset.screen ? 'ask' : button.dataset.screen);

function themeName() {
  const { themeChoice } = root.dataset;
  at('theme').title = `Colours: ${themeChoice === 'system' ? 'as the system has them' : themeChoice}`;
}
at('theme').onclick = () => {
  memory.set('theme', { system: 'light', light: 'dark' }[root.dataset.themeChoice]);
  dispatchEvent(new Event('sightline:paint'));
  themeName();
};
addEventListener('popstate', () => store.follow());

themeName();
tell('ask');
store.on('site', () => { if (store.site.register && !register.cameras.length) register.load(); });
store.load();
