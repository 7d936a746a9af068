// Puts the page together. Each module owns one root; they meet in the store, the evidence and the selection.

import { Failure } from './api.js';
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
import * as route from './route.js';

const at = (id) => document.getElementById(id);
const screens = [...document.querySelectorAll('[data-screen]')];

/** On a narrow page one screen is shown at a time; on a wide one this changes nothing that is seen. */
function tell(screen) {
  document.body.dataset.shows = screen;
  for (const button of screens) button.setAttribute('aria-current', String(button.dataset.screen === screen));
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
sessions(at('sessions'), shared);
cameras(at('cameras'), shared);
results(at('results'), shared);
pictures(at('pictures'), shared);
table(at('table'), shared);
chart(at('chart'), shared);
line(at('line'), at('lost'), updates);
politely(at('status'), store);
splitter(at('split-side'), at('side'), 'side', 1);
splitter(at('split-results'), at('results'), 'results', -1);
const sheet = keys(at('keys'), shared);

for (const button of screens) button.addEventListener('click', () => tell(document.body.dataset.shows === button.dataset.screen ? 'ask' : button.dataset.screen));
at('help').addEventListener('click', sheet.open);
at('theme').addEventListener('click', () => {
  const next = { system: 'light', light: 'dark', dark: null }[document.documentElement.dataset.themeChoice];
  memory.set('theme', next);
  dispatchEvent(new Event('sightline:paint'));
});
addEventListener('sightline:theme', themeName);
addEventListener('popstate', () => {
  const { session, message } = route.read();
  if (session && session === store.session?.id && store.messages.has(message)) store.select(message, true);
  else store.open({ session, message }, true);
});

function themeName() {
  const words = { system: 'Colours: as the system', light: 'Colours: light', dark: 'Colours: dark' }[document.documentElement.dataset.themeChoice];
  at('theme').title = words;
  at('theme').setAttribute('aria-label', words);
}

async function start() {
  try { await store.load(); } catch (error) {
    if (!(error instanceof Failure)) throw error;
    store.emit('failed', { error, retry: start });
    return;
  }
  if (store.site.register) register.load();
  if (store.site.models.some((model) => model.state === 'installing')) setTimeout(start, 60000);
}

themeName();
tell('ask');
mapPane(at('map'), shared);
start();
