// The page for people, in a real browser: what it shows is what the manifest says, a token is
// minted and used, the console calls tools, and nothing goes wrong on the way.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { BASE, launch, openPage } from './open.mjs';

let browser;
let manifest;

before(async () => {
  browser = await launch();
  manifest = await (await fetch(new URL('/manifest.json', BASE))).json();
});

after(() => browser?.close());

// Opens the page and gives `visit` to the test; after it there must be no troubles, but for what
// the test took out of the list.
function onPage(name, options, visit) {
  test(name, async () => {
    const { page, troubles } = await openPage(browser, options);

    try {
      await page.goto(BASE);
      if (options.javaScriptEnabled !== false) {
        await page.locator('.tool').first().waitFor();
      }
      await visit(page, troubles);
      assert.deepEqual(troubles, []);
    } finally {
      await page.context().close();
    }
  });
}

const slots = (page, name) => page.locator(`[data-fill="${name}"]`).allTextContents();

async function mint(page) {
  await page.getByRole('button', { name: 'Get a demo token' }).click();
  await page.getByText(/^Good for 24 hours, until /).waitFor();
  return page.getByLabel('Token').inputValue();
}

// Presses something that sends a call, and waits for that call's answer to be on the page.
async function answerTo(page, press) {
  const [response] = await Promise.all([
    page.waitForResponse((candidate) => new URL(candidate.url()).pathname === '/mcp' &&
                                        candidate.request().postDataJSON().params.name === press.tool),
    press.button.click(),
  ]);
  const { result } = await response.json();

  await page.locator('#send-note', { hasText: /^$/ }).waitFor({ state: 'attached' });
  return { isError: result.isError, ...JSON.parse(result.content[0].text) };
}

const sample = (page, tool, name) => ({ tool, button: page.getByRole('button', { name, exact: true }) });
const cells = (page) => page.locator('#views tbody tr').first().locator('td').allTextContents();

describe('The page for people', () => {
  onPage('lists the tools of the manifest, and no others', {}, async (page) => {
    assert.deepEqual(await page.locator('.tool h3 code').allTextContents(), manifest.tools.map((tool) => tool.name));
    assert.equal(await page.locator('#server').innerText(),
                 `${manifest.tools.length} tools, read-only, version ${manifest.version}`);
    assert.equal(await page.locator('#tool option').count(), manifest.tools.length);
  });

  onPage('shows the workflows whose tools there are', {}, async (page) => {
    const names = new Set(manifest.tools.map((tool) => tool.name));

    for (const row of await page.locator('#workflows tbody tr').all()) {
      const needs = (await row.getAttribute('data-needs')).split(' ');
      assert.equal(await row.isVisible(), needs.every((name) => names.has(name)), needs.join(' '));
    }
    assert.ok(await page.getByRole('rowheader', { name: 'W1' }).isVisible());
  });

  onPage('mints a token and puts it into every snippet', {}, async (page) => {
    assert.deepEqual([...new Set(await slots(page, 'token'))], ['YOUR_TOKEN']);

    const token = await mint(page);
    assert.match(token, /^lk_/);
    assert.deepEqual([...new Set(await slots(page, 'token'))], [token]);
    assert.deepEqual([...new Set(await slots(page, 'url'))], [new URL('/mcp', BASE).href]);

    await page.reload();
    assert.equal(await page.getByLabel('Token').inputValue(), token, 'kept over a reload');
  });

  onPage('waits as long as Retry-After says when tokens are limited', {}, async (page, troubles) => {
    await page.route('**/token', (route) => route.fulfill({ status: 429, headers: { 'Retry-After': '2' }, body: '{}' }));
    await page.getByRole('button', { name: 'Get a demo token' }).click();
    await page.getByText('wait 2 seconds').waitFor();
    assert.ok(await page.getByRole('button', { name: /^Again in [12] s$/ }).isDisabled());

    await page.unroute('**/token');
    await mint(page);
    assert.match(troubles.splice(0).join(), /^console: Failed to load resource: .* 429 [^,]*$/);
  });

  onPage('has tabs that the keyboard moves through', {}, async (page) => {
    const list = page.getByRole('tablist', { name: 'Agents' });

    await list.getByRole('tab').first().focus();
    for (const name of ['Claude Desktop', 'Cursor', 'VS Code', 'Messages API', 'OpenAI Agents SDK', 'LangChain', 'curl', 'Claude Code']) {
      await page.keyboard.press('ArrowRight');
      assert.equal(await list.getByRole('tab', { selected: true }).innerText(), name);
      assert.ok(await page.getByRole('tabpanel', { name }).locator('pre').first().isVisible());
    }
  });

  onPage('goes from the datasources to a query, by clicking', {}, async (page) => {
    const { items } = await answerTo(page, sample(page, 'list_datasources', 'List the datasources'));
    assert.equal(await page.locator('#views tbody tr').count(), items.length);
    assert.notEqual(await page.getByLabel('Token').inputValue(), '', 'a token was minted for the call');

    const source = await answerTo(page, { tool: 'get_datasource', button: page.locator('#views').getByRole('button', { name: 'Sales Pipeline', exact: true }) });
    assert.equal(source.name, 'Sales Pipeline');
    assert.equal(await page.locator('#views tbody tr').count(), source.fields.length);

    const rows = await answerTo(page, { tool: 'query_datasource', button: page.getByRole('button', { name: 'Query it' }) });
    assert.equal(await page.locator('#views tbody tr').count(), rows.rows.length);
    assert.equal(await page.locator('#status').innerText().then((text) => text.includes('20 rows')), true);
  });

  onPage('shows the rows of a query, and its request', {}, async (page) => {
    const token = await mint(page);
    const { rows } = await answerTo(page, sample(page, 'query_datasource', 'Pipeline by stage, in SQL'));
    const [stage, deals, total] = await cells(page);

    assert.equal(stage, rows[0][0]);
    assert.deepEqual([deals, total].map((text) => Number(text.replaceAll(',', ''))), rows[0].slice(1));

    await page.getByRole('tab', { name: 'JSON' }).click();
    assert.deepEqual(JSON.parse(await page.getByRole('tabpanel', { name: 'JSON' }).locator('pre').innerText()).rows, rows);
    await page.getByRole('tab', { name: 'As curl' }).click();
    assert.ok((await page.getByRole('tabpanel', { name: 'As curl' }).innerText()).includes(`Bearer ${token}`));
  });

  onPage('sends the filters of the form', {}, async (page) => {
    const { appliedFilters } = await answerTo(page, sample(page, 'query_view_data', 'Its data, EMEA in 2026 Q1'));

    assert.deepEqual(appliedFilters.map(({ field, op, value }) => `${field} ${op} ${value}`),
                     ['close_quarter eq 2026Q1', 'region eq EMEA']);
  });

  onPage('says what is wrong with a call', {}, async (page) => {
    const { isError, error } = await answerTo(page, sample(page, 'query_datasource', 'Try to delete'));

    assert.ok(isError);
    assert.equal(await page.locator('.error code').first().innerText(), 'SQL_FORBIDDEN_CONSTRUCT');
    assert.ok((await page.locator('.error').innerText()).includes(error.message));
  });

  onPage('fits a telephone, in the dark', { viewport: { width: 375, height: 812 }, colorScheme: 'dark' }, async (page) => {
    await answerTo(page, sample(page, 'query_datasource', 'Pipeline by stage, in SQL'));
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 375);
  });

  onPage('can be read without scripts', { javaScriptEnabled: false }, async (page) => {
    assert.equal(await page.locator('#connect pre:visible').count(), await page.locator('#connect pre').count());
    assert.ok(await page.getByRole('link', { name: '/token' }).isVisible());
    assert.ok(!await page.locator('#token-panel').isVisible());
  });
});
