/*
 * The console: a form made from a tool's inputSchema, the call, and its answer as tables.
 */

import { $, Num, all, compact, el, isObject, isScalar, jsonBlock, makeTabs, parse, plural, tableBox, withCopy } from './parts.js';
import { mint, pause, retryAfter, token } from './token.js';

export const MCP = location.origin + '/mcp';

let tools = new Map(); // name -> the tool, from the manifest
const names = new Map(); // id -> name, of every object seen in an answer


/* What a value must be, in words and code. */
export function typeWords(schema) {
  const parts = [];
  const code = (text) => el('code', {}, text);
  const { minimum, maximum, minLength, maxLength, maxItems } = schema;

  if (schema.enum) {
    schema.enum.forEach((value, i) => parts.push(i ? ' ' : '', code(String(value))));
  } else if (/^\^\w+_\[/.test(schema.pattern)) {
    parts.push('id, ', code(schema.pattern.slice(1, schema.pattern.indexOf('[')) + '…'));
  } else if (schema.format === 'date-time') {
    parts.push('date and time');
  } else {
    parts.push([].concat(schema.type || 'anything').join(', '));
  }

  if (maximum !== undefined) {
    parts.push(`, ${minimum ?? 0} to ${maximum.toLocaleString('en')}`);
  }
  if (maxLength !== undefined) {
    parts.push(minLength ? `, ${minLength} to ${maxLength} characters` : `, up to ${maxLength} characters`);
  }
  if (maxItems !== undefined) {
    parts.push(`, up to ${maxItems}`);
  }
  if (schema.default !== undefined) {
    parts.push('; default ', code(String(schema.default)));
  }
  return parts;
}


/* ---- The form ---- */

let form = new Map(); // argument -> { get, set } of its control

/* A list of the objects seen so far, to choose an id from by its name. */
function knownIds(id, prefix) {
  const list = $(id) || document.body.appendChild(el('datalist', { id }));

  list.replaceChildren(...[...names].filter(([known]) => known.startsWith(prefix))
    .map(([value, label]) => el('option', { value, label })));
}


/* A row of a filter: any value is text, or JSON where it reads as such. */
function looseValue(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}


function filterControl(name, schema) {
  const hint = el('small', {}, schema.description || '');
  const box = el('fieldset', { class: 'filters wide' }, el('legend', {}, name));
  const add = (filter = {}) => {
    const row = el('div', {},
      el('input', { 'aria-label': 'Field', placeholder: 'field', value: filter.field || '', spellcheck: 'false' }),
      el('select', { 'aria-label': 'Operator' }, schema.items.properties.op.enum.map((op) => el('option', {}, op))),
      el('input', { 'aria-label': 'Value', placeholder: 'value, or ["two", "values"]', spellcheck: 'false',
                    value: filter.value === undefined ? '' : typeof filter.value === 'string' ? filter.value : JSON.stringify(filter.value) }),
      el('button', { type: 'button', 'aria-label': 'Remove this filter', click: () => row.remove() }, '×'));
    row.children[1].value = filter.op || 'eq';
    more.before(row);
    return row;
  };
  const more = el('button', { type: 'button', click: () => add().firstElementChild.focus() }, 'Add a filter');

  box.append(more, hint);
  return {
    node: box,
    get: () => {
      const filters = all(':scope > div', box).map(({ children: [field, op, value] }) => ({
        field: field.value, op: op.value, ...(value.value !== '' && { value: looseValue(value.value) }) }));
      return filters.length ? filters : undefined;
    },
    set: (filters) => { all(':scope > div', box).forEach((row) => row.remove()); (filters || []).forEach(add); },
  };
}


/* The plain control of an argument: an input, a choice, or a text area. */
function inputFor(name, schema) {
  const choices = schema.enum || (schema.type === 'boolean' && ['true', 'false']);
  const prefix = /^\^(\w+_)\[/.exec(schema.pattern)?.[1];

  if (choices) {
    return el('select', {}, el('option', { value: '' }, schema.default === undefined ? 'any' : `default: ${schema.default}`),
      choices.map((value) => el('option', {}, value)));
  }
  if (name === 'sql' || schema.type === 'object' || schema.type === 'array') {
    return el('textarea', { spellcheck: 'false', autocapitalize: 'off',
                            placeholder: name === 'sql' ? 'SELECT … FROM data' : 'JSON' });
  }
  if (schema.type === 'integer' || schema.type === 'number') {
    return el('input', { type: 'number', min: schema.minimum ?? '', max: schema.maximum ?? '', placeholder: schema.default ?? '' });
  }
  return el('input', { class: prefix && 'mono', spellcheck: 'false', autocomplete: 'off', autocapitalize: 'off',
                       placeholder: prefix ? `${prefix}…` : schema.format === 'date-time' ? '2026-04-01T00:00:00Z' : '',
                       ...(prefix && { list: `known-${prefix}`, focus: () => knownIds(`known-${prefix}`, prefix) }) });
}


function controlFor(name, schema, required) {
  if (schema.items?.properties?.op?.enum) {
    return filterControl(name, schema);
  }

  const input = inputFor(name, schema);
  const json = input.tagName === 'TEXTAREA' && name !== 'sql';
  const node = el('label', { class: input.tagName === 'TEXTAREA' ? 'field wide' : 'field' },
    el('span', {}, name, required && el('b', {}, ' required')), input,
    el('small', {}, schema.description || typeWords(schema)));

  return {
    node,
    get: () => input.value === '' ? undefined
      : json || schema.type === 'boolean' ? looseValue(input.value)
      : input.type === 'number' ? Number(input.value) : input.value,
    set: (value) => { input.value = value === undefined ? '' : isScalar(value) ? String(value) : JSON.stringify(value); },
  };
}


function showTool(name) {
  const { inputSchema: schema, description } = tools.get(name);

  form = new Map(Object.entries(schema.properties || {}).map(([key, member]) =>
    [key, controlFor(key, member, (schema.required || []).includes(key))]));
  $('tool').value = name;
  $('tool-text').textContent = description || '';
  $('fields').replaceChildren(...[...form.values()].map((control) => control.node));
}


export function setCall(name, values) {
  showTool(name);
  for (const [key, control] of form) {
    control.set(values[key]);
  }
}


const readForm = () => Object.fromEntries([...form].map(([key, control]) => [key, control.get()])
  .filter(([, value]) => value !== undefined));


/* ---- The call ---- */

let callId = 0;
let current = null; // the AbortController of the call on its way

/* From the first byte sent to the last received, without the browser's own work before that. */
function timeOnWire() {
  const entry = performance.getEntriesByName(MCP).at(-1);

  return entry && entry.responseEnd - (entry.requestStart || entry.startTime);
}


async function post(name, values) {
  if (!token.value) {
    await mint();
  }

  const message = { jsonrpc: '2.0', id: ++callId, method: 'tools/call', params: { name, arguments: values } };
  const headers = { 'Content-Type': 'application/json', Accept: 'application/json',
                    ...(token.value && { Authorization: `Bearer ${token.value}` }) };
  const reply = { name, values, message };

  current?.abort();
  current = new AbortController();
  performance.clearResourceTimings();
  try {
    const response = await fetch(MCP, { method: 'POST', headers, body: JSON.stringify(message), signal: current.signal });
    const text = await response.text();
    Object.assign(reply, { status: response.status, ms: timeOnWire(), bytes: new Blob([text]).size,
                           wait: response.status === 429 && retryAfter(response) });
    readBody(reply, text);
  } catch (error) {
    reply.stopped = error.name === 'AbortError';
    reply.error = { code: 'No answer', message: 'The server could not be reached. Is it running?' };
  }
  return reply;
}


/* Sets reply.data, the tool's result, or reply.error. */
function readBody(reply, text) {
  try {
    const { result, error } = reply.body = parse(text);
    if (error) {
      const { code, ...details } = error.data || {};
      reply.error = { code: code || (reply.status === 200 ? String(error.code) : `HTTP ${reply.status}`), message: error.message, details };
    } else {
      reply.data = result.structuredContent ?? parse(result.content.find((part) => part.type === 'text').text);
      reply.error = result.isError ? reply.data.error : undefined;
    }
  } catch {
    reply.body ??= text;
    reply.error = { code: `HTTP ${reply.status}`, message: 'The answer is not one that this page can read.' };
  }
}


async function send(name, values) {
  $('send-note').textContent = 'Waiting for the answer …';
  const reply = await post(name, values);

  if (!reply.stopped) {
    $('send-note').textContent = '';
    showReply(reply);
  }
}


function go(name, values) {
  setCall(name, values);
  return send(name, values);
}


/* Calls to begin with. `find` gets an id first: of the item of a list that is the one we want. */
const pipeline = { tool: 'list_datasources', values: { nameContains: 'Sales Pipeline' }, as: 'datasourceId' };
const dealsByStage = { tool: 'list_views', values: { nameContains: 'Deals by stage' }, as: 'viewId' };
const during = (quarter) => ({ filterOverrides: [{ field: 'region', op: 'eq', value: 'EMEA' }, { field: 'close_quarter', op: 'eq', value: quarter }] });
const samples = [
  { label: 'List the datasources', tool: 'list_datasources', values: {} },
  { label: 'Fields of Sales Pipeline', tool: 'get_datasource', values: {}, find: pipeline },
  { label: 'Pipeline by stage, in SQL', tool: 'query_datasource', find: pipeline, values: {
    sql: 'SELECT stage, COUNT(*) AS deals, ROUND(SUM(amount_usd)) AS total_usd\nFROM data\nWHERE close_quarter = \'2026Q1\'\nGROUP BY stage\nORDER BY total_usd DESC' } },
  { label: 'Search, with typing mistakes', tool: 'list_views', values: { q: 'avrage win probabilty' } },
  { label: 'A chart, described', tool: 'get_view', values: {}, find: dealsByStage },
  { label: 'Its data, EMEA in 2026 Q1', tool: 'query_view_data', values: during('2026Q1'), find: dealsByStage },
  { label: 'And the quarter before', tool: 'query_view_data', values: during('2025Q4'), find: dealsByStage },
  { label: 'Draw it', tool: 'create_view_render', values: { format: 'svg' }, find: dealsByStage },
  { label: 'Export it', tool: 'export_view_csv', values: {}, find: dealsByStage },
  { label: 'Ask an offline source', tool: 'query_datasource', values: { sql: 'SELECT 1 FROM data' },
    find: { tool: 'list_datasources', values: {}, as: 'datasourceId', want: (item) => item.status === 'offline' } },
  { label: 'Try to delete', tool: 'query_datasource', values: { sql: 'DELETE FROM data' }, find: pipeline },
];


async function runSample({ tool, values, find }) {
  if (find && !find.id) {
    $('send-note').textContent = 'Looking it up …';
    const reply = await post(find.tool, find.values);
    const item = reply.data?.items?.find(find.want || (() => true));

    $('send-note').textContent = item || reply.error ? '' : 'What this sample asks about is not on this server.';
    if (reply.error && !reply.stopped) {
      showReply(reply);
    }
    if (!item) {
      return;
    }
    names.set(item.id, item.name);
    find.id = item.id;
  }
  go(tool, { ...values, ...(find && { [find.as]: find.id }) });
}


/* ---- The answer ---- */

const opens = { ds: ['get_datasource', 'datasourceId'], wb: ['get_workbook', 'workbookId'], vw: ['get_view', 'viewId'],
                rj: ['get_render_job', 'renderJobId'], job: ['get_job', 'jobId'] };

/* An id as a way on to its object, where there is a tool for that. */
function idLink(id, text = id) {
  const [tool, argument] = opens[/^(ds|wb|vw|rj|job)_[a-z0-9]{22}$/.exec(id)?.[1]] || [];

  return tools.has(tool)
    ? el('button', { type: 'button', class: 'link', title: `${tool} ${id}`, click: () => go(tool, { [argument]: id }) }, text)
    : text;
}


/* A number for people: thousands apart from ten thousand on (so not in years), four decimals. */
function number(text) {
  const short = /\.\d{5}/.test(text) ? String(Number(Number(text).toFixed(4))) : text;
  const apart = /^-?\d{5}/.test(short) ? short.replace(/\B(?<!\.\d*)(?=(\d{3})+(?!\d))/g, ',') : short;

  return apart === text ? text : el('span', { title: text }, apart);
}


function shown(value, key) {
  if (value === null || value === undefined) {
    return value === null && el('span', { class: 'none' }, 'null');
  }
  if (value instanceof Num) {
    return number(value.text);
  }
  if (typeof value === 'string') {
    return /Url$/.test(key) ? el('a', { href: new URL(value, location).href, target: '_blank', rel: 'noopener' }, 'Open') : idLink(value);
  }
  if (Array.isArray(value)) {
    return value.every(isScalar) ? value.map((one) => one === null ? 'null' : String(one)).join(', ')
         : value.every((one) => isObject(one) && 'count' in one) ? value.map((one) => `${one.value} (${one.count})`).join(', ')
         : el('code', {}, compact(value));
  }
  return isObject(value) && value.id && value.name ? idLink(value.id, value.name)
       : isObject(value) ? el('code', {}, compact(value)) : String(value);
}


const ROWS_AT_FIRST = 100;

function dataTable(title, columns, rows) {
  const numeric = columns.map((_, i) => rows.some((row) => row[i] instanceof Num));
  const line = (row) => el('tr', {}, row.map((value, i) => el('td', { class: numeric[i] ? 'num' : /^\d{4}-\d\d-\d\d/.test(value) && 'date' }, shown(value, columns[i]))));
  const body = el('tbody', {}, rows.slice(0, ROWS_AT_FIRST).map(line));
  const box = el('div', {}, title && el('h3', {}, title),
    tableBox(title || 'Rows', el('thead', {}, el('tr', {}, columns.map((name, i) =>
      el('th', { scope: 'col', class: numeric[i] && 'num' }, name)))), body));

  if (rows.length === 0) {
    box.append(el('p', { class: 'small' }, 'No rows.'));
  }
  if (rows.length > ROWS_AT_FIRST) {
    const more = el('button', { type: 'button', click: () => { body.append(...rows.slice(ROWS_AT_FIRST).map(line)); more.remove(); } },
      `Show all ${rows.length} rows`);
    box.append(more);
  }
  return box;
}


/* Objects as rows; where they have an id and a name, the name leads to the object. */
function objectTable(title, items) {
  const keys = [...new Set(items.flatMap(Object.keys))].filter((key) => key !== 'id' || !items[0].name);

  return dataTable(title, keys, items.map((item) => keys.map((key) => key === 'name' && item.id ? item : item[key])));
}


/* A result as tables and pairs: rows first, then what is said about them. */
function resultView(data) {
  const tables = [], pairs = [], notes = [];

  for (const [key, value] of Object.entries(data)) {
    if (/^(rows|inlineBase64)$/.test(key) || value === '' || (key === 'nextCursor' && value === null)) {
      continue;
    } else if (key === 'columns') {
      data.rows && tables.unshift(dataTable('', value.map((column) => column.name), data.rows));
    } else if (key === 'warnings') {
      notes.push(...value.map((warning) => el('p', { class: 'note' }, el('strong', {}, warning.code), `: ${warning.message}`)));
    } else if (isObject(value) && value.columns && value.rows) {
      tables.push(dataTable(key, value.columns.map((column) => column.name), value.rows));
    } else if (Array.isArray(value) && value.length && value.every(isObject)) {
      tables.push(objectTable(key === 'items' ? '' : key, value));
    } else if (/^(csv|inlineCsv)$/.test(key) && value) {
      tables.push(el('pre', { tabindex: 0 }, el('code', {}, value)));
    } else {
      const wide = isObject(value) && !value.id || typeof value === 'string' && value.length > 60;
      const node = Array.isArray(value) && value.length === 0 ? el('span', { class: 'none' }, 'none') : shown(value, key);
      pairs.push(el('div', { class: wide && 'wide' }, el('dt', {}, key), el('dd', {}, node)));
    }
  }

  if (/^https?:/.test(data.fileUrl) && /\.(png|svg)\b/.test(data.fileUrl)) {
    tables.unshift(el('p', {}, el('img', { src: new URL(data.fileUrl).pathname + new URL(data.fileUrl).search, alt: 'The chart, as drawn' })));
  }
  names.set(data.id, data.name);
  (data.items || data.views || []).forEach((item) => names.set(item.id, item.name));

  const list = pairs.length > 0 && el('dl', { class: 'pairs' }, pairs);
  return [...notes, ...(data.id ? [list, ...tables] : [...tables, list])];
}


/* What one would do next with this answer. */
function nextSteps({ name, values, data }) {
  const steps = [
    [data.nextCursor, 'Next page', name, { ...values, cursor: data.nextCursor }],
    [name === 'get_datasource', 'Query it', 'query_datasource', { datasourceId: data.id, sql: 'SELECT * FROM data LIMIT 20' }],
    [name === 'get_view', 'Its data', 'query_view_data', { viewId: data.id }],
    [name === 'get_view', 'Draw it', 'create_view_render', { viewId: data.id, format: 'svg' }],
    [name === 'get_view', 'Export it', 'export_view_csv', { viewId: data.id }],
    [/^(queued|running)$/.test(data.status) && data.renderJobId, 'Look again', 'get_render_job', { renderJobId: data.renderJobId }],
    [/^(queued|running)$/.test(data.status) && data.jobId, 'Look again', 'get_job', { jobId: data.jobId }],
  ].filter(([when, , tool]) => when && tools.has(tool));

  return steps.length > 0 && el('div', { class: 'row' }, steps.map(([, label, tool, next]) =>
    el('button', { type: 'button', click: () => go(tool, next) }, label)));
}


function errorView({ code, message, details }, status) {
  return el('div', { class: 'error' },
    el('p', {}, el('code', {}, code)), el('p', {}, message),
    isObject(details) && Object.keys(details).length > 0 && jsonBlock(details),
    status === 401 && el('button', { type: 'button', click: async () => { await mint() && send($('tool').value, readForm()); } }, 'Get a demo token and try again'));
}


function curlFor(message) {
  const body = JSON.stringify(message).replaceAll("'", "'\\''");
  const auth = token.value && ` \\\n  -H 'Authorization: Bearer ${token.value}'`;

  return `curl -sS ${MCP}${auth} \\\n  -H 'Content-Type: application/json' \\\n  -d '${body}'`;
}


function showReply(reply) {
  const { status, ms, bytes, data, error, wait } = reply;
  const rows = data?.rows ?? data?.items;
  const result = el('div', {}, error ? errorView(error, status) : [...resultView(data), nextSteps(reply)]);
  const within = $('views').contains(document.activeElement);
  const json = el('div', {}), request = el('div', {}, el('pre', {}, el('code', {}, curlFor(reply.message))));

  $('status').className = error ? 'failed' : '';
  $('status').replaceChildren(el('strong', {}, error ? 'Failed' : 'Done'),
    ...[status && `HTTP ${status}`, ms && `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`, bytes && `${(bytes / 1024).toFixed(1)} KB`,
        rows && !error && plural(rows.length, data.rows ? 'row' : 'item')].filter(Boolean).map((text) => el('span', {}, text)));
  $('answer').hidden = false;
  makeTabs($('views'), 'The answer', [['Result', result], ['JSON', json], ['As curl', request]]);
  json.append(jsonBlock(data ?? reply.body ?? error));
  all('pre', $('views')).forEach(withCopy);
  $('status').scrollIntoView({ block: 'nearest' });
  if (within) {
    $('views').querySelector('[role="tab"]').focus({ preventScroll: true }); // what was clicked is gone
  }

  if (wait) {
    pause($('send'), wait);
  }
}


export function startConsole(manifestTools) {
  tools = manifestTools;
  $('tool').append(...[...tools.values()].map((tool) => el('option', { value: tool.name }, `${tool.name}: ${tool.title || ''}`)));
  $('tool').addEventListener('change', () => showTool($('tool').value));
  $('samples').append(...samples.filter((sample) => tools.has(sample.tool) && (!sample.find || tools.has(sample.find.tool)))
    .map((sample) => el('button', { type: 'button', click: () => runSample(sample) }, sample.label)));
  $('call').addEventListener('submit', (event) => {
    event.preventDefault();
    send($('tool').value, readForm());
  });
  $('call').addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      $('call').requestSubmit();
    }
  });
  if (tools.size > 0) {
    showTool($('tool').value);
    $('console').hidden = false;
  }
}
