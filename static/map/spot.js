// The card of the chosen place, the map's info window: what the answer says of it, its newest picture, and a way to
// Google's street view that nobody is asked for before it is followed.

import { name, put, say, stamp } from '../dom.js';
import { mark, spoken } from '../outcomes.js';
import { age, moment, plural } from '../words.js';
import { thumbnail } from '../api.js';

const HERE_DEGREES = 0.00015;

const placed = ({ latitude, longitude }) => Number.isFinite(latitude) && Number.isFinite(longitude);

/** All that stand within a few steps of `place`, itself among them. */
function neighbours(place, places) {
  if (!placed(place)) return [place];
  return places.filter((each) => Math.abs(each.latitude - place.latitude) < HERE_DEGREES && Math.abs(each.longitude - place.longitude) < HERE_DEGREES);
}

function streetView({ latitude, longitude }) {
  return `https://www.google.com/maps/@?${new URLSearchParams({ api: 1, map_action: 'pano', viewpoint: `${latitude},${longitude}` })}`;
}

export function spot(root, { choose, open }) {
  function facts(part, place) {
    put(part.title, name(place.location || place.camera, 80));
    put(part.area, name([place.mandal, place.district].filter(Boolean).join(', '), 80));
    put(part.camera, place.camera === place.location ? '' : name(place.camera, 60));
    put(part.outcome, mark(place.outcome, place.value), spoken(place.outcome, place.value));
    say(part.time, place.outcome ? [place.taken_at ? moment(place.taken_at) : 'time unknown', place.taken_at && place.pictures < 2 && age(place.taken_at), place.pictures > 1 && plural(place.pictures, 'picture')].filter(Boolean).join(' · ') : '');
  }

  function show(place, places) {
    if (!place) { put(root); return; }
    const { root: card, part } = stamp('spot');
    facts(part, place);
    part.open.hidden = part.look.hidden = !place.picture_id;
    if (place.picture_id && place.outcome !== 'unreadable') part.image.src = thumbnail(place.picture_id);
    else part.open.hidden = true;
    part.open.onclick = part.look.onclick = () => open(place.camera);
    part.street.hidden = !placed(place);
    if (placed(place)) part.street.href = streetView(place);
    const here = neighbours(place, places);
    const at = here.findIndex((each) => each.camera === place.camera);
    part.here.hidden = here.length < 2;
    say(part.which, `${at + 1} of ${here.length} here`);
    part.next.onclick = () => { choose(here[(at + 1) % here.length].camera); root.querySelector('[data-part="next"]')?.focus(); };
    part.close.onclick = () => choose(null);
    put(root, card);
  }

  return { show };
}
