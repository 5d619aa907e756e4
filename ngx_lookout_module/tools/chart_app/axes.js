/*
 * SVG: making elements, measuring texts, axes, and the frame around a plot.
 */

const pen = document.createElement('canvas').getContext('2d');

function width(text, size = 12, weight = 400) {
  pen.font = `${weight} ${size}px ${getComputedStyle(document.body).fontFamily}`;
  return pen.measureText(text).width;
}

function fit(text, room, size, weight) {
  if (width(text, size, weight) <= room) {
    return text;
  }
  const letters = [...text.slice(0, 200)];

  while (letters.length > 0 && width(`${letters.join('')}…`, size, weight) > room) {
    letters.pop();
  }
  return letters.length > 0 ? `${letters.join('').trimEnd()}…` : '';
}

function node(name, attributes = {}, ...children) {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name);

  for (const [key, value] of Object.entries(attributes)) {
    made.setAttribute(key, typeof value === 'number' ? +value.toFixed(2) : value);
  }
  made.append(...children);
  return made;
}

function html(name, attributes = {}, ...children) {
  const made = document.createElement(name);

  Object.entries(attributes).forEach(([key, value]) => made.setAttribute(key, value));
  made.append(...children);
  return made;
}

const rect = (x, y, w, h, more) => node('rect', { x, y, width: Math.max(w, 0), height: Math.max(h, 0), ...more });
const text = (x, y, anchor, words_, more) => node('text', { x, y, 'text-anchor': anchor, ...more }, words_);
const line = (x1, y1, x2, y2, kind) => node('line', { x1, y1, x2, y2, class: kind, 'shape-rendering': 'crispEdges' });

/* Round numbers around lo to hi. */
function ticks(lo, hi, wanted) {
  if (lo === hi) {
    [lo, hi] = lo === 0 ? [0, 1] : lo > 0 ? [0, hi] : [lo, 0];
  }
  const raw = (hi - lo) / Math.max(wanted, 1), power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].find((factor) => factor * power >= raw * 0.999) * power;
  const from = Math.floor(lo / step + 1e-9), to = Math.ceil(hi / step - 1e-9);

  return Array.from({ length: to - from + 1 }, (_, i) => Number(((from + i) * step).toPrecision(12)));
}

const STEPS = [['minute', 1 / 24], ['minute', 1 / 8], ['minute', 1 / 4], ['day', 1], ['day', 2], ['day', 7], ['day', 14], ['month', 1],
               ['quarter', 3], ['month', 6], ['year', 12], ['year', 24], ['year', 60], ['year', 120], ['year', 600], ['year', 6000]];
const ORDER = ['minute', 'day', 'month', 'quarter', 'year'];

function timeTicks(lo, hi, most, grain) {
  for (const [unit, count] of STEPS) {
    const months = ORDER.indexOf(unit) > 1, size = count * (months ? 30.4 : 1) * DAY;

    if (ORDER.indexOf(unit) < ORDER.indexOf(grain) && !(unit === 'month' && grain === 'quarter' && count === 6) || (hi - lo) / size > most) {
      continue;
    }
    const shown = unit === 'quarter' && grain !== 'quarter' ? 'month' : unit, found = [];
    const start = new Date(lo), index = start.getUTCFullYear() * 12 + start.getUTCMonth();
    let at = months ? Math.floor(index / count) * count : Math.floor(lo / size) * size;

    for (; found.length < 200; at += months ? count : size) {
      const ms = months ? Date.UTC(Math.floor(at / 12), at % 12, 1) : at;

      if (ms > hi) {
        break;
      }
      ms >= lo && found.push([ms, ...tickTime(ms, shown)]);
    }
    return found;
  }
  return [];
}

/* An axis: pos(value) in pixels, once place() said from where to where. Categories are bands. */
function axis(ch, { cats, zero, values, title = ch?.title ?? '', percent } = {}) {
  const known = (values ?? ch?.values ?? []).filter((v) => v !== null && Number.isFinite(v));
  let lo = known.reduce((a, b) => Math.min(a, b), Infinity), hi = known.reduce((a, b) => Math.max(a, b), -Infinity);

  if (known.length === 0) {
    [lo, hi] = [0, 1];
  }
  const made = { title, cats, kind: cats ? 'band' : ch?.kind === 'time' && !values ? 'time' : 'number', percent, unit: percent ? { prefix: '', percent: true } : ch?.unit };

  if (made.kind === 'number') {
    lo = zero && lo > 0 ? 0 : lo > 0 && lo < 0.6 * hi ? 0 : lo;
    hi = zero && hi < 0 ? 0 : hi;
  }
  made.marks = (wanted) => ticks(lo, hi, wanted).map((v) => [v, short(v, made.unit), '']);
  made.place = (a, b, wanted) => {
    made.range = [a, b];
    if (cats) {
      made.step = (b - a) / cats.values.length;
      made.pos = (i) => a + (i + 0.5) * made.step;
    } else {
      made.ticks = made.kind === 'time' ? timeTicks(lo, hi, wanted, ch.grain) : made.marks(wanted);
      const [from, to] = made.kind === 'time' ? [lo, hi] : [made.ticks[0][0], made.ticks.at(-1)[0]];

      made.step = 0;
      made.pos = (v) => (to === from ? (a + b) / 2 : a + (v - from) / (to - from) * (b - a));
    }
    return made;
  };
  if (cats) {
    made.words = cats.values.map((v, i) => (ch.kind === 'time' && v !== null ? tickTime(v, ch.grain) : [cats.labels[i], '']));
  }
  return made;
}

/* Places both axes around the plot, draws them, and gives the plot's box. */
function frame(sheet, x, y, height) {
  const W = sheet.W, bottomTitle = x.title ? 19 : 0;
  const top = y.title ? 28 : 12, many = Math.max(3, Math.floor(height / 52));
  const yTexts = y.cats ? y.words.map((w) => w[0]) : y.kind === 'time' ? ['00 Mmm'] : y.marks(many).map((mark) => mark[1]);
  const left = Math.min(Math.max(...yTexts.map((words_) => width(words_))), y.cats ? W * 0.34 : W * 0.3) + 12;
  const twoLines = x.cats ? x.words.some((w) => w[1]) : x.kind === 'time';
  const bottom = height - 24 - (twoLines ? 14 : 0) - bottomTitle;
  const right = W - (x.cats ? 4 : 18);

  x.place(left, right, x.kind === 'time' ? Math.max(2, (right - left) / 62) : Math.max(2, (right - left) / 90));
  y.cats ? y.place(top, bottom) : y.place(bottom, top, many);

  if (y.cats) {
    const every = Math.ceil(14 / y.step);

    y.words.forEach(([word, sub], i) => i % every === 0
      && sheet.back.append(text(left - 9, y.pos(i) + 4, 'end', fit(sub ? `${word} ${sub}` : word, left - 10))));
  } else {
    y.ticks.forEach(([v, word]) => sheet.back.append(line(left, y.pos(v), right, y.pos(v), v === 0 ? 'axis' : 'grid'),
                                                     text(left - 9, y.pos(v) + 4, 'end', word)));
  }
  const marks = x.cats ? x.words.map(([word, sub], i) => [i, word, sub]) : x.ticks;
  const widest = Math.max(...marks.map((mark) => width(mark[1])), 0);
  const every = x.cats ? Math.max(1, Math.ceil((Math.min(widest, 110) + 10) / x.step)) : 1;
  let context = '';

  marks.forEach(([at, word, sub], i) => {
    if (i % every !== 0) {
      return;
    }
    const px = x.pos(at), room = x.cats ? x.step * every - 6 : 200;

    x.cats || y.cats && sheet.back.append(line(px, top, px, bottom, at === 0 ? 'axis' : 'grid'));
    const shown = fit(word, room), most = W - width(shown) / 2;

    if (every > 1 && px > most) {
      return;
    }
    sheet.back.append(text(Math.min(px, most), bottom + 17, 'middle', shown));
    if (sub && sub !== context) {
      sheet.back.append(text(px, bottom + 31, 'middle', sub));
      context = sub;
    }
  });
  if (!y.cats) {
    sheet.back.append(line(left, bottom, right, bottom, 'axis'));
  } else if (!x.cats) {
    sheet.back.append(line(x.pos(Math.min(Math.max(0, x.ticks[0][0]), x.ticks.at(-1)[0])), top, x.pos(Math.min(Math.max(0, x.ticks[0][0]), x.ticks.at(-1)[0])), bottom, 'axis'));
  }
  y.title && sheet.back.append(text(0, 12, 'start', fit(y.title, W)));
  x.title && sheet.back.append(text((left + right) / 2, height - 3, 'middle', fit(x.title, W)));
  return { left, right, top, bottom };
}

const rowsTip = (title, lines) => ({ title, lines });
const named = (cats, i) => (cats.bare ? `${cats.title}: ${cats.labels[i]}` : cats.labels[i]); // "Level: 3"
const stageHeight = (W) => {
  const full = state.context.displayMode === 'fullscreen' ? window.innerHeight - 190 : 0;

  return Math.max(full, Math.round(Math.min(Math.max(W * 0.52, 270), 400)));
};

