// Numbers, times and money in words. The page speaks English; times are the site's, not the browser's.

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const fine = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });
let zone;

/** Makes every time on the page that of `timezone` (an IANA name; an unknown one leaves the browser's). */
export function setZone(timezone) {
  try { new Intl.DateTimeFormat('en', { timeZone: timezone }); zone = timezone; } catch { zone = undefined; }
}

export const count = (value) => whole.format(value ?? 0);
export const figure = (value) => (value === null || value === undefined ? '–' : fine.format(value));
export const plural = (value, one, many = `${one}s`) => `${count(value)} ${value === 1 ? one : many}`;

/** `0.4 s`, `12 s`, `3 min`, `2 h 5 min`. */
export function duration(seconds) {
  if (seconds < 10) return `${fine.format(Math.max(seconds, 0))} s`;
  if (seconds < 90) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Money with its currency; what costs nothing says so. */
export function price(usd) {
  if (!usd) return 'free';
  return usd < 0.01 ? `$${usd.toFixed(4)}` : `$${usd.toFixed(2)}`;
}

const clockOf = (options) => new Intl.DateTimeFormat('en-GB', { timeZone: zone, ...options });

/** `21 Nov 2026, 18:04`, in the site's time. */
export function moment(iso) {
  if (!iso) return 'time unknown';
  return clockOf({ day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit' })
    .format(new Date(iso));
}

/** `just now`, `12 min ago`, `3 days ago`. */
export function age(iso) {
  const minutes = (Date.now() - new Date(iso).getTime()) / 60000;
  if (Number.isNaN(minutes)) return '';
  if (minutes < 1) return 'just now';
  if (minutes < 60) return `${Math.floor(minutes)} min ago`;
  if (minutes < 60 * 24) return `${Math.floor(minutes / 60)} h ago`;
  const days = Math.floor(minutes / 1440);
  return days < 60 ? `${plural(days, 'day')} ago` : `${plural(Math.floor(days / 30.4), 'month')} ago`;
}

/** `about 40 s left`, in steps that do not flicker. */
export function left(seconds) {
  if (seconds === null || seconds === undefined) return '';
  if (seconds < 5) return 'a few seconds left';
  if (seconds < 60) return `about ${Math.ceil(seconds / 5) * 5} s left`;
  return `about ${plural(Math.ceil(seconds / 60), 'minute')} left`;
}
