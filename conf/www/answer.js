/*
 * An answer for people: its rows and lists as tables, the rest as pairs, errors and warnings as
 * notes. Whatever has an id leads on to its object.
 */

import { tools } from './call.js';
import { Num, compact, el, isObject, isScalar, jsonBlock, tableBox } from './parts.js';

export const names = new Map(); // id -> name, of every object seen in an answer

export function learn({ id, name }) {
  if (id && name) {
    names.set(id, name);
  }
}


/* A button that the console makes a call of, with the values that it is given here. */
function callButton(label, tool, values, attributes) {
  return el('button', { type: 'button', 'data-call': JSON.stringify([tool, values]), ...attributes }, label);
}


const opens = {
  ds: ['get_datasource', 'datasourceId'],
  wb: ['get_workbook', 'workbookId'],
  vw: ['get_view', 'viewId'],
  rj: ['get_render_job', 'renderJobId'],
  job: ['get_job', 'jobId'],
};

/* An id as a way on to its object, where there is a tool for that. */
function idLink(id, text = id) {
  const [tool, argument] = opens[/^(ds|wb|vw|rj|job)_[a-z0-9]{22}$/.exec(id)?.[1]] || [];

  return tools.has(tool)
    ? callButton(text, tool, { [argument]: id }, { class: 'link', title: `${tool} ${id}` })
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
    return /Url$/.test(key) && /^(https?:|\/)/.test(value)
      ? el('a', { href: value, target: '_blank', rel: 'noopener' }, 'Open') : idLink(value);
  }
  if (Array.isArray(value)) {
    return value.length === 0 ? el('span', { class: 'none' }, 'none')
         : value.every(isScalar) ? value.map(String).join(', ')
         : value.every((one) => one?.count) ? value.map((one) => `${one.value} (${one.count})`).join(', ')
         : el('code', {}, compact(value));
  }
  return isObject(value) && value.id && value.name ? idLink(value.id, value.name)
       : isObject(value) ? el('code', {}, compact(value)) : String(value);
}


const ROWS_AT_FIRST = 100;

function dataTable(title, columns, rows) {
  const numeric = columns.map((_, i) => rows.some((row) => row[i] instanceof Num));
  const kind = (value, i) => numeric[i] ? 'num' : /^\d{4}-\d\d-\d\d/.test(value) && 'date';
  const line = (row) => el('tr', {}, row.map((value, i) =>
    el('td', { class: kind(value, i) }, shown(value, columns[i]))));
  const body = el('tbody', {}, rows.slice(0, ROWS_AT_FIRST).map(line));
  const box = el('div', {}, title && el('h3', {}, title),
    tableBox(title || 'Rows', el('thead', {}, el('tr', {}, columns.map((name, i) =>
      el('th', { scope: 'col', class: numeric[i] && 'num' }, name)))), body));

  if (rows.length === 0) {
    box.append(el('p', { class: 'small' }, 'No rows.'));
  }
  if (rows.length > ROWS_AT_FIRST) {
    const more = el('button', { type: 'button' }, `Show all ${rows.length} rows`);
    more.addEventListener('click', () => {
      body.append(...rows.slice(ROWS_AT_FIRST).map(line));
      more.remove();
    });
    box.append(more);
  }
  return box;
}


/* Objects as rows; where they have an id and a name, the name leads to the object. */
function objectTable(title, items) {
  const keys = [...new Set(items.flatMap(Object.keys))].filter((key) => key !== 'id' || !items[0].name);

  return dataTable(title, keys, items.map((item) =>
    keys.map((key) => key === 'name' && item.id ? item : item[key])));
}


/* A result as tables and pairs: rows first, then what is said about them. */
export function resultView(data) {
  const tables = [], pairs = [], notes = [];

  for (const [key, value] of Object.entries(data)) {
    if (/^(rows|inlineBase64)$/.test(key) || value === '' || (key === 'nextCursor' && value === null)) {
      continue;
    } else if (key === 'columns') {
      data.rows && tables.unshift(dataTable('', value.map((column) => column.name), data.rows));
    } else if (key === 'warnings') {
      notes.push(...value.map(({ code, message }) =>
        el('p', { class: 'note' }, el('strong', {}, code), `: ${message}`)));
    } else if (isObject(value) && value.columns && value.rows) {
      tables.push(dataTable(key, value.columns.map((column) => column.name), value.rows));
    } else if (Array.isArray(value) && value.length && value.every(isObject)) {
      tables.push(objectTable(key === 'items' ? '' : key, value));
    } else if (/^(csv|inlineCsv)$/.test(key) && value) {
      tables.push(el('pre', { tabindex: 0 }, el('code', {}, value)));
    } else {
      const wide = isObject(value) && !value.id || typeof value === 'string' && value.length > 60;
      pairs.push(el('div', { class: wide && 'wide' }, el('dt', {}, key), el('dd', {}, shown(value, key))));
    }
  }

  if (/\.(png|svg)\b/.test(data.fileUrl)) {
    const { pathname, search } = new URL(data.fileUrl, location);
    tables.unshift(el('p', {}, el('img', { src: pathname + search, alt: 'The chart, as drawn' })));
  }
  [data, ...(data.items || data.views || [])].forEach(learn);

  const list = pairs.length > 0 && el('dl', { class: 'pairs' }, pairs);
  return [...notes, ...(data.id ? [list, ...tables] : [...tables, list])];
}


/* What one would do next with this answer. */
export function nextSteps({ name, values, data }) {
  const { id, nextCursor, renderJobId, jobId } = data;
  const sql = 'SELECT * FROM data LIMIT 20';
  const busy = /^(queued|running)$/.test(data.status);
  const steps = [
    [nextCursor, 'Next page', name, { ...values, cursor: nextCursor }],
    [name === 'get_datasource', 'Query it', 'query_datasource', { datasourceId: id, sql }],
    [name === 'get_view', 'Its data', 'query_view_data', { viewId: id }],
    [name === 'get_view', 'Draw it', 'create_view_render', { viewId: id, format: 'svg' }],
    [name === 'get_view', 'Export it', 'export_view_csv', { viewId: id }],
    [busy && renderJobId, 'Look again', 'get_render_job', { renderJobId }],
    [busy && jobId, 'Look again', 'get_job', { jobId }],
  ].filter(([when, , tool]) => when && tools.has(tool));

  return steps.length > 0 && el('div', { class: 'row' }, steps.map(([, ...step]) => callButton(...step)));
}


export function errorView({ code, message, details }) {
  return el('div', { class: 'error' },
    el('p', {}, el('code', {}, code)), el('p', {}, message),
    isObject(details) && Object.keys(details).length > 0 && jsonBlock(details));
}
