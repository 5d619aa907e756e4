/*
 * The page: what stands where, the pointer, the keys, the legend, the table, and the start.
 */

const drawers = {
  __proto__: null,
  bar: [['x', 'y'], drawBars], line: [['x', 'y'], drawLines], area: [['x', 'y'], (sheet, ch) => drawLines(sheet, ch, true)],
  pie: [['theta'], drawPie], donut: [['theta'], (sheet, ch) => drawPie(sheet, ch, true)], treemap: [['size'], drawTreemap],
  histogram: [['x'], drawHistogram], scatter: [['x', 'y'], drawScatter], heatmap: [['x', 'y'], drawHeatmap],
};

/* --- The page --- */

const stage = $('stage'), tip = html('div', { class: 'tip', 'aria-hidden': 'true', hidden: '' });
let chart = null; // what is drawn: { svg, focus, hits, find, at }

function message(title, body, kind = '', code = '') {
  const box = html('div', { class: `message ${kind}`, role: kind === 'error' ? 'alert' : 'status', ...(kind === 'busy' && { 'aria-busy': 'true' }) });

  title && box.append(html('h2', {}, title));
  body && box.append(html('p', {}, body));
  code && box.append(html('code', {}, code));
  stage.replaceChildren(box);
}

function show() {
  const { answer, error, view } = state, ready = answer && !error;

  chart = null;
  $('name').textContent = view?.name ?? (ready ? 'Rows of the view' : 'Lookout');
  document.title = view?.name ?? 'Lookout chart';
  $('about').textContent = [view?.workbook?.name, view?.datasource?.name].filter(Boolean).join(' · ');
  $('switch').hidden = $('foot').hidden = !ready;
  $('filters').hidden = !(ready && answer.filters.length > 0);
  $('legend').hidden = true;
  $('notes').replaceChildren(...(ready ? answer.warnings.map((warning) => {
    const [head, rest] = warningText(warning);

    return html('p', { class: 'note' }, html('b', {}, head), ` ${rest}`);
  }) : []));
  if (!ready) {
    error ? message(error.title, error.message, 'error', error.code)
      : host === window ? message('Nothing to show here', 'This page is shown by a host that speaks MCP Apps, next to the answer of a tool.')
      : message('', 'Waiting for the rows…', 'busy');
    return;
  }
  $('filters').replaceChildren(...answer.filters.map((filter) =>
    html('li', {}, `${words(String(filter.field))} `, html('b', {}, filterText(filter)))));
  drawStage();
  showCount(answer);
}

function drawStage() {
  const { answer, view } = state;
  const [type, channels] = view?.encoding ? [view.chartType, bind(view.encoding, answer.columns, answer.rows)] : guess(answer.columns, answer.rows);
  const [needs, drawer] = drawers[type] ?? [];
  const can = drawer && needs.every((need) => channels[need]) && (type !== 'treemap' || channels.color || channels.detail)
    && (type !== 'bar' || channels.x.kind === 'number' || channels.y.kind === 'number') && (!/line|area/.test(type) || channels.y.kind === 'number');
  const empty = answer.rows.length === 0;

  $('switch').hidden = !can || empty;
  document.querySelectorAll('[data-mode]').forEach((button) => button.setAttribute('aria-pressed', String(button.dataset.mode === state.mode)));
  if (empty) {
    message('No rows match', 'The view has no rows under these filters.');
  } else if (state.mode === 'table' || !can) {
    drawTable(channels);
    can || type === 'table' || stage.prepend(html('p', { class: 'quiet', style: 'margin-bottom:8px' },
      type === 'map' ? 'Maps are not drawn here; these are the rows.' : 'This chart cannot be drawn from these columns; these are the rows.'));
  } else {
    drawChart(type, drawer, channels);
  }
}

function drawChart(type, drawer, channels) {
  const { columns, rows } = state.answer, box = stage.getBoundingClientRect();
  const sheet = { W: Math.max(box.width, 240), rows, columns, back: node('g'), marks: node('g', { class: 'marks' }), note: '' };
  const focus = node('g', { style: 'pointer-events:none' }), drawn = drawer(sheet, channels);
  const name = `${words(type)} chart: ${drawn.what ?? ''}. ${drawn.hits.length} marks; the arrow keys read their values.`;
  const svg = node('svg', { viewBox: `0 0 ${sheet.W} ${drawn.height}`, height: drawn.height, tabindex: 0, role: 'application', 'aria-roledescription': 'interactive chart', 'aria-label': name, 'data-chart': type }, sheet.back, sheet.marks, focus);

  stage.classList.toggle('fresh', state.fresh);
  state.fresh = false;
  stage.replaceChildren(svg, tip);
  tip.hidden = true;
  drawn.hits.length === 0 && stage.append(html('p', { class: 'message' }, 'All series are hidden. Pick one in the legend.'));
  sheet.note && stage.append(html('p', { class: 'quiet' }, sheet.note));
  chart = { ...drawn, svg, focus, at: -1 };
  drawLegend(drawn);
  svg.addEventListener('pointermove', point);
  svg.addEventListener('pointerdown', point);
  svg.addEventListener('pointerleave', (event) => event.pointerType === 'mouse' && pick(-1));
  svg.addEventListener('keydown', walk);
  svg.addEventListener('focus', () => svg.matches(':focus-visible') && chart?.at === -1 && pick(0, true));
  svg.addEventListener('blur', () => pick(-1));
}

function drawLegend({ series, ramp: tones }) {
  const legend = $('legend'), seen = new Set();

  legend.hidden = !(series?.split || tones);
  legend.replaceChildren(...(series?.split ? series.all : []).filter(({ key }) => !seen.has(key) && seen.add(key)).map((s) => {
    const button = html('button', { type: 'button', 'aria-pressed': String(!state.hidden.has(s.key)), title: s.legend ?? s.name }, html('i'), html('span', {}, s.legend ?? s.name));

    button.firstChild.style.setProperty('--c', s.color);
    button.addEventListener('click', () => {
      state.hidden.has(s.key) ? state.hidden.delete(s.key) : state.hidden.add(s.key);
      const place = [...legend.children].indexOf(button);

      drawStage();
      legend.children[place]?.focus();
    });
    return button;
  }));
  if (tones) {
    const bar = html('i'), label = (v) => (tones.time ? fullTime(v, tones.time) : short(v, tones.unit));

    bar.style.setProperty('--c', `linear-gradient(90deg, ${tones.stops.join(', ')})`);
    legend.append(html('div', { class: 'ramp' }, tones.title, html('span', {}, label(tones.lo)), bar, html('span', {}, label(tones.hi))));
  }
}

function point(event) {
  const box = chart?.svg.getBoundingClientRect();

  box && pick(chart.find(event.clientX - box.left, event.clientY - box.top));
}

/* Points at a hit: what it is, where it is; `aloud` for those who came with the keyboard. */
function pick(i, aloud) {
  if (!chart || i === chart.at && !tip.hidden) {
    return;
  }
  const hit = chart.hits[i];

  chart.at = hit ? i : -1;
  chart.focus.replaceChildren();
  tip.hidden = !hit;
  if (!hit) {
    return;
  }
  hit.cross && chart.focus.append(line(hit.x, hit.cross[0], hit.x, hit.cross[1], 'axis'));
  if (hit.mark) {
    const copy = hit.mark.cloneNode();

    Object.entries({ fill: 'none', stroke: 'var(--ink)', 'stroke-width': 1.8, 'stroke-opacity': 0.85 }).forEach(([k, v]) => copy.setAttribute(k, v));
    chart.focus.append(copy);
  } else {
    chart.focus.append(node('circle', { cx: hit.x, cy: hit.y, r: 5, fill: hit.color, stroke: 'var(--ground)', 'stroke-width': 2 }));
  }
  const { title, lines } = hit.tip(), table = html('dl');

  for (const one of lines) {
    const swatch = html('i');

    one.color ? swatch.style.setProperty('--c', one.color) : swatch.style.setProperty('width', '0');
    table.append(swatch, html('dt', one.on ? { class: 'on' } : {}, one.label), html('dd', one.on ? { class: 'on' } : {}, one.value));
  }
  tip.replaceChildren(...(title ? [html('strong', {}, title)] : []), table);
  const W = stage.clientWidth, H = chart.svg.getBoundingClientRect().height, { offsetWidth: w, offsetHeight: h } = tip;
  const x = hit.x + 14 + w > W ? (hit.x - 14 - w < 0 ? Math.max(0, (W - w) / 2) : hit.x - 14 - w) : hit.x + 14;

  tip.style.transform = `translate(${Math.round(x)}px, ${Math.round(Math.min(Math.max(hit.y - h - 10, 0), Math.max(H - h, 0)))}px)`;
  if (aloud) {
    const chosen = lines.filter((one) => one.on);

    $('live').textContent = [title, ...(chosen.length > 0 ? chosen : lines).map((one) => `${one.label} ${one.value}`)].filter(Boolean).join(', ');
  }
}

function walk(event) {
  const { hits, at } = chart, now = hits[at] ?? hits[0];
  const by = (same, key, turn) => hits.map((hit, i) => [hit, i]).filter(([hit]) => hit[same] === now[same] && (hit[key] - now[key]) * turn > 0)
    .reduce((best, one) => (!best || (one[0][key] - best[0][key]) * turn < 0 ? one : best), null)?.[1];
  const to = now && { ArrowRight: () => by('is', 'ix', 1), ArrowLeft: () => by('is', 'ix', -1), ArrowUp: () => by('ix', 'is', -1), ArrowDown: () => by('ix', 'is', 1),
    Home: () => 0, End: () => hits.length - 1, Escape: () => -1 }[event.key];

  if (to) {
    const next = to();

    event.preventDefault();
    pick(at < 0 && next !== -1 ? 0 : next ?? at, true);
  }
}

/* --- The table --- */

function cellText(column, value, unit = unitOf(column, [value])) {
  return value === null || value === undefined ? '–' : isNumeric(column) ? (/^(year|quarter|month|day|hours|date)_|(^|_)(year|id)$/.test(column.name) ? String(value) : exact(value, unit))
    : column.type === 'boolean' ? (value ? 'Yes' : 'No') : column.type === 'date' ? fullTime(when(value), 'day')
    : column.type === 'timestamp' ? fullTime(when(value), 'minute') : String(value);
}

function drawTable(channels) {
  const { columns, rows } = state.answer, titles = new Map(Object.values(channels).filter(Boolean).map((one) => [one.index, one.title]));
  const order = state.sort && [...rows].sort(({ [state.sort.index]: a }, { [state.sort.index]: b }) =>
    (a === null) - (b === null) || (a === null ? 0 : (typeof a === 'number' ? a - b : natural(String(a), String(b))) * (state.sort.down ? -1 : 1)));
  const head = html('tr'), body = html('tbody');
  const units = columns.map((column, i) => unitOf(column, rows.map((row) => row[i]).filter((v) => v !== null)));

  if (channels.x?.end >= 0) {
    titles.set(channels.x.index, `${channels.x.title}, from`).set(channels.x.end, `${channels.x.title}, to`);
  }

  columns.forEach((column, index) => {
    const sorted = state.sort?.index === index, button = html('button', { type: 'button' }, titles.get(index) ?? words(column.name));

    button.addEventListener('click', () => {
      state.sort = { index, down: sorted ? !state.sort.down : false };
      drawStage();
      stage.querySelectorAll('th button')[index].focus();
    });
    head.append(html('th', { scope: 'col', 'aria-sort': sorted ? (state.sort.down ? 'descending' : 'ascending') : 'none', ...(isNumeric(column) && { class: 'num' }) }, button));
  });
  for (const row of order ?? rows) {
    body.append(html('tr', {}, ...columns.map((column, i) => html('td', { class: row[i] === null ? `${isNumeric(column) ? 'num ' : ''}none` : isNumeric(column) ? 'num' : '' }, cellText(column, row[i], units[i])))));
  }
  $('legend').hidden = true;
  chart = null;
  stage.replaceChildren(html('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Rows' }, html('table', {}, html('thead', {}, head), body)));
}

function showCount({ rows, cursor, truncated, total, executedAt }) {
  const n = digits(rows.length), plural = rows.length === 1 ? 'row' : 'rows';
  const more = total > rows.length ? `Showing the first ${n} of ${digits(total)} rows.` : cursor || truncated ? `Showing ${n} ${plural}, more exist.` : `${n} ${plural}.`;
  const cut = truncated && !cursor ? ' The server cut the result here: filter to see the rest.' : '';

  $('count').textContent = `${more}${cut}${executedAt ? ` As of ${fullTime(when(executedAt), 'minute')} UTC.` : ''}`;
  $('more').hidden = !(cursor && state.can.serverTools);
  $('more').disabled = state.loading;
  $('more').textContent = state.loading ? 'Loading…' : 'Load more rows';
}

/* --- Start --- */

$('switch').addEventListener('click', ({ target }) => {
  if (target.dataset.mode) {
    state.mode = target.dataset.mode;
    drawStage();
  }
});
$('more').addEventListener('click', fetchMore);
$('full').addEventListener('click', () => {
  const mode = state.context.displayMode === 'fullscreen' ? 'inline' : 'fullscreen';

  ask('ui/request-display-mode', { mode }).then((result) => {
    adopt({ displayMode: result.mode ?? mode });
    show();
  }, () => {});
});
systemDark.addEventListener('change', () => {
  adopt({});
  show();
});

/* The width is the host's; the height is what the page needs for it. */
let told = 0, wide = 0;
const sizes = new ResizeObserver(() => requestAnimationFrame(() => {
  if (chart && Math.abs(stage.clientWidth - wide) > 1) {
    drawStage();
  }
  wide = stage.clientWidth;
  const height = Math.ceil(document.documentElement.getBoundingClientRect().height);

  if (height !== told && !state.over) {
    tell('ui/notifications/size-changed', { height: told = height });
  }
}));

adopt({});
show();
if (host !== window) {
  ask('ui/initialize', { protocolVersion: '2026-01-26', appInfo: { name: 'lookout-chart', version: '1.0.0' },
                         appCapabilities: { availableDisplayModes: ['inline', 'fullscreen'] } })
    .then(({ hostCapabilities, hostContext }) => {
      state.can = hostCapabilities ?? {};
      adopt(hostContext ?? {});
      tell('ui/notifications/initialized');
      sizes.observe(document.documentElement);
      show();
    }, (error) => message('The host did not answer as expected', error.message, 'error'));
}

