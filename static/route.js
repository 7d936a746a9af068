// The address is the state: /s/<session>/<message>?view=…&outcome=…&picture=… A link opens the same answer with the same
// pictures, and Back goes back. What is as it would be anyway is left out.

const FILTERS = ['outcome', 'camera', 'location', 'district'];

/** What the address names; `filter` is null where it says nothing of the pictures, `{}` where it wants them all. */
export function read() {
  const [, session = null, message = null] = location.pathname.match(/^\/s\/([^/]+)(?:\/([^/]+))?/) ?? [];
  const said = new URLSearchParams(location.search);
  const filter = Object.fromEntries(FILTERS.filter((key) => said.has(key)).map((key) => [key, said.get(key)]));
  const least = Number(said.get('least'));
  return {
    session: session && decodeURIComponent(session),
    message: message && decodeURIComponent(message),
    view: said.get('view'),
    filter: Object.keys(filter).length ? (filter.outcome === 'all' ? { ...filter, outcome: undefined } : filter) : null,
    least: least > 0 ? least : null,
    picture: said.get('picture'),
  };
}

/** The query of a state; `usual` is the filter that the message would have by itself. */
export function query({ view, filter, least, picture }, usual = {}) {
  const same = FILTERS.every((key) => (filter[key] ?? null) === (usual[key] ?? null));
  const said = { view: view === 'map' ? null : view, ...(same ? {} : filter), least, picture };
  if (!same && usual.outcome && !filter.outcome) said.outcome = 'all';
  const filled = Object.entries(said).filter(([, value]) => value !== null && value !== undefined);
  return filled.length ? `?${new URLSearchParams(filled)}` : '';
}

/** Shows a session and a message in the address bar; `replace` where going back to what stood there makes no sense. */
export function write({ session = null, message = null }, replace = false) {
  const path = session ? `/s/${encodeURIComponent(session)}${message ? `/${encodeURIComponent(message)}` : ''}` : '/';
  if (path !== location.pathname) go(path, replace);
}

/** Shows the rest of the state; nothing happens where it is shown already. */
export function refine(search, replace, state = null) {
  if (search !== location.search) go(`${location.pathname}${search}`, replace, state);
}

function go(address, replace, state = null) {
  history[replace ? 'replaceState' : 'pushState'](state, '', address);
}
