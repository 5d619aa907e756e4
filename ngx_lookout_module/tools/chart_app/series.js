/*
 * A channel's values as categories and as series, with their colours, and the values by both.
 */

function labelOf(ch, value) {
  return value === null ? '(empty)' : ch.kind === 'time' ? fullTime(value, ch.grain)
    : ch.kind === 'number' ? exact(value, ch.unit) : parts[ch.part] && typeof value === 'number' ? parts[ch.part](value)
    : typeof value === 'boolean' ? (value ? 'Yes' : 'No') : String(value) === '' ? '(blank)' : String(value);
}

/* `asRows`: as the rows come, which is how the server sorted them; otherwise by `sort` or by value. */
function categories(ch, asRows) {
  const ids = new Map();
  const sort = ch.spec.sort, listed = (v) => (list(sort).includes(v) ? list(sort).indexOf(v) : Infinity);

  ch.values.forEach((v) => ids.has(v) || ids.set(v, 0));
  const values = [...ids.keys()];

  if (!asRows || ch.kind === 'time') {
    values.sort((a, b) => (a === null) - (b === null) || (listed(a) === listed(b) ? 0 : listed(a) - listed(b))
      || (typeof a === 'number' && typeof b === 'number' ? a - b : natural(String(a), String(b))));
    if (sort === 'descending') {
      values.reverse();
    }
  }
  values.forEach((v, i) => ids.set(v, i));
  return { values, labels: values.map((v) => labelOf(ch, v)), of: (row) => ids.get(ch.values[row]), bare: ch.kind === 'category' && !parts[ch.part] && values.some((v) => typeof v !== 'string' && v !== null), title: ch.title };
}

const LIGHT = ['#2f62d9', '#e8890c', '#0f9ca0', '#c81e4f', '#8bbcf3', '#83259a', '#d0c81f', '#4d5f12', '#fbb59f', '#77647f'];
const DARK = ['#6b97ff', '#f5a13c', '#35c2bf', '#ff6188', '#b5d6ff', '#c583dc', '#e5de5a', '#a3b85a', '#ffcbb9', '#b7a3c2'];
const color = (i) => (i < 0 ? (dark() ? '#5d6b72' : '#b8bfc9') : (dark() ? DARK : LIGHT)[i % 10]);
const RAMPS = { light: ['#e6f0fb', '#a9cdf2', '#5f9fe0', '#2f6cc0', '#163d80'], dark: ['#22364d', '#2c5488', '#4380c8', '#7fb2ec', '#d3e6fb'],
                both: ['#b04a0a', '#f0a35c', '#f4f4f5', '#6ea6e0', '#1c4f9c'], bothDark: ['#ffb36b', '#b3611c', '#313c42', '#3f7fc4', '#a9d2fb'] };
const rgb = (hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));

function ramp(lo, hi) {
  const signed = lo < 0 && hi > 0, most = Math.max(-lo, hi);
  const stops = RAMPS[signed ? (dark() ? 'bothDark' : 'both') : dark() ? 'dark' : 'light'];
  const share = signed ? (v) => (v / most + 1) / 2 : (v) => (hi > lo ? (v - lo) / (hi - lo) : 0.6);
  const mix = (v) => {
    const at = Math.min(Math.max(share(v), 0), 1) * 4, i = Math.min(Math.floor(at), 3), a = rgb(stops[i]), b = rgb(stops[i + 1]);

    return a.map((c, k) => Math.round(c + (b[k] - c) * (at - i)));
  };

  return { css: (v) => `rgb(${mix(v)})`, ink: (v) => inkOn(mix(v)), stops,
           lo: signed ? -most : lo, hi: signed ? most : hi };
}

const inkOn = ([r, g, b]) => (0.3 * r + 0.59 * g + 0.11 * b > 150 ? '#14242a' : '#fff');

/* Series by colour. Beyond ten the rest is summed up when values add up, else drawn in grey. */
function seriesOf(ch, weights, merges) {
  if (!ch) {
    return { all: [{ name: '', key: '', color: color(0) }], of: () => 0, split: false };
  }
  const cats = categories(ch), totals = cats.values.map(() => 0);

  weights.forEach((w, row) => { totals[cats.of(row)] += Math.abs(w) || 0; });
  const top = cats.values.length <= 10 ? null
    : new Set(totals.map((t, i) => [t, i]).sort((a, b) => b[0] - a[0]).slice(0, merges ? 9 : 10).map(([, i]) => i));
  const all = [], place = [];
  let used = 0;

  cats.values.forEach((_, i) => {
    if (!top || top.has(i)) {
      place[i] = all.push({ name: cats.labels[i], key: `= ${cats.labels[i]}`, color: color(used++) }) - 1;
    }
  });
  const rest = cats.values.map((_, i) => i).filter((i) => place[i] === undefined);

  rest.forEach((i, n) => {
    place[i] = merges && n > 0 ? all.length - 1
      : all.push({ name: merges ? `${rest.length} others` : cats.labels[i], key: 'others', color: color(-1), legend: `${rest.length} others` }) - 1;
  });
  return { all, of: (row) => place[cats.of(row)], split: true };
}

const visible = (series) => series.all.map((s, i) => ({ ...s, i })).filter((s) => !state.hidden.has(s.key));

/* Values by category and series; rows that fall together are added up (or averaged). */
function gather(cats, series, value, adds) {
  const cells = new Map();

  value.forEach((v, row) => {
    const x = cats.of(row), s = series.of(row);

    if (v !== null && Number.isFinite(v) && x !== undefined) {
      const cell = cells.get(`${x} ${s}`) ?? { sum: 0, n: 0 };

      cells.set(`${x} ${s}`, { sum: cell.sum + v, n: cell.n + 1 });
    }
  });
  return (x, s) => {
    const cell = cells.get(`${x} ${s}`);

    return cell ? cell.sum / (adds ? 1 : cell.n) : null;
  };
}

