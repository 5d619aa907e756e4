// The chart's page inside a host of MCP Apps: the official bridge and client, a sandboxed frame,
// the strict policy. What it draws are the rows that the server gave; pointer, keyboard, legend,
// table and theme work; whatever the rows hold, nothing of it is run, fetched or refused.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { URI, openHost } from './apphost.mjs';
import { launch } from './open.mjs';

let browser;
const views = new Map(); // chart type -> views, the ones whose data are whole and fresh

before(async () => {
  browser = await launch();
  const { page } = await openHost(browser);
  const all = await page.evaluate(async () => {
    const items = [];
    let cursor;

    do {
      const { structuredContent } = await window.host.call('list_views', { pageSize: 100, ...(cursor && { cursor }) });

      items.push(...structuredContent.items);
      cursor = structuredContent.nextCursor;
    } while (cursor);
    return items;
  });

  for (const view of all) {
    views.set(view.chartType, [...views.get(view.chartType) ?? [], view]);
  }
  await page.context().close();
});

after(() => browser?.close());

// A host with nothing open, in a wide window unless `options` say otherwise.
function inHost(name, options, visit) {
  test(name, async () => {
    const { page, troubles, frame } = await openHost(browser, { viewport: { width: 900, height: 700 }, ...options });

    try {
      await visit({ page, frame, open: (what) => page.evaluate((given) => window.host.open(given), what) });
      assert.deepEqual(troubles, []);
    } finally {
      await page.context().close();
    }
  });
}

// The first view of a chart type whose answer is as wanted, shown by the host.
async function openView(open, type, { tool = 'get_view', wanted = () => true, ...more } = {}) {
  for (const { id } of views.get(type)) {
    const answer = await open({ tool, args: { viewId: id }, ...more });

    if (!answer.isError && wanted(answer.structuredContent)) {
      return answer.structuredContent;
    }
  }
  assert.fail(`no view of type ${type} is as wanted`);
}

const svg = (frame) => frame.locator('svg');
const marks = (frame) => frame.locator('svg .marks :is(rect, path, circle)');
const tipText = (frame) => frame.locator('.tip:visible').innerText();
const legend = (frame) => frame.getByRole('group', { name: 'Legend' }).getByRole('button');

// A number as the page writes it: "$1,234.5" is 1234.5.
const numbersIn = (text) => (text.replaceAll('−', '-').replace(/[$€£¥]/g, '').match(/-?[\d,]+(\.\d+)?/g) ?? []).map((one) => Number(one.replaceAll(',', '')));
const near = (a, b) => Math.abs(a - b) <= Math.max(1e-4, Math.abs(b) * 1e-5);

// A result as the server would send it; `view` makes it get_view's.
function made(columns, rows, view, more = {}) {
  const typed = columns.map(([name, type, semanticRole]) => ({ name, type, semanticRole, nullable: true }));
  const body = view
    ? { id: 'vw_aaaaaaaaaaaaaaaaaaaaaa', name: 'Made', savedFilters: [], warnings: [], workbook: { id: 'wb', name: 'Book' },
        datasource: { id: 'ds', name: 'Source', status: 'online' }, statistics: [{ name: typed[0].name, count: rows.length }],
        preview: { columns: typed, rows, rowCount: rows.length }, ...view, ...more }
    : { queryId: 'qry_a', viewId: 'vw_aaaaaaaaaaaaaaaaaaaaaa', executedAt: '2026-05-31T12:00:00Z', appliedFilters: [],
        columns: typed, rows, rowCount: rows.length, pageSize: 100, nextCursor: null, truncated: false, warnings: [], ...more };

  return { content: [{ type: 'text', text: JSON.stringify(body) }], structuredContent: body, isError: false };
}

const REGION = ['region', 'string', 'dimension'];
const AMOUNT = ['sum_amount_usd', 'float', 'measure'];
const BARS = { chartType: 'bar', encoding: { x: { field: 'region', type: 'nominal', title: 'Region' },
                                             y: { field: 'amount_usd', aggregate: 'sum', type: 'quantitative', title: 'Amount' } } };
const GROUPED = { chartType: 'bar', encoding: { ...BARS.encoding, color: { field: 'stage', type: 'nominal', title: 'Stage' } } };

describe('The chart in an MCP Apps host', () => {
  inHost('belongs to get_view and query_view_data, as a page that asks for nothing', {}, async ({ page }) => {
    const tools = await page.evaluate(() => window.host.tools());
    const resource = await page.evaluate((uri) => window.host.read(uri), URI);

    assert.deepEqual(tools, [{ name: 'get_view', uri: URI }, { name: 'query_view_data', uri: URI }]);
    assert.equal(resource.uri, URI);
    assert.equal(resource.mimeType, 'text/html;profile=mcp-app');
    assert.deepEqual(Object.values(resource._meta?.ui?.csp ?? {}).flat(), []);
  });

  for (const type of ['bar', 'line', 'area', 'pie', 'donut', 'treemap', 'histogram', 'scatter', 'heatmap']) {
    for (const tool of ['get_view', 'query_view_data']) {
      inHost(`draws ${type} from ${tool}`, {}, async ({ frame, open }) => {
        const body = await openView(open, type, { tool, wanted: (one) => (one.preview ?? one).rows.length > 0 });
        const { rows } = body.preview ?? body;

        await svg(frame).and(frame.locator(`[data-chart="${type}"]`)).waitFor();
        assert.ok(await marks(frame).count() > 0, `${rows.length} rows`);
        assert.match(await svg(frame).getAttribute('aria-label'), /chart: .+ by .+\. [1-9]\d* marks/i);
        if (body.name) {
          assert.equal(await frame.getByRole('heading', { level: 1 }).innerText(), body.name);
        }
      });
    }
  }

  inHost('shows the rows of a map', {}, async ({ frame, open }) => {
    const body = await openView(open, 'map');

    await frame.getByText('Maps are not drawn here').waitFor();
    assert.equal(await frame.locator('tbody tr').count(), body.preview.rows.length);
  });

  for (const [type, measure] of [['bar', 'y'], ['line', 'y'], ['area', 'y'], ['histogram', 'y'], ['heatmap', 'color'], ['treemap', 'size'], ['pie', 'theta']]) {
    inHost(`tells the values of the rows under the pointer: ${type}`, {}, async ({ page, frame, open }) => {
      const title = (one) => one.encoding[measure].title;
      const body = await openView(open, type, { wanted: (one) => one.preview.rows.length > 1 && one.statistics[0].count <= 50 && title(one) });
      const column = body.preview.columns.findIndex((one) => one.semanticRole === 'measure');
      const values = body.preview.rows.map((row) => row[column]).filter((value) => value !== null);

      await svg(frame).waitFor();
      const box = await svg(frame).boundingBox();
      const seen = [];

      for (const [x, y] of [[0.3, 0.5], [0.45, 0.55], [0.55, 0.4], [0.7, 0.5], [0.6, 0.7], [0.2, 0.7]]) {
        await page.mouse.move(box.x + box.width * x, box.y + box.height * y);
        if (await frame.locator('.tip:visible').count() > 0) {
          seen.push(...(await frame.locator('.tip dd').allTextContents()).flatMap(numbersIn));
        }
      }
      assert.ok(seen.length > 0, 'a tooltip came');
      assert.ok(seen.some((one) => values.some((value) => near(one, value))), `${seen} of ${values}`);
    });
  }

  inHost('tells a value exactly, to the pointer, a finger and the keyboard', { hasTouch: true }, async ({ page, frame, open }) => {
    await open({ args: {}, serverTools: false, result: made([REGION, AMOUNT], [['East', 1234567.89], ['West', -42.5]], BARS) });
    await svg(frame).waitFor();
    const east = await marks(frame).first().boundingBox();
    const west = await marks(frame).nth(1).boundingBox();

    await page.mouse.move(east.x + east.width / 2, east.y + east.height / 2);
    assert.ok((await tipText(frame)).includes('$1,234,567.89'));
    await page.mouse.move(0, 0);
    await frame.locator('.tip').waitFor({ state: 'hidden' });
    await page.touchscreen.tap(west.x + west.width / 2, west.y + west.height / 2);
    assert.ok((await tipText(frame)).includes('−$42.5'));

    await svg(frame).focus();
    await page.keyboard.press('Home');
    assert.ok((await tipText(frame)).includes('$1,234,567.89'));
    await page.keyboard.press('ArrowRight');
    assert.ok((await tipText(frame)).includes('−$42.5'));
    assert.match(await frame.locator('[aria-live]').innerText(), /^West, Amount −\$42\.5$/);
    await page.keyboard.press('Escape');
    assert.ok(await frame.locator('.tip').isHidden());
  });

  inHost('hides a series and shows it again, by click and by key', {}, async ({ page, frame, open }) => {
    const rows = [['East', 5, 'Won'], ['East', 7, 'Lost'], ['West', 1, 'Won'], ['West', 2, 'Lost']];

    await open({ args: {}, serverTools: false, result: made([REGION, AMOUNT, ['stage', 'string', 'dimension']], rows, GROUPED) });
    await svg(frame).waitFor();
    assert.deepEqual(await legend(frame).allInnerTexts(), ['Lost', 'Won']);
    assert.equal(await marks(frame).count(), 4);

    await legend(frame).first().click();
    assert.equal(await legend(frame).first().getAttribute('aria-pressed'), 'false');
    assert.equal(await marks(frame).count(), 2);
    await page.keyboard.press('Enter'); // the focus stayed
    assert.equal(await legend(frame).first().getAttribute('aria-pressed'), 'true');
    assert.equal(await marks(frame).count(), 4);

    for (const button of await legend(frame).all()) {
      await button.click();
    }
    await frame.getByText('All series are hidden').waitFor();
  });

  inHost('has a table of all rows, which sorts', {}, async ({ frame, open }) => {
    const body = await openView(open, 'bar', { wanted: (one) => one.preview.rows.length > 3 && one.statistics[0].count <= 50 });
    const column = body.preview.columns.findIndex((one) => one.semanticRole === 'measure');
    const values = body.preview.rows.map((row) => row[column]);
    const cells = async () => (await frame.locator(`tbody td:nth-child(${column + 1})`).allTextContents()).map((text) => numbersIn(text)[0]);
    const same = (got, expected) => assert.ok(got.length === expected.length && got.every((one, i) => near(one, expected[i])), `${got} for ${expected}`);

    await frame.getByRole('button', { name: 'Table' }).click();
    same(await cells(), values);
    const heading = frame.locator('th').nth(column);

    await heading.getByRole('button').click();
    assert.equal(await heading.getAttribute('aria-sort'), 'ascending');
    same(await cells(), [...values].sort((a, b) => a - b));
    await heading.getByRole('button').click();
    assert.equal(await heading.getAttribute('aria-sort'), 'descending');
    same(await cells(), [...values].sort((a, b) => b - a));

    await frame.getByRole('button', { name: 'Chart' }).click();
    await svg(frame).waitFor();
  });

  inHost('asks the host for what the result does not say', {}, async ({ page, frame, open }) => {
    const body = await openView(open, 'donut', { tool: 'query_view_data' });

    await frame.locator('[data-chart="donut"]').waitFor();
    assert.deepEqual((await page.evaluate(() => window.host.told.calls)), [{ name: 'get_view', arguments: { viewId: body.viewId } }]);
  });

  inHost('guesses a chart where the host calls no tools', {}, async ({ page, frame, open }) => {
    await openView(open, 'line', { tool: 'query_view_data', serverTools: false, wanted: ({ columns }) => columns[0].semanticRole === 'time' });
    await frame.locator('[data-chart="line"]').waitFor();
    await openView(open, 'histogram', { tool: 'query_view_data', serverTools: false });
    await frame.locator('[data-chart="histogram"]').waitFor();
    assert.deepEqual(await page.evaluate(() => window.host.told.calls), []);
  });

  inHost('draws all rows of a view with more than its preview holds, and loads pages', {}, async ({ page, frame, open }) => {
    const whole = await openView(open, 'line', { wanted: (one) => one.statistics[0].count > 50 && one.statistics[0].count < 1000 });

    await frame.locator('#count').getByText(`${whole.statistics[0].count} rows.`).waitFor();

    const { id } = views.get('line').find((view) => view.id === whole.id);
    await open({ tool: 'query_view_data', args: { viewId: id, pageSize: 20 } });
    await frame.getByText('Showing 20 rows, more exist.').waitFor();
    await frame.getByRole('button', { name: 'Load more rows' }).click();
    await frame.locator('#count').getByText(new RegExp(`^${Math.min(520, whole.statistics[0].count)} rows\\.|^Showing 520 rows`)).waitFor();
    assert.equal((await page.evaluate(() => window.host.told.calls)).filter(({ name }) => name === 'query_view_data').length, 1);
  });

  inHost('reads a result without structured content, and one that is CSV', {}, async ({ frame, open }) => {
    const { content } = made([REGION, AMOUNT], [['East', 5], ['West', 7], ['Süd', 1]], BARS);

    await open({ args: {}, serverTools: false, result: { content } });
    await svg(frame).waitFor();
    assert.equal(await marks(frame).count(), 3);

    const body = await openView(open, 'bar', { tool: 'query_view_data', wanted: (one) => one.rowCount > 2 && one.rowCount < 50 });
    const [answer] = [await open({ tool: 'query_view_data', args: { viewId: body.viewId, format: 'csv' } })];
    assert.equal(typeof answer.structuredContent.csv, 'string');
    await frame.getByRole('button', { name: 'Table' }).click();
    assert.equal(await frame.locator('tbody tr').count(), body.rows.length);
  });

  inHost('follows the host\'s theme and colours', {}, async ({ page, frame, open }) => {
    const look = () => frame.locator('html').evaluate((root) => ({ theme: root.dataset.theme, ground: getComputedStyle(root).backgroundColor }));

    await openView(open, 'bar', { context: { theme: 'dark' } });
    await svg(frame).waitFor();
    assert.deepEqual(await look(), { theme: 'dark', ground: 'rgb(21, 30, 34)' });
    await page.evaluate(() => window.host.change({ theme: 'light', styles: { variables: { '--color-background-primary': 'rgb(1, 2, 3)' } } }));
    await frame.locator('html[data-theme="light"]').waitFor();
    assert.deepEqual(await look(), { theme: 'light', ground: 'rgb(1, 2, 3)' });
  });

  inHost('shows an error as the server worded it', {}, async ({ frame, open }) => {
    const { structuredContent, content } = await open({ tool: 'get_view', args: { viewId: 'vw_aaaaaaaaaaaaaaaaaaaaaa' } });
    const { error } = structuredContent ?? JSON.parse(content[0].text);

    await frame.getByRole('alert').getByText(error.message).waitFor();
    assert.ok((await frame.getByRole('alert').innerText()).includes('VIEW_NOT_FOUND'));
  });

  inHost('says in words that data are old, what was left out and which filters ran', {}, async ({ frame, open }) => {
    const body = await openView(open, 'bar', { tool: 'query_view_data', wanted: (one) => one.warnings.some(({ code }) => code === 'EXTRACT_STALE') && one.appliedFilters.length > 0 });

    await frame.locator('.note', { hasText: /^Old data\. Marketing Attribution was last refreshed \d+ days? ago .*; it should be no older than 24 hours\.$/ }).waitFor();
    assert.equal(await frame.getByRole('list', { name: 'Filters' }).getByRole('listitem').count(), body.appliedFilters.length);

    await open({ args: {}, serverTools: false, result: made([REGION, AMOUNT], [['East', 5]], null, { truncated: true, appliedFilters: [{ field: 'region', op: 'eq', value: 'East' }],
      warnings: [{ code: 'RESPONSE_TRUNCATED', message: 'm', details: { returnedRows: 1, droppedRows: 12 } }] }) });
    await frame.getByText('12 rows were left out, because the answer was too large.').waitFor();
    await frame.getByText('Showing 1 row, more exist. The server cut the result here').waitFor();
    assert.equal(await frame.getByRole('listitem').innerText(), 'Region = East');
  });

  inHost('shows whatever the rows hold as text', {}, async ({ page, frame, open }) => {
    const hostile = ['<img src=x onerror="parent.hacked=1">', '</script><script>parent.hacked=1</script>', '"\'><svg onload=alert(1)>', 'javascript:alert(1)',
                     '__proto__', 'constructor', '‮‮‮', '株式会社ブライトミア', 'long '.repeat(200), '', null];
    const name = '<b onclick="parent.hacked=1">View</b>';

    for (const view of [BARS, { chartType: 'pie', encoding: { color: BARS.encoding.x, theta: BARS.encoding.y } }, { chartType: 'treemap', encoding: { color: BARS.encoding.x, size: BARS.encoding.y } }]) {
      await open({ args: {}, serverTools: false, result: made([REGION, AMOUNT], hostile.map((one, i) => [one, i + 1]), { ...view, name, savedFilters: [{ field: hostile[0], op: 'eq', value: hostile[1] }] }) });
      await svg(frame).waitFor();
      assert.equal(await frame.getByRole('heading', { level: 1 }).innerText(), name);
      assert.equal(await frame.locator('img, b[onclick], script:not(body > script)').count(), 0);
      await svg(frame).focus();
      await page.keyboard.press('End');
      assert.ok(await frame.locator('.tip').isVisible());
      assert.equal(await frame.locator('html').evaluate((root) => root.scrollWidth > root.clientWidth), false);
    }
    await frame.getByRole('button', { name: 'Table' }).click();
    assert.deepEqual((await frame.locator('tbody td:first-child').allTextContents()).slice(0, 4), hostile.slice(0, 4));
    assert.equal(await page.evaluate(() => window.hacked), undefined);
  });

  inHost('holds up with no rows, one row, blanks, zeros and a thousand', {}, async ({ frame, open }) => {
    const show = (rows, view = BARS) => open({ args: {}, serverTools: false, result: made([REGION, AMOUNT], rows, view) });
    const types = ['bar', 'line', 'area'].map((chartType) => ({ ...BARS, chartType }));
    const parts = ['pie', 'donut'].map((chartType) => ({ chartType, encoding: { color: BARS.encoding.x, theta: BARS.encoding.y } }));
    const thousand = Array.from({ length: 1000 }, (_, i) => [`Region ${i}`, (i * 7919) % 1000 - 300]);

    await show([]);
    await frame.getByText('No rows match').waitFor();
    for (const view of [...types, ...parts]) {
      for (const rows of [[['East', 5]], [['East', 0], ['West', 0]], [['East', null], ['West', 3], [null, 4]], [['East', -5], ['West', 3]], thousand]) {
        await show(rows, view);
        await svg(frame).waitFor();
        assert.ok(!/NaN|Infinity|undefined/.test(await svg(frame).evaluate((drawn) => drawn.outerHTML)), `${view.chartType} of ${JSON.stringify(rows).slice(0, 60)}`);
      }
    }
  });

  inHost('fits a narrow frame, and tells its height', { viewport: { width: 320, height: 700 } }, async ({ page, frame, open }) => {
    for (const type of ['bar', 'line', 'donut', 'treemap', 'heatmap', 'scatter']) {
      await openView(open, type);
      await svg(frame).waitFor();
      assert.equal(await frame.locator('html').evaluate((root) => root.scrollWidth), 320);
    }
    const sizes = await page.evaluate(() => window.host.told.sizes);
    const height = await frame.locator('html').evaluate((root) => Math.ceil(root.getBoundingClientRect().height));

    assert.equal(sizes.at(-1).height, height);
    await page.setViewportSize({ width: 800, height: 700 });
    await page.waitForFunction(() => Number(document.querySelector('iframe').clientHeight) === window.host.told.sizes.at(-1).height);
    await svg(frame).and(frame.locator('[viewBox^="0 0 764 "]')).waitFor(); // as wide as there is room, without margins
  });

  inHost('goes to full screen where the host can', {}, async ({ page, frame, open }) => {
    await openView(open, 'bar', { context: { availableDisplayModes: ['inline', 'fullscreen'] } });
    await frame.getByRole('button', { name: 'Full screen' }).click();
    await frame.getByRole('button', { name: 'Close full screen' }).click();
    await frame.getByRole('button', { name: 'Full screen', exact: true }).waitFor();
    assert.deepEqual(await page.evaluate(() => window.host.told.modes), ['fullscreen', 'inline']);
  });

  inHost('answers pings, a cancelled call, the next call, and its end', {}, async ({ page, frame, open }) => {
    const app = async () => page.evaluate(() => window.host.app());

    await openView(open, 'bar');
    assert.equal((await app()).info.name, 'lookout-chart');
    assert.deepEqual(await page.evaluate(() => window.host.ping()), {});
    await page.evaluate(() => window.host.input({ viewId: 'vw_aaaaaaaaaaaaaaaaaaaaaa' }));
    await frame.getByText('Waiting for the rows').waitFor();
    await page.evaluate(() => window.host.cancel('the user said so'));
    await frame.getByRole('alert').getByText('Reason: the user said so').waitFor();
    await page.evaluate((result) => window.host.result(result), made([REGION, AMOUNT], [['East', 5]], BARS));
    await svg(frame).waitFor();
    assert.deepEqual(await page.evaluate(() => window.host.teardown()), {});
  });

  inHost('listens to the window around it only', {}, async ({ page, frame, open }) => {
    await open({ args: {}, serverTools: false, result: made([REGION, AMOUNT], [['East', 5]], BARS) });
    await svg(frame).waitFor();
    await frame.locator('html').evaluate(() => window.postMessage({ jsonrpc: '2.0', method: 'ui/notifications/tool-cancelled', params: {} }, '*'));
    await page.evaluate(() => window.host.ping());
    assert.ok(await svg(frame).isVisible());
    assert.equal(await frame.getByRole('alert').count(), 0);
  });
});
