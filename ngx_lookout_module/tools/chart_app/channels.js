/*
 * From an encoding to columns: which column carries which channel, or, when nobody says how the
 * rows are drawn, a guess.
 */

const CHANNELS = ['x', 'y', 'x2', 'y2', 'longitude', 'latitude', 'color', 'fill', 'stroke', 'size', 'theta', 'radius', 'shape',
                  'row', 'column', 'facet', 'detail', 'text', 'tooltip', 'order', 'opacity', 'key'];
const STANDS_FOR = { __proto__: null, fill: 'color', stroke: 'color', radius: 'theta' };

function channel(columns, rows, name, spec) {
  const index = columns.findIndex((column) => column.name === name);

  if (index < 0) {
    return undefined;
  }
  const column = columns[index], aggregate = spec.aggregate ?? '', end = columns.findIndex((other) => other.name === `${name}_end`);
  const binned = end >= 0 && name.startsWith('bin_');
  const part = String(spec.timeUnit?.unit ?? spec.timeUnit ?? '').replace(/^utc/, '');
  const kind = isNumeric(column) ? (/nominal|ordinal/.test(spec.type) ? 'category' : 'number')
    : /date|timestamp/.test(column.type) && spec.type !== 'nominal' ? 'time' : 'category';
  const values = rows.map((row) => (row[index] === null || row[index] === undefined ? null
    : kind === 'time' ? when(row[index]) : kind === 'number' ? Number(row[index]) : row[index]));
  const known = values.filter((v) => v !== null);

  return {
    index, column, spec, kind, values, part, end,
    ordered: kind === 'time' || spec.type === 'ordinal' || part in parts,
    title: String(spec.title || (aggregate === 'count' ? 'Number of records' : words(part || binned ? name.slice(name.indexOf('_') + 1) : name))),
    adds: /^(|sum|count|valid|missing)$/.test(aggregate),
    unit: unitOf(column, kind === 'number' ? known : []),
    grain: kind === 'time' ? UNITS[part] ?? grainOf(known) : '',
  };
}

/* A view's query names its columns after what the channels do with their fields. */
function bind(encoding, columns, rows) {
  const seen = new Map(), taken = new Set(), bound = {};

  for (const key of CHANNELS) {
    for (const spec of [encoding[key]].flat().filter(isObject)) {
      const aggregate = spec.aggregate ?? '', field = aggregate === 'count' ? '' : spec.field ?? '';
      const unit = String(spec.timeUnit?.unit ?? spec.timeUnit ?? '').replace(/^utc/, '');
      const prefix = aggregate || unit || (spec.bin === true || isObject(spec.bin) ? 'bin' : '');
      const expression = `${aggregate === 'average' ? 'mean' : prefix} ${field}`;

      if (field === '' && aggregate !== 'count') {
        continue;
      }
      const base = [prefix, field].filter(Boolean).join('_');
      let name = seen.get(expression) ?? base;

      for (let n = 2; !seen.has(expression) && taken.has(name); n++) {
        name = `${base}_${n}`;
      }
      seen.set(expression, name);
      taken.add(name);
      bound[STANDS_FOR[key] ?? key] ??= channel(columns, rows, name, spec);
    }
  }
  return bound;
}

/* What to draw when nobody says: by the columns' types and roles. */
function guess(columns, rows) {
  const make = (column) => column && channel(columns, rows, column.name, {
    timeUnit: column.name.match(/^(year[a-z]*|quarter|month|day|hours)_/)?.[1],
    type: /^(quarter|month|day|hours)_/.test(column.name) ? 'ordinal' : undefined,
    aggregate: column.name.match(/^(count|sum|mean|average|median|min|max|stdev|variance|distinct)(_|$)/)?.[1],
  });
  const bin = columns.find(({ name }) => columns.some((other) => other.name === `${name}_end`));
  const isMeasure = (column) => isNumeric(column) && column.semanticRole === 'measure';
  const measures = columns.filter(isMeasure);
  const free = columns.filter((column) => !isMeasure(column) && column !== bin && column.name !== `${bin?.name}_end`);
  const [first, second] = free.filter((column) => column.semanticRole !== 'identifier');
  const loose = free.length > 2 || free.some((column) => column.semanticRole === 'identifier');

  if (bin) {
    return ['histogram', { x: make(bin), y: make(measures[0]), color: make(first) }];
  }
  if (measures.length === 0 || rows.length === 0) {
    return ['table', {}];
  }
  if (measures.length > 1 && (loose || !first)) {
    return ['scatter', { x: make(measures[0]), y: make(measures[1]), color: make(first) }];
  }
  if (!first) {
    return ['table', {}];
  }
  const x = make(first), y = make(measures[0]), color = make(second);

  if (loose) {
    return ['scatter', { x, y, color }];
  }
  const crowded = color && x.kind !== 'time' && new Set(color.values).size > 10 && new Set(x.values).size > 10;

  return crowded ? ['heatmap', { x, y: color, color: y }] : [x.kind === 'time' ? 'line' : 'bar', { x, y, color }];
}

