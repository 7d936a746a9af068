// The look in four figures: pictures, matches, places, match rate. Each says what it is out of, and opens what is behind it.

import { count, figure } from './words.js';
import { say, stamp } from './dom.js';

export function tiles(root, { store, evidence, selection }) {
  const made = ['pictures', 'matches', 'places', 'rate'].map((kind) => ({ kind, ...stamp('tile') }));
  root.append(...made.map((each) => each.root));

  /** What each tile says of a look; places are those whose camera has a location. */
  function figures({ counts, done, listed, listing }) {
    const readable = done - counts.unreadable;
    const places = new Map(evidence.places.filter((place) => place.location).map((place) => [`${place.location}\n${place.district}`, false]));
    for (const place of evidence.places) if (place.location && place.outcome === 'match') places.set(`${place.location}\n${place.district}`, true);
    const hit = [...places.values()].filter(Boolean).length;
    return {
      pictures: ['Pictures', count(done), done < listed || listing ? `of ${listing ? 'at least ' : ''}${count(listed)}` : `${count(readable)} readable`, {}],
      matches: ['Matches', count(counts.match), `of ${count(readable)} readable`, { outcome: 'match' }],
      places: ['Places', count(hit), `of ${count(places.size)} match`, null],
      rate: ['Match rate', readable ? `${figure((100 * counts.match) / readable)} %` : '–', 'of readable pictures', { outcome: 'match' }],
    };
  }

  function draw() {
    const run = store.message?.run ?? store.messages.get(store.message?.of)?.run;
    root.hidden = !run;
    if (!run) return;
    const said = figures(run);
    for (const { kind, part, root: tile } of made) {
      const [label, value, of, filter] = said[kind];
      // Without a sheet no picture has a place, and none is missed.
      tile.hidden = kind === 'places' && !store.site?.register;
      say(part.label, label);
      say(part.value, value);
      say(part.of, of);
      tile.onclick = () => {
        selection.show(filter ? 'pictures' : 'table');
        if (filter) selection.narrow(filter);
      };
    }
  }

  store.on('selected', draw);
  store.on('message', (message) => { if (message.id === store.selected || message.id === store.message?.of) draw(); });
  evidence.on('places', draw);
}
