// The address is the state: /s/<session>/<message>. A link opens the same answer, and Back goes back.

export function read() {
  const [, session = null, message = null] = location.pathname.match(/^\/s\/([^/]+)(?:\/([^/]+))?/) ?? [];
  return { session: session && decodeURIComponent(session), message: message && decodeURIComponent(message) };
}

/** Shows the state in the address bar; `replace` where going back to what stood there would make no sense. */
export function write({ session = null, message = null }, replace = false) {
  const path = session ? `/s/${encodeURIComponent(session)}${message ? `/${encodeURIComponent(message)}` : ''}` : '/';
  if (path === location.pathname) return;
  history[replace ? 'replaceState' : 'pushState'](null, '', path);
}
