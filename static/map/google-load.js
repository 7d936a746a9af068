// Loads Google Maps once for the page, as Google's own loader does it but without an inline script: the answer is the
// libraries, or a Failure that says what to do next.

import { Failure } from '../api.js';

const PATIENCE_MS = 10000;
const WHERE = 'https://maps.googleapis.com/maps/api/js';
const REST = 'Answers, pictures and the table need no map.';

const late = () => new Failure({ code: 'map_late', message: 'The map could not load.', hint: `Google Maps has not answered for 10 seconds. Check that this browser can reach maps.googleapis.com, then try again, or use the plain map. ${REST}` });
const unreachable = () => new Failure({ code: 'map_unreachable', message: 'The map could not load.', hint: `Google Maps can’t be reached from this browser: a blocker or the network may stop it. Try again, or use the plain map. ${REST}` });
const refused = () => new Failure({ code: 'map_refused', message: 'The map could not load.', hint: `Google Maps refuses the key. The browser’s console names the reason: billing, a key that is wrong, or one that is not for this address (docs/map.md). Until that is mended, use the plain map. ${REST}` });

let loading = null;

function request(key) {
  return new Promise((resolve, reject) => {
    const maps = ((window.google ??= {}).maps ??= {});
    const script = document.createElement('script');
    maps.__ib__ = resolve;
    script.src = `${WHERE}?${new URLSearchParams({ key, v: 'weekly', loading: 'async', callback: 'google.maps.__ib__', auth_referrer_policy: 'origin' })}`;
    script.async = true;
    script.nonce = document.querySelector('script[nonce]')?.nonce ?? '';
    script.onerror = () => { script.remove(); reject(unreachable()); };
    document.head.append(script);
  });
}

async function libraries(key) {
  await (loading ??= request(key));
  const [core, maps] = await Promise.all(['core', 'maps'].map((library) => google.maps.importLibrary(library)));
  return { ...core, ...maps };
}

/** The libraries `core` and `maps` as one object. `onRefused` hears of a key that Google turns down, also later. */
export async function loadGoogle(key, onRefused) {
  window.gm_authFailure = () => onRefused(refused());
  let timer;
  const patience = new Promise((_, reject) => { timer = setTimeout(() => reject(late()), PATIENCE_MS); });
  try {
    return await Promise.race([libraries(key), patience]);
  } catch (error) {
    if (error instanceof Failure && error.code === 'map_unreachable') loading = null;
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
