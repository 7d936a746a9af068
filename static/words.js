// Numbers, times and money in words. The page speaks English; times are the site's, not the browser's.

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const fine = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });
let timeZone;

/** Makes every time on the page that of `zone` (an IANA name; an unknown one leaves the browser's). */
export function setZone(zone) {
  try { new Intl.DateTimeFormat('en', { timeZone: zone }); timeZone = zone; } catch { timeZone = undefined; }
}

export const count = (value) => whole.format(value ?? 0);
export const figure = (value) => (Number.isFinite(value) ? fine.format(value) : '–');
export const plural = (value, one, many = `${one}s`) => `${count(value)} ${value === 1 ? one : many}`;

/** `0.4 s`, `12 s`, `3 min`, `2 h 5 min`. */
export function duration(seconds) {
  if (seconds < 90) return `${seconds < 10 ? fine.format(seconds) : Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Money with its currency; what costs nothing says so. */
export const price = (usd) => (usd ? `$${usd.toFixed(usd < 0.01 ? 4 : 2)}` : 'free');

/** `21 Nov, 18:04` in the site's time, with the year where it is not plain. */
export function moment(iso) {
  if (!iso) return 'time unknown';
  const year = Date.now() - new Date(iso) > 31e9 ? 'numeric' : undefined;
  return new Intl.DateTimeFormat('en-GB', { timeZone, day: 'numeric', month: 'short', year, hour: '2-digit', minute: '2-digit' }).format(new Date(iso));
}

/** `just now`, `12 min ago`, `3 days ago`, `14 years ago`. */
export function age(iso) {
  const minutes = Math.floor((Date.now() - new Date(iso)) / 60000);
  if (minutes < 1) return 'just now';
  if (minutes < 60) return `${minutes} min ago`;
  if (minutes < 1440) return `${Math.floor(minutes / 60)} h ago`;
  const days = Math.floor(minutes / 1440);
  return days < 60 ? `${plural(days, 'day')} ago` : days < 730 ? `${Math.floor(days / 30.4)} months ago` : `${Math.floor(days / 365.25)} years ago`;
}

/** Under which heading a day stands in a list: `Today`, `Yesterday`, `Last 7 days`, `Earlier`; by the site's clock. */
export function day(iso) {
  const date = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
  const days = (Date.parse(date.format(new Date())) - Date.parse(date.format(new Date(iso)))) / 86400000;
  if (days < 1) return 'Today';
  if (days < 2) return 'Yesterday';
  return days < 7 ? 'Last 7 days' : 'Earlier';
}

/** `about 40 s left`, in steps that do not flicker; `since` seconds after it was reckoned. */
export function left(reckoned, since = 0) {
  if (!Number.isFinite(reckoned)) return '';
  const seconds = reckoned - since;
  if (seconds < Math.min(-10, -reckoned)) return 'taking longer than thought';
  if (seconds < 5) return 'a few seconds left';
  return seconds < 60 ? `about ${Math.ceil(seconds / 5) * 5} s left` : `about ${plural(Math.ceil(seconds / 60), 'minute')} left`;
}
