/*
 * The console: a form made from a tool's inputSchema, calls to begin with, and where the answer
 * is shown.
 */

import { errorView, learn, names, nextSteps, resultView } from './answer.js';
import { curlFor, post, tools } from './call.js';
import { $, all, el, jsonBlock, makeTabs, plural, withCopy } from './parts.js';
import { mint, pause } from './token.js';


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


/* What is typed is text, or JSON where it reads as such; and back. */
function looseValue(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

const looseText = (value) =>
  value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value);


/* An argument that is an array of filters: a row each, of field, operator and value. */
function filterControl(name, schema) {
  const hint = el('small', {}, schema.description || '');
  const box = el('fieldset', { class: 'filters wide' }, el('legend', {}, name));
  const ops = schema.items.properties.op.enum;
  const input = (label, placeholder, value) =>
    el('input', { 'aria-label': label, placeholder, spellcheck: 'false', value: looseText(value) });
  const add = (filter = {}) => {
    const row = el('div', {},
      input('Field', 'field', filter.field),
      el('select', { 'aria-label': 'Operator' }, ops.map((op) => el('option', {}, op))),
      input('Value', 'value, or ["two", "values"]', filter.value),
      el('button', { type: 'button', 'aria-label': 'Remove this filter', click: () => row.remove() }, '×'));
    row.children[1].value = filter.op || 'eq';
    more.before(row);
    return row;
  };
  const more = el('button', { type: 'button', click: () => add().firstElementChild.focus() }, 'Add a filter');

  const rows = () => all(':scope > div', box);

  box.append(more, hint);
  return {
    node: box,
    get: () => {
      const filters = rows().map(({ children: [field, op, value] }) => ({
        field: field.value, op: op.value, ...(value.value !== '' && { value: looseValue(value.value) }) }));
      return filters.length ? filters : undefined;
    },
    set: (filters) => {
      rows().forEach((row) => row.remove());
      (filters || []).forEach((filter) => add(filter));
    },
  };
}


/* The plain control of an argument: an input, a choice, or a text area. */
function inputFor(name, schema) {
  const choices = schema.enum || (schema.type === 'boolean' && ['true', 'false']);
  const prefix = /^\^(\w+_)\[/.exec(schema.pattern)?.[1];

  if (choices) {
    return el('select', {},
      el('option', { value: '' }, schema.default === undefined ? 'any' : `default: ${schema.default}`),
      choices.map((value) => el('option', {}, value)));
  }
  if (name === 'sql' || schema.type === 'object' || schema.type === 'array') {
    return el('textarea', { spellcheck: 'false', autocapitalize: 'off',
                            placeholder: name === 'sql' ? 'SELECT … FROM data' : 'JSON' });
  }
  if (schema.type === 'integer' || schema.type === 'number') {
    return el('input', { type: 'number', min: schema.minimum, max: schema.maximum, placeholder: schema.default });
  }

  const input = el('input', { spellcheck: 'false', autocomplete: 'off', autocapitalize: 'off',
                              placeholder: schema.format === 'date-time' && '2026-04-01T00:00:00Z' });
  if (prefix) {
    input.className = 'mono';
    input.placeholder = `${prefix}…`;
    input.setAttribute('list', `known-${prefix}`);
    input.addEventListener('focus', () => knownIds(`known-${prefix}`, prefix));
  }
  return input;
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
    set: (value) => { input.value = looseText(value); },
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


/* ---- The call and its answer ---- */

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


async function mintAndSend() {
  if (await mint()) {
    send($('tool').value, readForm());
  }
}


/* Calls to begin with. `find` gets an id first: of the item of a list that is the one we want. */
const pipeline = { tool: 'list_datasources', values: { nameContains: 'Sales Pipeline' }, as: 'datasourceId' };
const dealsByStage = { tool: 'list_views', values: { nameContains: 'Deals by stage' }, as: 'viewId' };
const during = (quarter) => ({ filterOverrides: [
  { field: 'region', op: 'eq', value: 'EMEA' },
  { field: 'close_quarter', op: 'eq', value: quarter },
] });
const BY_STAGE = `SELECT stage, COUNT(*) AS deals, ROUND(SUM(amount_usd)) AS total_usd
FROM data
WHERE close_quarter = '2026Q1'
GROUP BY stage
ORDER BY total_usd DESC`;
const samples = [
  { label: 'List the datasources', tool: 'list_datasources', values: {} },
  { label: 'Fields of Sales Pipeline', tool: 'get_datasource', values: {}, find: pipeline },
  { label: 'Pipeline by stage, in SQL', tool: 'query_datasource', values: { sql: BY_STAGE }, find: pipeline },
  { label: 'Search, with typing mistakes', tool: 'list_views', values: { q: 'avrage win probabilty' } },
  { label: 'A chart, described', tool: 'get_view', values: {}, find: dealsByStage },
  { label: 'Its data, EMEA in 2026 Q1', tool: 'query_view_data', values: during('2026Q1'), find: dealsByStage },
  { label: 'And the quarter before', tool: 'query_view_data', values: during('2025Q4'), find: dealsByStage },
  { label: 'Draw it', tool: 'create_view_render', values: { format: 'svg' }, find: dealsByStage },
  { label: 'Export it', tool: 'export_view_csv', values: {}, find: dealsByStage },
  { label: 'Ask an offline source', tool: 'query_datasource', values: { sql: 'SELECT 1 FROM data' },
    find: { tool: 'list_datasources', values: {}, want: (item) => item.status === 'offline', as: 'datasourceId' } },
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
    learn(item);
    find.id = item.id;
  }
  go(tool, { ...values, ...(find && { [find.as]: find.id }) });
}


function showReply(reply) {
  const { status, ms, bytes, data, error, wait } = reply;
  const rows = data?.rows ?? data?.items;
  const result = el('div', {}, error ? errorView(error) : [...resultView(data), nextSteps(reply)]);
  const within = $('views').contains(document.activeElement);
  const json = el('div', {}), request = el('div', {}, el('pre', {}, el('code', {}, curlFor(reply.message))));

  if (status === 401) {
    result.append(el('button', { type: 'button', click: mintAndSend }, 'Get a demo token and try again'));
  }
  $('status').className = error ? 'failed' : '';
  $('status').replaceChildren(el('strong', {}, error ? 'Failed' : 'Done'), ...[
    status && `HTTP ${status}`,
    ms && `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`,
    bytes && `${(bytes / 1024).toFixed(1)} KB`,
    rows && !error && plural(rows.length, data.rows ? 'row' : 'item'),
  ].filter(Boolean).map((text) => el('span', {}, text)));
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


export function startConsole() {
  $('tool').append(...[...tools.values()].map(({ name, title }) =>
    el('option', { value: name }, `${name}: ${title || ''}`)));
  $('tool').addEventListener('change', () => showTool($('tool').value));
  $('samples').append(...samples
    .filter(({ tool, find }) => tools.has(tool) && (!find || tools.has(find.tool)))
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
  $('views').addEventListener('click', ({ target }) => {
    const call = target.closest('[data-call]')?.dataset.call;
    if (call) {
      go(...JSON.parse(call));
    }
  });
  if (tools.size > 0) {
    showTool($('tool').value);
    $('console').hidden = false;
  }
}
