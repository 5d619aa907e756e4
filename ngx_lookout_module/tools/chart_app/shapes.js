/*
 * Drawers of pies and donuts, treemaps, heatmaps and scatter plots.
 */

function drawPie(sheet, ch, hole) {
  const by = ch.color ?? ch.detail;

  if (ch.theta.values.some((v) => v < 0)) {
    sheet.note = 'Some values are negative, which slices cannot show: these are bars.';
    return by ? drawBars(sheet, { x: by, y: ch.theta }) : { hits: [] };
  }
  const series = seriesOf(by, ch.theta.values, true), one = { of: () => 0 };
  const grid = gather(one, series, ch.theta.values, true), listed = Array.isArray(by?.spec.sort);
  const shown = visible(series).map((s) => ({ ...s, v: grid(0, s.i) ?? 0 })).filter((s) => s.v > 0);

  listed || shown.sort((a, b) => (a.key === 'others') - (b.key === 'others') || b.v - a.v);
  const total = shown.reduce((all, s) => all + s.v, 0), H = Math.min(stageHeight(sheet.W), 360);
  const cx = sheet.W / 2, cy = H / 2, R = Math.min(H / 2 - 26, sheet.W / 2 - 78), r = hole ? R * 0.62 : 0, hits = [];
  const point = (turn, radius) => [cx + radius * Math.sin(turn), cy - radius * Math.cos(turn)];
  const beside = { left: -Infinity, right: -Infinity };
  let at = 0;

  for (const s of shown) {
    const to = at + s.v / total * 2 * Math.PI, end = Math.min(to, at + 2 * Math.PI - 1e-4), big = end - at > Math.PI ? 1 : 0;
    const p = (turn, radius) => point(turn, radius).map((c) => c.toFixed(2)).join(' ');
    const inner = r ? `L${p(end, r)}A${r} ${r} 0 ${big} 0 ${p(at, r)}` : `L${cx} ${cy}`;
    const mark = node('path', { d: `M${p(at, R)}A${R} ${R} 0 ${big} 1 ${p(end, R)}${inner}Z`, fill: s.color, stroke: 'var(--ground)', 'stroke-width': shown.length > 1 ? 1.5 : 0 });
    const middle = (at + to) / 2, percent = digits(s.v / total, { style: 'percent', maximumFractionDigits: 1 });
    const [hx, hy] = point(middle, r ? (R + r) / 2 : R * 0.65);

    sheet.marks.append(mark);
    hits.push({ x: hx, y: hy, ix: hits.length, is: 0, mark, from: at, to,
                tip: () => rowsTip(s.name || ch.theta.title, [{ label: ch.theta.title, value: exact(s.v, ch.theta.unit), on: true, color: s.color }, { label: 'Share', value: percent }]) });
    if (to - at > 0.3 && (R - r > 44 || hole)) {
      sheet.marks.append(text(hx, hy + 4, 'middle', digits(s.v / total, { style: 'percent', maximumFractionDigits: 0 }), { style: `fill:${inkOn(rgb(s.color))};font-weight:600;pointer-events:none` }));
    }
    if (to - at > 0.12 && s.name) {
      const side = Math.sin(middle) < 0 ? 'left' : 'right', [lx, ly] = point(middle, R + 12);
      const key = side === 'left' ? -ly : ly;

      if (key - beside[side] > 15) {
        beside[side] = key;
        sheet.marks.append(text(lx, ly + 4, side === 'left' ? 'end' : 'start', fit(s.name, side === 'left' ? lx : sheet.W - lx)));
      }
    }
    at = to;
  }
  if (hole && shown.length > 0) {
    sheet.back.append(text(cx, cy - 4, 'middle', 'Total'), text(cx, cy + 16, 'middle', short(total, ch.theta.unit), { class: 'strong', style: 'font-size:18px' }));
  }
  return { hits, series, height: H, what: by ? `${ch.theta.title} by ${by.title}` : ch.theta.title, find: (px, py) => {
    const turn = (Math.atan2(px - cx, cy - py) + 2 * Math.PI) % (2 * Math.PI), far = Math.hypot(px - cx, py - cy);

    return far > R || far < r ? -1 : hits.findIndex((hit) => turn >= hit.from && turn < hit.to);
  } };
}

/* Rectangles as square as they come, the largest first. */
function squarify(items, x, y, w, h, put) {
  let left = items, total = items.reduce((sum, item) => sum + item.v, 0);

  while (left.length > 0 && w > 0 && h > 0 && total > 0) {
    const side = Math.min(w, h), scale = w * h / total;
    const worst = (row, sum) => Math.max(...[row[0], row.at(-1)].map((item) => {
      const depth = sum * scale / side, breadth = item.v * scale / depth;

      return Math.max(depth / breadth, breadth / depth);
    }));
    let row = [left[0]], sum = left[0].v;

    for (const item of left.slice(1)) {
      if (worst([...row, item], sum + item.v) > worst(row, sum)) {
        break;
      }
      row.push(item);
      sum += item.v;
    }
    const depth = sum * scale / side;
    let at = w < h ? x : y;

    for (const item of row) {
      const breadth = item.v / sum * side;

      w < h ? put(item, at, y, breadth, depth) : put(item, x, at, depth, breadth);
      at += breadth;
    }
    w < h ? (y += depth, h -= depth) : (x += depth, w -= depth);
    left = left.slice(row.length);
    total -= sum;
  }
}

function drawTreemap(sheet, ch) {
  const nested = ch.color && ch.color.kind !== 'number' && ch.detail, cell = ch.detail ?? ch.color;
  const groups = seriesOf(nested ? ch.color : cell, ch.size.values, false), cats = categories(cell);
  const grid = gather(cats, groups, ch.size.values, ch.size.adds), H = stageHeight(sheet.W), hits = [];
  const all = visible(groups).map((s) => ({ s, cells: cats.values.map((_, c) => ({ c, v: grid(c, s.i) ?? 0 })).filter(({ v }) => v > 0).sort((a, b) => b.v - a.v) }))
    .map((group) => ({ ...group, v: group.cells.reduce((sum, one) => sum + one.v, 0) })).filter(({ v }) => v > 0).sort((a, b) => b.v - a.v);
  const total = all.reduce((sum, one) => sum + one.v, 0);

  sheet.note = ch.size.values.some((v) => v < 0) ? 'Negative values are not drawn.' : '';
  squarify(all, 0, 0, sheet.W, H, ({ s, cells, v: sum }, gx, gy, gw, gh) => {
    const ink = inkOn(rgb(s.color)), head = nested && gw > 46 && gh > 44 ? 19 : 0;

    if (head) {
      sheet.marks.append(text(gx + 3, gy + 14, 'start', fit(s.name, gw - 8, 12, 600), { class: 'strong' }));
    }
    squarify(cells, gx, gy + head, gw - (nested ? 3 : 0), gh - head - (nested ? 3 : 0), ({ c, v }, x, y, w, h) => {
      const mark = rect(x + 0.75, y + 0.75, w - 1.5, h - 1.5, { fill: s.color, rx: Math.min(3, w / 4, h / 4) });

      sheet.marks.append(mark);
      if (w > 40 && h > 22) {
        sheet.marks.append(text(x + 7, y + 16, 'start', fit(cats.labels[c], w - 12, 12, 600), { style: `fill:${ink};font-weight:600;pointer-events:none` }));
        h > 38 && sheet.marks.append(text(x + 7, y + 31, 'start', fit(short(v, ch.size.unit), w - 12), { style: `fill:${ink};opacity:.85;pointer-events:none` }));
      }
      hits.push({ x: x + w / 2, y: y + h / 2, ix: hits.length, is: 0, box: [x, y, x + w, y + h], mark, tip: () => rowsTip(cats.labels[c], [
        ...(nested ? [{ label: ch.color.title, value: s.name, color: s.color }] : []), { label: ch.size.title, value: exact(v, ch.size.unit), on: true },
        { label: 'Share', value: digits(v / total, { style: 'percent', maximumFractionDigits: 1 }) }]) });
    });
  });
  return { hits, series: groups, height: H, find: inBox(hits), what: `${ch.size.title} by ${[nested && ch.color.title, cell.title].filter(Boolean).join(' and ')}` };
}

const inBox = (hits) => (px, py) => hits.findIndex(({ box: [l, t, r, b] }) => px >= l && px < r && py >= t && py < b);

function drawHeatmap(sheet, ch) {
  const xs = categories(ch.x, ch.x.kind === 'category' && !ch.x.ordered), ys = categories(ch.y, false), count = !ch.color;
  const value = ch.color ?? { title: 'Number of rows', unit: { prefix: '' }, values: sheet.rows.map(() => 1), adds: true };
  const grid = gather(xs, { of: ys.of }, value.values, value.adds);
  const known = xs.values.flatMap((_, i) => ys.values.map((__, j) => grid(i, j))).filter((v) => v !== null);
  const shades = ramp(Math.min(...known), Math.max(...known)), H = Math.min(Math.max(ys.values.length * 34 + 90, 190), Math.max(ys.values.length * 15 + 90, 620));
  const x = axis(ch.x, { cats: xs }), y = axis(ch.y, { cats: ys }), box = frame(sheet, x, y, H), hits = [];
  const roomy = y.step >= 17 && Math.max(...known.map((v) => width(short(v, value.unit), 11))) + 6 < x.step;

  ys.values.forEach((_, j) => xs.values.forEach((__, i) => {
    const v = grid(i, j), gap = x.step > 6 && y.step > 6 ? 1 : 0, l = box.left + i * x.step, t = box.top + j * y.step;

    if (v === null) {
      return;
    }
    const mark = rect(l + gap / 2, t + gap / 2, x.step - gap, y.step - gap, { fill: shades.css(v), rx: Math.min(2.5, x.step / 4) });

    sheet.marks.append(mark);
    roomy && sheet.marks.append(text(l + x.step / 2, t + y.step / 2 + 4, 'middle', short(v, value.unit), { style: `fill:${shades.ink(v)};font-size:11px;pointer-events:none` }));
    hits.push({ x: l + x.step / 2, y: t + y.step / 2, ix: i, is: j, box: [l, t, l + x.step, t + y.step], mark, tip: () => rowsTip(named(xs, i), [
      { label: ch.y.title, value: ys.labels[j] }, { label: value.title, value: count ? digits(v) : exact(v, value.unit), on: true, color: shades.css(v) }]) });
  }));
  return { hits, ramp: { ...shades, unit: value.unit, title: value.title }, height: H, find: inBox(hits), what: `${value.title} by ${ch.x.title} and ${ch.y.title}` };
}

function drawScatter(sheet, ch) {
  const bandOf = (c) => (c.kind === 'category' ? categories(c, false) : undefined);
  const xs = bandOf(ch.x), ys = bandOf(ch.y), x = axis(ch.x, { cats: xs }), y = axis(ch.y, { cats: ys });
  const shaded = ch.color && ch.color.kind !== 'category', series = seriesOf(shaded ? undefined : ch.color, sheet.rows.map(() => 1), false);
  const tones = shaded ? ramp(Math.min(...ch.color.values.filter((v) => v !== null)), Math.max(...ch.color.values)) : null;
  const on = new Set(visible(series).map((s) => s.i)), H = stageHeight(sheet.W), box = frame(sheet, x, y, H), hits = [];
  const sizes_ = ch.size?.kind === 'number' ? ch.size.values.map((v) => Math.max(v ?? 0, 0)) : null;
  const most = sizes_ ? Math.max(...sizes_) || 1 : 1, plain = sheet.rows.length > 400 ? 3 : sheet.rows.length > 80 ? 4 : 5;
  let missing = 0;

  sheet.rows.forEach((row, i) => {
    const vx = xs ? xs.of(i) : ch.x.values[i], vy = ys ? ys.of(i) : ch.y.values[i], s = series.of(i);

    if (vx === null || vy === null || !Number.isFinite(vx) || !Number.isFinite(vy)) {
      missing++;
    } else if (on.has(s)) {
      const fill = shaded ? (ch.color.values[i] === null ? color(-1) : tones.css(ch.color.values[i])) : series.all[s].color;
      const mark = node('circle', { cx: x.pos(vx), cy: y.pos(vy), r: sizes_ ? 2.5 + 11 * Math.sqrt(sizes_[i] / most) : plain, fill, 'fill-opacity': 0.68, stroke: fill, 'stroke-width': 0.8 });

      sheet.marks.append(mark);
      hits.push({ x: x.pos(vx), y: y.pos(vy), ix: hits.length, is: 0, mark, color: fill, tip: () => rowTip(sheet.columns, row, ch, fill, !shaded && series.split) });
    }
  });
  sheet.note = missing > 0 ? `${digits(missing)} row${missing === 1 ? '' : 's'} without a value on an axis ${missing === 1 ? 'is' : 'are'} not drawn.` : '';
  return { hits, series: shaded ? undefined : series, ramp: shaded && { ...tones, unit: ch.color.unit, title: ch.color.title, time: ch.color.kind === 'time' && ch.color.grain }, height: H,
           what: `${ch.y.title} by ${ch.x.title}`, find: (px, py) => hits.reduce((best, hit, i) => {
    const far = Math.hypot(hit.x - px, hit.y - py);

    return far < best[0] ? [far, i] : best;
  }, [22, -1])[1] };
}

/* Everything that a row says, its name first. */
function rowTip(columns, row, ch, swatch, split) {
  const bound = Object.values(ch).filter(Boolean), lines = columns.map((column, i) => {
    const one = bound.find((c) => c.index === i);

    return { label: one?.title ?? words(column.name), value: cellText(column, row[i], one?.unit), on: one === ch.x || one === ch.y, color: split && one === ch.color ? swatch : '' };
  });
  const name = columns.findIndex((column) => /(^|_)name$/.test(column.name)), id = columns.findIndex((column) => column.semanticRole === 'identifier');
  const head = name >= 0 ? name : id;

  return rowsTip(head >= 0 ? cellText(columns[head], row[head]) : '', lines.filter((_, i) => i !== head).slice(0, 12));
}

