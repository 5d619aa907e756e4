/*
 * Drawers of what is a table of values by category and series: bars, lines, areas, histograms.
 *
 * A drawer adds marks to sheet.marks and returns { hits, find, height, what, series or ramp }. A hit
 * is what can be pointed at: its place, its mark, its tip() of { title, lines }, and ix and is, by
 * which the arrow keys walk. find(x, y) gives the number of the hit there, or -1.
 */

/* Bars, lines, areas, histograms: values by x and series. */
function tableTip({ grid, cats, series, shown, value, sums, share }, x, on) {
  const total = shown.reduce((all, s) => all + Math.abs(grid(x, s.i) ?? 0), 0) || 1;
  const lines = shown.map((s) => [s, grid(x, s.i)]).filter(([, v]) => v !== null).map(([s, v]) => ({
    label: series.split ? s.name : value.title, color: series.split ? s.color : '', on: s.i === on,
    value: exact(v, value.unit) + (share ? `, ${digits(v / total, { style: 'percent', maximumFractionDigits: 1 })}` : ''),
  }));
  const sum = sums && lines.length > 1 ? shown.reduce((all, s) => all + (grid(x, s.i) ?? 0), 0) : null;
  const place = Math.max(0, Math.min(lines.findIndex((one) => one.on) - 5, lines.length - 11));

  if (lines.length > 12) {
    lines.splice(0, lines.length, ...lines.slice(place, place + 11), { label: `and ${lines.length - 11} more`, value: '' });
  }
  sum !== null && lines.push({ label: 'Total', value: exact(sum, value.unit) });
  return rowsTip(named(cats, x), lines);
}

function drawBars(sheet, ch) {
  const flip = ch.y.kind !== 'number' && ch.x.kind === 'number';
  const [keys, value] = flip ? [ch.y, ch.x] : [ch.x, ch.y];
  const cats = categories(keys, true);
  const stack = value.spec.stack;
  const stacked = stack === null || stack === false ? false : stack !== undefined || value.adds;
  const series = seriesOf(ch.color === keys ? undefined : ch.color, value.values, stacked && value.adds), shown = visible(series);
  const share = stack === 'normalize' && series.split, grid = gather(cats, series, value.values, value.adds);
  const ends = [];
  const total = (x) => shown.reduce((all, s) => all + Math.abs(grid(x, s.i) ?? 0), 0) || 1;
  const piles = cats.values.map((_, x) => {
    let up = 0, down = 0;

    return shown.map((s, n) => {
      const v = grid(x, s.i), part = v === null ? null : share ? v / total(x) * 100 : v;
      const from = part === null || !stacked ? 0 : part < 0 ? down : up;

      if (part === null) {
        return null;
      }
      part < 0 ? down += part : up += part;
      ends.push(stacked ? from + part : part, 0);
      return { s, n, v, from, to: from + part };
    }).filter(Boolean);
  });
  const longest = Math.max(...cats.labels.map((label) => width(label)));
  const lying = flip || !keys.ordered && cats.values.length <= 40 && longest + 12 > sheet.W * 0.9 / cats.values.length && cats.values.length > 1;
  const each = !stacked && shown.length > 1 ? Math.max(26, shown.length * 8 + 8) : cats.values.length > 14 ? 22 : 30;
  const height = lying ? Math.max(cats.values.length * each + 70, 150) : stageHeight(sheet.W);
  const keyAxis = axis(keys, { cats }), valueAxis = axis(value, { values: ends, zero: true, percent: share, title: share ? `${value.title}, share` : value.title });
  const box = frame(sheet, lying ? valueAxis : keyAxis, lying ? keyAxis : valueAxis, height);
  const beside = !stacked && shown.length > 1;
  const thick = Math.min(keyAxis.step * (beside ? 0.84 : keyAxis.step < 4 ? 1 : 0.72), beside ? 30 * shown.length : 56);
  const labelled = !series.split && cats.values.length <= (lying ? 40 : 14);
  const hits = [];

  piles.forEach((pile, x) => pile.forEach(({ s, n, v, from, to }) => {
    const size = beside ? thick / shown.length : thick;
    const at = keyAxis.pos(x) - thick / 2 + (beside ? n * size : 0);
    const a = valueAxis.pos(from), b = valueAxis.pos(to), gap = beside && size > 4 ? 1 : 0;
    const [l, t, w, h] = lying ? [Math.min(a, b), at, Math.abs(b - a), size - gap] : [at, Math.min(a, b), size - gap, Math.abs(b - a)];
    const mark = rect(l, t, w, h, { fill: s.color, rx: Math.min(stacked && series.split ? 0 : 2.5, w / 2, h / 2),
      ...(stacked && series.split && size > 5 && { stroke: 'var(--ground)', 'stroke-width': 1 }) });

    sheet.marks.append(mark);
    hits.push({ x: lying ? b : at + size / 2, y: lying ? at + size / 2 : Math.min(a, b), ix: x, is: s.i, box: [l, t, l + w, t + h], mark, series: s.name,
                tip: () => tableTip({ grid, cats, series, shown, value, sums: stacked && value.adds, share }, x, s.i) });
    const label = labelled ? short(v, value.unit) : '';

    if (label && (lying || width(label) < keyAxis.step)) {
      const inside = lying && (v < 0 ? b - width(label) - 8 < box.left : b + width(label) + 8 > sheet.W);

      sheet.marks.append(lying ? text(b + (v < 0 ? -1 : 1) * (inside ? -6 : 5), at + size / 2 + 4, v < 0 !== inside ? 'end' : 'start', label, inside ? { style: `fill:${inkOn(rgb(s.color))}` } : {})
        : text(at + size / 2, b + (v < 0 ? 14 : -5), 'middle', label));
    }
  }));
  return { hits, series, height, find: byBand(hits, (px, py) => Math.floor(((lying ? py - box.top : px - box.left)) / keyAxis.step), box),
           what: `${value.title} by ${keys.title}` };
}

/* The hit under the pointer, else the nearest of the same category. */
function byBand(hits, band, box) {
  const groups = new Map();

  hits.forEach((hit, i) => groups.set(hit.ix, [...groups.get(hit.ix) ?? [], i]));
  return (px, py) => {
    if (px < box.left - 4 || px > box.right + 8 || py < box.top - 14 || py > box.bottom + 6) {
      return -1;
    }
    const far = (i) => {
      const [l, t, r, b] = hits[i].box ?? [hits[i].x, hits[i].y, hits[i].x, hits[i].y];

      return Math.max(l - px, px - r, 0) + Math.max(t - py, py - b, 0);
    };

    return (groups.get(band(px, py)) ?? []).reduce((best, i) => (best < 0 || far(i) < far(best) ? i : best), -1);
  };
}

function drawLines(sheet, ch, area) {
  const numeric = ch.x.kind !== 'category';
  const cats = categories(ch.x, !numeric);
  const stack = ch.y.spec.stack, stacked = area && ch.color && stack !== null && stack !== false;
  const series = seriesOf(ch.color, ch.y.values, stacked && ch.y.adds), shown = visible(series);
  const share = stacked && stack === 'normalize', grid = gather(cats, series, ch.y.values, ch.y.adds);
  const at = cats.values.map((v, i) => [v, i]).filter(([v]) => !numeric || v !== null).map(([, i]) => i);
  const base = at.map(() => 0), ends = [];
  const total = (x) => shown.reduce((all, s) => all + Math.abs(grid(x, s.i) ?? 0), 0) || 1;
  const runs = shown.map((s) => ({ s, points: at.map((x, k) => {
    const v = grid(x, s.i);

    if (v === null && !stacked) {
      return null;
    }
    const from = base[k], to = (stacked ? from : 0) + (v ?? 0) * (share ? 100 / total(x) : 1);

    base[k] = stacked ? to : 0;
    ends.push(to);
    return { x, v, from, to };
  }) }));
  const x = axis(ch.x, numeric ? {} : { cats }), height = stageHeight(sheet.W);
  const y = axis(ch.y, { values: ends, zero: area, percent: share, title: share ? `${ch.y.title}, share` : ch.y.title });
  const box = frame(sheet, x, y, height), hits = [];
  const px = (i) => x.pos(numeric ? cats.values[i] : i);
  const path = (points) => points.map((p, i) => `${i ? 'L' : 'M'}${px(p.x).toFixed(1)} ${y.pos(p.to).toFixed(1)}`).join('');
  const dots = at.length * shown.length <= 120 && at.length <= 40;

  runs.forEach(({ s, points }) => {
    const pieces = points.reduce((all, p) => (p ? all.at(-1).push(p) : all.at(-1).length && all.push([]), all), [[]]).filter((p) => p.length);
    const dim = s.key === 'others' && !stacked;

    for (const piece of pieces) {
      if (area) {
        const under = [...piece].reverse().map((p) => `L${px(p.x).toFixed(1)} ${y.pos(p.from).toFixed(1)}`).join('');

        sheet.marks.append(node('path', { d: `${path(piece)}${under}Z`, fill: s.color, 'fill-opacity': stacked ? 0.82 : 0.22 }));
      }
      sheet.marks.append(node('path', { d: path(piece), fill: 'none', stroke: stacked ? 'var(--ground)' : s.color, 'stroke-width': stacked ? 1 : dim ? 1 : 2.2, 'stroke-linejoin': 'round', 'stroke-linecap': 'round' }));
      if (piece.length === 1 || dots && !stacked && !dim) {
        piece.forEach((p) => sheet.marks.append(node('circle', { cx: px(p.x), cy: y.pos(p.to), r: piece.length === 1 ? 4 : 2.8, fill: s.color })));
      }
    }
    points.forEach((p) => p && p.v !== null && hits.push({
      x: px(p.x), y: y.pos(p.to), ix: p.x, is: s.i, color: s.color, cross: [box.top, box.bottom], series: s.name,
      tip: () => tableTip({ grid, cats, series, shown, value: ch.y, sums: stacked && ch.y.adds, share }, p.x, s.i),
    }));
  });
  const places = at.map((i) => [px(i), i]);
  const nearest = (p) => places.reduce((best, one) => (Math.abs(one[0] - p) < Math.abs(best[0] - p) ? one : best), [Infinity, -1])[1];

  return { hits, series, height, find: byBand(hits, nearest, box), what: `${ch.y.title} by ${ch.x.title}` };
}

function drawHistogram(sheet, ch) {
  const bins = ch.x.end >= 0 ? { from: ch.x.values, to: sheet.rows.map((row) => row[ch.x.end]), count: ch.y?.values ?? sheet.rows.map(() => 1) }
    : makeBins(ch.x.values, ch.y?.kind === 'number' && ch.y !== ch.x ? ch.y.values : null);
  const kept = bins.from.map((v, row) => (v === null || !Number.isFinite(v) ? null : v));
  const unit = ch.x.unit, label = (a, b) => `${exact(a, unit)} to ${exact(b, unit)}`;
  const cats = categories({ ...ch.x, values: kept }), toOf = new Map(bins.from.map((v, i) => [v, bins.to[i]]));
  const count = ch.y ?? { title: 'Number of records', unit: { prefix: '' }, adds: true, spec: {} };
  const series = seriesOf(ch.color, bins.count, true), shown = visible(series), grid = gather(cats, series, bins.count, true);

  cats.labels = cats.values.map((v) => (v === null ? '(empty)' : label(v, toOf.get(v))));
  const real = cats.values.map((v, i) => [v, i]).filter(([v]) => v !== null);
  const totals = real.map(([, i]) => shown.reduce((all, s) => all + (grid(i, s.i) ?? 0), 0));
  const x = axis({ ...ch.x, kind: 'number' }, { values: real.flatMap(([v]) => [v, toOf.get(v)]) });
  const y = axis({ ...count, kind: 'number', values: totals }, { values: totals, zero: true }), height = stageHeight(sheet.W);

  x.marks = tight(x, real, toOf, unit);
  const box = frame(sheet, x, y, height), hits = [], edges = [];

  for (const [v, i] of real) {
    const a = x.pos(v), b = x.pos(toOf.get(v));
    let up = 0;

    edges.push([a, b, i]);
    for (const s of shown) {
      const n = grid(i, s.i);

      if (n === null) {
        continue;
      }
      const t = y.pos(up + n), mark = rect(a + (b - a > 5 ? 0.75 : 0), t, b - a - (b - a > 5 ? 1.5 : 0), y.pos(up) - t, { fill: s.color });

      sheet.marks.append(mark);
      hits.push({ x: (a + b) / 2, y: t, ix: i, is: s.i, box: [a, t, b, y.pos(up)], mark, series: s.name,
                  tip: () => tableTip({ grid, cats, series, shown, value: count, sums: true }, i, s.i) });
      up += n;
    }
  }
  return { hits, series, height, what: `${count.title} by ${ch.x.title}`,
           find: byBand(hits, (p) => edges.find(([a, b]) => p >= a && p <= b)?.[2], box) };
}

/* Ticks of a histogram: the axis begins and ends with the bins. */
function tight(x, real, toOf, unit) {
  const lo = Math.min(...real.map(([v]) => v)), hi = Math.max(...real.map(([v]) => toOf.get(v)));

  return (wanted) => {
    const found = ticks(lo, hi, wanted).filter((v) => v > lo && v < hi);
    const gap = (hi - lo) / wanted * 0.45;

    return [lo, ...found.filter((v) => v - lo > gap && hi - v > gap), hi].map((v) => [v, short(v, unit), '']);
  };
}

function makeBins(values, weights) {
  const known = values.filter((v) => v !== null), marks = ticks(Math.min(...known), Math.max(...known), 20), step = marks[1] - marks[0];
  const from = values.map((v) => (v === null ? null : marks[Math.min(Math.floor((v - marks[0]) / step + 1e-9), marks.length - 2)]));

  return { from, to: from.map((v) => (v === null ? null : marks[marks.indexOf(v) + 1])), count: weights ?? values.map(() => 1) };
}

