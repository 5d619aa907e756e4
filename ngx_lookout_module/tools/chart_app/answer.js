/*
 * What is known: the state that everything is drawn from, the host's looks, and the tool's result,
 * with what further calls through the host add to it.
 */

const state = {
  args: {}, context: {}, can: {},
  answer: null,   // { columns, rows, filters, warnings, cursor, truncated, total }
  view: null,     // of get_view: name, chartType, encoding, workbook, datasource
  error: null,    // { title, message, code }
  mode: 'chart', sort: null, hidden: new Set(), fresh: false, loading: false,
  turn: 0,        // counts tool calls: what comes late for an earlier one is dropped
};

const $ = (id) => document.getElementById(id);
const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
const list = (value) => (Array.isArray(value) ? value : []);

/* Takes over what the host says of its looks. Fonts that a host offers are left out: this page may
   not load any. */
function adopt(context) {
  const root = document.documentElement;
  const inset = (state.context = { ...state.context, ...context }).safeAreaInsets;

  for (const [name, value] of Object.entries(context.styles?.variables ?? {})) {
    if (/^--(color|font|border|shadow)-[\w-]+$/.test(name)) {
      typeof value === 'string' ? root.style.setProperty(name, value) : root.style.removeProperty(name);
    }
  }
  root.dataset.theme = dark() ? 'dark' : 'light';
  if (inset) {
    document.body.style.padding = ['top', 'right', 'bottom', 'left'].map((side) => `${Number(inset[side]) || 0}px`).join(' ');
  }
  const { displayMode, availableDisplayModes } = state.context;
  $('full').hidden = !list(availableDisplayModes).includes('fullscreen');
  $('full').textContent = displayMode === 'fullscreen' ? 'Close full screen' : 'Full screen';
}

const systemDark = window.matchMedia('(prefers-color-scheme: dark)');
const dark = () => (state.context.theme ? state.context.theme === 'dark' : systemDark.matches);

function bodyOf(result) {
  if (isObject(result.structuredContent)) {
    return result.structuredContent;
  }
  const text = list(result.content).find((part) => part?.type === 'text')?.text ?? '';

  try {
    return JSON.parse(text);
  } catch {
    return { error: { message: text || 'The result is empty.' } };
  }
}

const troubles = {
  __proto__: null, DATASOURCE_OFFLINE: 'The datasource is offline', VIEW_NOT_FOUND: 'There is no such view',
  SCHEMA_DRIFT: 'The view no longer fits its data', INVALID_FILTER: 'A filter is not right', QUERY_TIMEOUT: 'The query took too long',
  RESULT_TOO_LARGE: 'There are too many rows', ENVELOPE_TOO_LARGE: 'The answer is too large', RATE_LIMITED: 'Too many calls',
};

async function receive(result) {
  const body = bodyOf(result), turn = ++state.turn;

  if (result.isError || body.error || !(body.preview ?? body).columns) {
    const error = isObject(body.error) ? body.error : {};

    state.error = { title: troubles[error.code] ?? 'The call did not succeed', code: error.code,
                    message: String(error.message ?? 'The result has no rows to show.') };
    show();
    return;
  }
  Object.assign(state, { error: null, answer: readAnswer(body), fresh: true });
  state.view = body.preview ? body : null;
  if (body.preview && state.answer.total > state.answer.rows.length) {
    show();
    await fetchAll(body.id, turn);
  } else if (!body.preview && state.can.serverTools && (body.viewId ?? state.args.viewId)) {
    await Promise.race([describe(body.viewId ?? state.args.viewId, turn), new Promise((done) => setTimeout(done, 1500))]);
  }
  turn === state.turn && show();
}

function readAnswer(body) {
  const from = body.preview ?? body, columns = list(from.columns);

  return {
    columns, rows: Array.isArray(from.rows) ? from.rows : readCsv(String(from.csv ?? ''), columns),
    filters: list(body.appliedFilters ?? body.savedFilters), warnings: list(body.warnings),
    cursor: body.nextCursor ?? null, truncated: body.truncated === true, executedAt: body.executedAt,
    total: body.preview ? list(body.statistics)[0]?.count : undefined,
  };
}

const isNumeric = (column) => column.type === 'integer' || column.type === 'float';

/* format "csv": the same rows as a text; an empty cell is null. */
function readCsv(text, columns) {
  const rows = [[]];

  for (const [, quoted, bare, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/g)) {
    rows.at(-1).push(quoted?.replaceAll('""', '"') ?? (bare === '' ? null : bare));
    end !== ',' && rows.push([]);
  }
  return rows.slice(1).filter((row) => row.length === columns.length && (row.length > 1 || row[0] !== null))
    .map((row) => row.map((cell, i) => (cell === null ? null : isNumeric(columns[i]) ? Number(cell)
      : columns[i].type === 'boolean' ? cell === 'true' : cell)));
}

async function callTool(name, args) {
  const result = await ask('tools/call', { name, arguments: args });
  const body = bodyOf(result);

  if (result.isError || body.error) {
    throw new Error(body.error?.message);
  }
  return body;
}

/* query_view_data does not say how the view is drawn: get_view does. Without it the chart is guessed. */
async function describe(viewId, turn) {
  try {
    const view = await callTool('get_view', { viewId });

    if (turn === state.turn) {
      state.view = view;
      show();
    }
  } catch { /* the guess stands */ }
}

/* get_view's preview is its first rows; the chart is of all, as far as a page of them goes. */
async function fetchAll(viewId, turn) {
  if (!state.can.serverTools) {
    return;
  }
  try {
    const answer = readAnswer(await callTool('query_view_data', { viewId, pageSize: Math.min(state.answer.total, 999) }));

    if (turn === state.turn) {
      state.answer = { ...answer, total: state.answer.total };
    }
  } catch { /* the preview stands */ }
}

async function fetchMore() {
  const { turn, answer } = state;

  state.loading = true;
  show();
  try {
    const { filterOverrides, viewId = state.view?.id } = state.args;
    const next = readAnswer(await callTool('query_view_data',
      { viewId, ...(filterOverrides && { filterOverrides }), pageSize: 500, cursor: answer.cursor }));

    if (turn === state.turn) {
      state.answer = { ...next, total: answer.total, rows: [...answer.rows, ...next.rows] };
    }
  } catch (error) {
    answer.cursor = null;
    answer.warnings = [...answer.warnings, { message: `More rows could not be loaded: ${error.message}` }];
  }
  state.loading = false;
  show();
}

