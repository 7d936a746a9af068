// The JSON routes. Every failure becomes a Failure with a sentence and what to do next; nothing raw reaches the page.

export class Failure extends Error {
  constructor({ code = 'unknown', message, hint = '' }) {
    super(message);
    this.code = code;
    this.hint = hint;
  }
}

const UNREACHABLE = {
  code: 'unreachable',
  message: 'The server does not answer.',
  hint: 'Nothing is lost. Check that it is running, then try again.',
};
const ODD = { code: 'odd', message: 'The server gave an answer that can’t be read.', hint: 'Try again in a moment.' };

const token = () => document.querySelector('meta[name="csrf-token"]')?.content ?? '';

/** What is told where a reply does not come, or with the error that it holds. */
export const failed = (error = UNREACHABLE) => new Failure(error);

async function call(method, path, body, headers = {}) {
  const options = { method, headers: { Accept: 'application/json', ...headers }, credentials: 'same-origin', cache: 'no-store' };
  if (method !== 'GET') {
    options.headers['X-CSRF-Token'] = token();
    options.headers['Content-Type'] = body instanceof Blob ? 'application/octet-stream' : 'application/json';
    options.body = body instanceof Blob ? body : JSON.stringify(body ?? {});
  }
  const reply = await fetch(path, options).catch(() => { throw new Failure(UNREACHABLE); });
  if (reply.status === 401) location.assign(`/login?next=${encodeURIComponent(location.pathname + location.search)}`);
  const data = await reply.json().catch(() => { throw new Failure(ODD); });
  if (!reply.ok) throw new Failure(data.error ?? ODD);
  return data;
}

function query(values) {
  const filled = Object.entries(values).filter(([, value]) => value !== null && value !== undefined && value !== '');
  return filled.length ? `?${new URLSearchParams(filled)}` : '';
}

const id = encodeURIComponent;

export const api = {
  system: () => call('GET', '/api/v1/system'),
  outgoing: (day) => call('GET', `/api/v1/outgoing${query({ day })}`),
  state: () => call('GET', '/api/v1/state'),
  session: (sid) => call('GET', `/api/v1/sessions/${id(sid)}`),
  rename: (sid, title) => call('PATCH', `/api/v1/sessions/${id(sid)}`, { title }),
  sessions: (wanted) => call('GET', `/api/v1/sessions${query(wanted)}`),
  share: (sid, shared) => call('PATCH', `/api/v1/sessions/${id(sid)}`, { shared }),
  links: (sid) => call('GET', `/api/v1/sessions/${id(sid)}/links`),
  link: (sid, mid) => call('POST', `/api/v1/sessions/${id(sid)}/links`, { message_id: mid }),
  unlink: (sid, lid) => call('DELETE', `/api/v1/sessions/${id(sid)}/links/${id(lid)}`),
  remove: (sid, how = {}) => call('DELETE', `/api/v1/sessions/${id(sid)}${query(how)}`),
  restore: (sid) => call('POST', `/api/v1/sessions/${id(sid)}/restore`),
  take: (file) => call('POST', '/api/v1/sessions/import', file, { 'X-File-Name': encodeURIComponent(file.name) }),
  ask: (question) => call('POST', '/api/v1/questions', question),
  plan: (question) => call('POST', '/api/v1/plan', question),
  rate: (mid, rating) => call('POST', `/api/v1/messages/${id(mid)}/rating`, { rating }),
  pictures: (mid, filter = {}, after = null, limit = 60) =>
    call('GET', `/api/v1/messages/${id(mid)}/pictures${query({ ...filter, after, limit })}`),
  places: (mid) => call('GET', `/api/v1/messages/${id(mid)}/places`),
  workings: (mid) => call('GET', `/api/v1/messages/${id(mid)}/workings`),
  groups: (mid, by) => call('GET', `/api/v1/messages/${id(mid)}/groups${query({ by })}`),
  stop: (rid) => call('POST', `/api/v1/runs/${id(rid)}/stop`),
  resume: (rid) => call('POST', `/api/v1/runs/${id(rid)}/continue`),
  models: () => call('GET', '/api/v1/models'),
  fetchModel: (model) => call('POST', '/api/v1/models/fetch', { model }),
  stopFetching: (model) => call('DELETE', `/api/v1/models/fetch${query({ model })}`),
  register: () => call('GET', '/api/v1/register'),
  previewSheet: (file) => call('POST', `/api/v1/register/preview${query({ name: file?.name })}`, file ?? new Blob()),
  chooseColumns: (uid, choice) => call('POST', `/api/v1/register/preview/${id(uid)}`, choice),
  useSheet: (uid) => call('POST', '/api/v1/register', { upload_id: uid }),
  tryPictures: (kind, where) => call('POST', '/api/v1/pictures/try', { kind, where }),
  putSheetBack: () => call('DELETE', '/api/v1/register'),
};

export const picture = (pid) => `/media/${id(pid)}`;
export const thumbnail = (pid) => `/media/${id(pid)}/thumbnail`;
