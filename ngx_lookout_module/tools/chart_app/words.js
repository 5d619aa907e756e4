/*
 * Words and numbers, as people write them. All times are UTC.
 */

const locale = () => {
  try {
    return Intl.getCanonicalLocales(state.context.locale)[0] ?? 'en-US';
  } catch {
    return 'en-US';
  }
};
const digits = (v, options) => new Intl.NumberFormat(locale(), options).format(v);
const words = (name) => name.replace(/^./u, (c) => c.toUpperCase()).replaceAll('_', ' ');
const natural = new Intl.Collator('en', { numeric: true }).compare;
const currencies = { __proto__: null, usd: '$', eur: '€', gbp: '£', jpy: '¥' };

/* What the numbers of a column are of, by its name. */
function unitOf({ name }, values) {
  const counts = /^(count|distinct_|valid_|missing_)/.test(name);
  const ratio = !counts && /(_rate|_ratio|_share|probability)$/.test(name) && values.every((v) => Math.abs(v) <= 1);

  return { prefix: (!counts && currencies[name.match(/_(\w{3})$/)?.[1]]) || '', ratio,
           percent: ratio || (!counts && /_(pct|percent)$/.test(name)) };
}

function withUnit(v, unit, options) {
  const text = digits(Math.abs(unit.ratio ? v * 100 : v), options);

  return `${v < 0 && /[1-9]/.test(text) ? '−' : ''}${unit.prefix}${text}${unit.percent ? ' %' : ''}`;
}

const exact = (v, unit) => withUnit(v, unit, Math.abs(v) >= 1 && !unit.ratio ? { maximumFractionDigits: unit.prefix ? 2 : 4 } : { maximumSignificantDigits: 6 });
const short = (v, unit) => withUnit(v, unit, Math.abs(v) >= 1e4 ? { notation: 'compact', maximumSignificantDigits: 3 } : { maximumSignificantDigits: 4 });

const DAY = 864e5;
const when = (value) => Date.parse(/T/.test(value) ? value : `${value}T00:00:00Z`);
const moment = (ms, options) => new Intl.DateTimeFormat(locale(), { timeZone: 'UTC', ...options }).format(ms);
const UNITS = { year: 'year', yearquarter: 'quarter', yearmonth: 'month', yearweek: 'day', yearmonthdate: 'day', yearmonthdatehours: 'minute' };

/* The coarsest unit that all moments fall on. */
function grainOf(times) {
  const days = times.every((t) => t % DAY === 0);

  return days && times.length > 1 && times.every((t) => new Date(t).getUTCDate() === 1) ? 'month' : days ? 'day' : 'minute';
}

const quarter = (ms) => `Q${Math.floor(new Date(ms).getUTCMonth() / 3) + 1}`;
const year = (ms) => String(new Date(ms).getUTCFullYear());
const fullTime = (ms, grain) => (Number.isNaN(ms) ? '?'
  : grain === 'year' ? year(ms) : grain === 'quarter' ? `${quarter(ms)} ${year(ms)}`
  : moment(ms, grain === 'month' ? { year: 'numeric', month: 'short' } : { year: 'numeric', month: 'short', day: 'numeric',
    ...(grain === 'minute' && { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }) }));

/* A tick's text, and the context that stands below where it changes. */
const tickTime = (ms, grain) => (grain === 'year' ? [year(ms), ''] : grain === 'quarter' ? [quarter(ms), year(ms)]
  : grain === 'month' ? [moment(ms, { month: 'short' }), year(ms)]
  : grain === 'day' ? [moment(ms, { month: 'short', day: 'numeric' }), year(ms)]
  : [moment(ms, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }), moment(ms, { month: 'short', day: 'numeric' })]);

/* Parts of a date come as numbers. */
const parts = {
  __proto__: null,
  day: (v) => moment(Date.UTC(2023, 0, 1 + v), { weekday: 'short' }),
  month: (v) => moment(Date.UTC(2023, v - 1, 1), { month: 'short' }),
  quarter: (v) => `Q${v}`,
  hours: (v) => `${String(v).padStart(2, '0')}:00`,
};

function ago(seconds) {
  const [n, unit] = seconds >= 172800 ? [seconds / 86400, 'day'] : seconds >= 3600 ? [seconds / 3600, 'hour'] : [seconds / 60, 'minute'];
  const whole = Math.max(1, Math.floor(n));

  return `${whole} ${unit}${whole === 1 ? '' : 's'}`;
}

function warningText({ code, message, details = {} }) {
  if (code === 'EXTRACT_STALE' && details.ageSeconds > 0) {
    const since = details.lastRefreshedAt ? ` (${fullTime(when(details.lastRefreshedAt), 'minute')} UTC)` : '';

    return ['Old data.', `${state.view?.datasource?.name ?? 'The source'} was last refreshed ${ago(details.ageSeconds)} ago${since}; it should be no older than ${ago(details.freshnessSlaSeconds)}.`];
  }
  if (code === 'RESPONSE_TRUNCATED' && details.droppedRows > 0) {
    return ['Not all rows.', `${digits(details.droppedRows)} rows were left out, because the answer was too large.`];
  }
  return ['Note.', String(message ?? code)];
}

const operators = { eq: '=', neq: 'is not', gt: '>', gte: '≥', lt: '<', lte: '≤', in: 'in', not_in: 'not in', like: 'like' };

function filterText({ op, value }) {
  const one = (v) => (/^\d{4}-\d\d-\d\d(T|$)/.test(v) ? fullTime(when(v), v.length > 10 ? 'minute' : 'day') : String(v));
  const all = list(value).map(one);

  return op === 'is_null' ? 'is empty' : op === 'not_null' ? 'is not empty' : op === 'between' ? `${all[0]} to ${all[1]}`
    : `${operators[op] ?? op} ${all.length > 6 ? `${all.slice(0, 5).join(', ')} and ${all.length - 5} more` : all.join(', ') || one(value)}`;
}

