// Every client walks the workflows W1 to W8, the way an analyst's agent would, over the demo
// company's data; then what must fail, fails well.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, describe, test } from 'node:test';

import { clients, headerless, MODERN_REVISION } from './clients.mjs';
import { BASE, mint, named, REFUSED, sales, viewOf } from './demo.mjs';
import { Session } from './session.mjs';

const TOOLS = [
  'list_datasources', 'get_datasource', 'query_datasource', 'list_workbooks', 'get_workbook',
  'list_views', 'get_view', 'query_view_data', 'create_view_render', 'get_render_job',
  'export_view_csv', 'get_job',
];

const sum = (numbers) => numbers.reduce((total, n) => total + n, 0);
const near = (a, b) => Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a), Math.abs(b));
const columnNames = (answer) => answer.columns.map((column) => column.name);

for (const kind of clients) {
  describe(kind.name, () => {
    let session;

    before(async () => {
      session = new Session(await kind.connect(BASE, await mint()));
      await session.learn();
    });

    after(() => session?.client.close());

    test('connects in the era it asked for', () => {
      assert.equal(session.revision, kind.expected);
      assert.equal(session.client.getServerVersion().name, 'lookout');
      assert.match(session.client.getInstructions(), /list_datasources/);

      const methods = session.sent.map((request) => request.body?.method);
      assert.equal(methods.includes('initialize'), kind.expected !== MODERN_REVISION);
      assert.equal(methods.includes('server/discover'), kind.expected === MODERN_REVISION);
    });

    test('learns the tools', async () => {
      const { tools } = await session.client.listTools();
      for (const name of TOOLS) {
        const tool = tools.find((candidate) => candidate.name === name);
        assert.ok(tool, `${name} is listed`);
        assert.ok(tool.title && tool.description.length > 40, `${name} is described`);
        assert.equal(tool.inputSchema.additionalProperties, false);
        assert.deepEqual(
          { ...tool.annotations, title: undefined },
          {
            readOnlyHint: true, destructiveHint: false, idempotentHint: true,
            openWorldHint: false, title: undefined,
          },
        );
      }

      const manifest = await (await fetch(new URL('/manifest.json', BASE))).json();
      assert.deepEqual(
        manifest.tools.map(({ name, inputSchema }) => ({ name, inputSchema })),
        tools.map(({ name, inputSchema }) => ({ name, inputSchema })),
      );
    });

    test('W1: discovers datasources and their fields', async () => {
      const sources = await session.all('list_datasources');
      assert.equal(sources.length, 8);
      assert.equal(sources.filter((source) => source.status === 'offline').length, 1);

      const fuzzy = await session.call('list_datasources', { q: 'slaes pipline' });
      assert.equal(fuzzy.items[0].name, 'Sales Pipeline');

      let rows = 0;
      let stale = 0;
      for (const source of sources) {
        const { fields, warnings, ...rest } = await session.call('get_datasource', {
          datasourceId: source.id,
        });
        for (const member of Object.keys(source)) {
          assert.deepEqual(rest[member], source[member], `${source.name}: ${member}`);
        }
        assert.equal(fields.length, source.fieldCount);
        assert.ok(fields.every((field) => field.description.length > 0));
        rows += rest.rowCount;
        stale += warnings.filter((warning) => warning.code === 'EXTRACT_STALE').length;
      }
      assert.equal(stale, 1, 'one datasource is past its SLA');
      assert.ok(rows > 117000 && rows < 119500, `about 118,000 rows (${rows})`);

      const { fields } = await session.call('get_datasource', {
        datasourceId: (await sales(session)).id,
      });
      assert.equal(fields.length, 14);
      assert.deepEqual(
        fields
          .filter((field) => ['stage', 'amount_usd', 'close_date', 'opportunity_id'].includes(field.name))
          .map((field) => [field.name, field.dataType, field.semanticRole]),
        [
          ['opportunity_id', 'string', 'identifier'],
          ['stage', 'string', 'dimension'],
          ['amount_usd', 'float', 'measure'],
          ['close_date', 'date', 'time'],
        ],
      );
    });

    test('W2: browses workbooks and views, page by page', async () => {
      const workbooks = await session.all('list_workbooks', { pageSize: 20 });
      assert.equal(workbooks.length, 51);

      const views = await session.all('list_views');
      assert.equal(views.length, 390);
      assert.equal(sum(workbooks.map((workbook) => workbook.viewCount)), views.length);

      const { id, viewCount } = await named(session, 'list_workbooks', 'EMEA Sales Review');
      const workbook = await session.call('get_workbook', { workbookId: id });
      assert.equal(workbook.views.length, viewCount);
      assert.ok(workbook.tags.includes('emea'));

      const inside = await session.all('list_views', { workbookId: id });
      assert.deepEqual(
        inside.map((view) => view.id).sort(),
        workbook.views.map((view) => view.id).sort(),
      );
      for (const view of inside) {
        assert.deepEqual(view.workbook, { id, name: 'EMEA Sales Review' });
        assert.equal(view.datasource.name, 'Sales Pipeline');
      }

      const pies = await session.all('list_views', { chartType: 'donut' });
      assert.equal(pies.length, views.filter((view) => view.chartType === 'donut').length);
      assert.ok(pies.length > 0);
    });

    test('W3: overrides the filters of a view', async () => {
      const { id } = await viewOf(session, 'EMEA Sales Review', 'Deals closing in 2026 Q2');
      const view = await session.call('get_view', { viewId: id });
      assert.deepEqual(
        view.savedFilters.map((filter) => filter.field).sort(),
        ['close_quarter', 'region'],
      );

      const quarter = { field: 'close_quarter', op: 'eq', value: '2026Q1' };
      const pages = await session.pages('query_view_data', {
        viewId: id, filterOverrides: [quarter], pageSize: 40,
      });
      for (const page of pages) {
        assert.deepEqual(page.appliedFilters, [quarter, { field: 'region', op: 'eq', value: 'EMEA' }]);
        assert.equal(page.rowCount, page.rows.length);
        assert.equal(page.truncated, false);
      }

      const rows = pages.flatMap((page) => page.rows);
      const at = columnNames(pages[0]).indexOf('close_date');
      assert.ok(rows.every((row) => row[at] >= '2026-01-01' && row[at] <= '2026-03-31'));

      const counted = await session.call('query_datasource', {
        datasourceId: (await sales(session)).id,
        sql: "SELECT COUNT(*) AS n FROM data WHERE region = 'EMEA' AND close_quarter = '2026Q1'",
      });
      assert.equal(rows.length, counted.rows[0][0]);
      assert.ok(pages.length > 1, 'the rows fill several pages');

      const { csv, rowCount } = await session.call('query_view_data', {
        viewId: id, filterOverrides: [quarter], format: 'csv', pageSize: 40,
      });
      assert.equal(csv.split(/\r?\n/)[0], columnNames(pages[0]).join(','));
      assert.equal(rowCount, 40);
    });

    test('W4: asks in SQL', async () => {
      const { id } = await sales(session);
      const answer = await session.call('query_datasource', {
        datasourceId: id,
        sql:
          "SELECT stage, COUNT(*) AS n, SUM(amount_usd) AS total FROM data WHERE close_quarter='2026Q1' " +
          'GROUP BY stage ORDER BY total DESC',
      });
      assert.equal(answer.datasourceId, id);
      assert.deepEqual(
        answer.columns.map(({ name, type }) => [name, type]),
        [['stage', 'string'], ['n', 'integer'], ['total', 'float']],
      );
      assert.equal(answer.columns[0].semanticRole, 'dimension');
      assert.equal(answer.columns[0].nullable, false);
      assert.equal(answer.pageSize, 500);
      assert.equal(answer.rowCount, answer.rows.length);
      assert.ok(answer.rows.some(([stage]) => stage === 'Closed Won'));

      const totals = answer.rows.map((row) => row[2]);
      assert.deepEqual(totals, [...totals].sort((a, b) => b - a));

      const whole = await session.call('query_datasource', {
        datasourceId: id,
        sql: "SELECT COUNT(*), SUM(amount_usd) FROM data WHERE close_quarter='2026Q1'",
      });
      assert.equal(sum(answer.rows.map((row) => row[1])), whole.rows[0][0]);
      assert.ok(near(sum(totals), whole.rows[0][1]));

      const again = await session.call('query_datasource', {
        datasourceId: id,
        sql:
          "SELECT stage, COUNT(*) AS n, SUM(amount_usd) AS total FROM data WHERE close_quarter='2026Q1' " +
          'GROUP BY stage ORDER BY total DESC',
      });
      assert.deepEqual(again.rows, answer.rows, 'the repeated answer is the same');
    });

    test('W4: pages through a whole datasource', async () => {
      const { id } = await sales(session);
      const pages = await session.pages('query_datasource', {
        datasourceId: id,
        sql: 'SELECT opportunity_id, amount_usd FROM data ORDER BY amount_usd DESC',
      });
      const rows = pages.flatMap((page) => page.rows);
      const { rowCount } = await session.call('get_datasource', { datasourceId: id });
      assert.equal(rows.length, rowCount);
      assert.equal(new Set(rows.map((row) => row[0])).size, rowCount);
      assert.ok(rows.every((row, i) => i === 0 || row[1] <= rows[i - 1][1]));
    });

    test('W4: the row cap says that it cut', async () => {
      const usage = await named(session, 'list_datasources', 'Product Usage');
      const pages = await session.pages('query_datasource', {
        datasourceId: usage.id, sql: 'SELECT session_id FROM data', pageSize: 2000,
      });
      assert.deepEqual(pages.map((page) => page.rowCount), [2000, 2000, 1000]);
      assert.deepEqual(pages.map((page) => page.truncated), [false, false, true]);
    });

    test('W5: compares two quarters', async () => {
      const { id } = await viewOf(session, 'Pipeline Health', 'Deals by stage');
      const source = await sales(session);
      const answers = {};

      for (const quarter of ['2025Q1', '2026Q1']) {
        const answer = await session.call('query_view_data', {
          viewId: id, filterOverrides: [{ field: 'close_quarter', op: 'eq', value: quarter }],
        });
        assert.equal(answer.columns.length, 2);
        const [stage, count] = answer.columns[0].name === 'stage' ? [0, 1] : [1, 0];
        answers[quarter] = Object.fromEntries(answer.rows.map((row) => [row[stage], row[count]]));

        const { rows } = await session.call('query_datasource', {
          datasourceId: source.id,
          sql: `SELECT stage, COUNT(*) FROM data WHERE close_quarter = '${quarter}' GROUP BY stage`,
        });
        assert.deepEqual(answers[quarter], Object.fromEntries(rows), `the view is the SQL, ${quarter}`);
      }
      assert.notDeepEqual(answers['2025Q1'], answers['2026Q1']);
      assert.ok(answers['2025Q1']['Closed Won'] > 0 && answers['2026Q1']['Closed Won'] > 0);
    });

    test('W6: inspects a chart, its statistics and its preview', async () => {
      const { id } = await viewOf(session, 'Pipeline Health', 'Deals by stage');
      const view = await session.call('get_view', { viewId: id });
      assert.equal(view.chartType, 'bar');
      assert.equal(view.encoding.x.field, 'stage');
      assert.equal(view.encoding.y.aggregate, 'count');
      assert.equal(view.workbook.name, 'Pipeline Health');

      const { columns, rows, rowCount } = view.preview;
      assert.equal(rowCount, rows.length);
      assert.deepEqual(rows, (await session.call('query_view_data', { viewId: id })).rows);
      assert.deepEqual(view.statistics.map((s) => s.name), columns.map((column) => column.name));

      for (const [i, { type }] of columns.entries()) {
        const stats = view.statistics[i];
        const values = rows.map((row) => row[i]);
        assert.equal(stats.count, rows.length);
        assert.equal(stats.nulls, 0);
        assert.equal(stats.distinct, new Set(values).size);
        if (type === 'string') {
          assert.ok(stats.top.length > 0 && stats.top.length <= 5);
          assert.ok(stats.top.every((top) => values.includes(top.value) && top.count === 1));
        } else {
          assert.equal(stats.min, Math.min(...values));
          assert.equal(stats.max, Math.max(...values));
          assert.ok(near(stats.mean, sum(values) / values.length));
        }
      }

      const source = await session.call('get_datasource', { datasourceId: view.datasource.id });
      const at = columns.findIndex((column) => column.name !== 'stage');
      assert.equal(sum(rows.map((row) => row[at])), source.rowCount, 'every deal is in one stage');
    });

    test('W7: renders a chart, as SVG and as PNG', async () => {
      const { id } = await viewOf(session, 'Pipeline Health', 'Deals by stage');
      const filters = [{ field: 'region', op: 'eq', value: 'EMEA' }];
      const args = { viewId: id, format: 'svg', filterOverrides: filters };
      const render = (more) => session.job('create_view_render', { ...args, ...more }, 'get_render_job', 'renderJobId');

      const svg = await render();
      assert.equal(svg.status, 'succeeded');
      assert.deepEqual(svg.appliedFilters, filters);
      assert.match(svg.filePath, new RegExp(`^fs/renders/views/${id}/[0-9a-f]{12}\\.svg$`));
      const drawing = Buffer.from(svg.inlineBase64, 'base64').toString();
      assert.match(drawing, /^<svg [^]*Deals by stage[^]*Region: EMEA[^]*<\/svg>\s*$/);

      const again = await render();
      assert.equal(again.cached, true);
      assert.equal(again.renderJobId, svg.renderJobId);
      assert.equal(again.inlineBase64, svg.inlineBase64);
      const { cached, fileUrl, ...rest } = await session.call('get_render_job', { renderJobId: svg.renderJobId });
      assert.deepEqual({ ...rest, cached, fileUrl }, again);

      const served = await fetch(fileUrl);
      assert.equal(served.headers.get('content-type'), 'image/svg+xml');
      assert.equal(await served.text(), drawing);

      const png = await render({ format: 'png', width: 800, height: 600, inline: 'none' });
      assert.equal(png.inlineBase64, null);
      const bytes = Buffer.from(await (await fetch(png.fileUrl)).arrayBuffer());
      assert.equal(bytes.subarray(1, 4).toString(), 'PNG');
      assert.deepEqual([bytes.readUInt32BE(16), bytes.readUInt32BE(20)], [800, 600]);

      const shown = await session.client.callTool({
        name: 'create_view_render', arguments: { viewId: id, inline: 'image' },
      });
      assert.deepEqual(shown.content.map((block) => block.type), ['text', 'image', 'resource_link']);
      assert.equal(shown.content[1].mimeType, 'image/png');
      assert.equal(shown.content[2].uri, shown.structuredContent.fileUrl);
    });

    test('W7: a chart that cannot be drawn fails as a job', async () => {
      const { id } = await named(session, 'list_views', 'Sessions on the map');
      const job = await session.job('create_view_render', { viewId: id }, 'get_render_job', 'renderJobId');
      assert.equal(job.status, 'failed');
      assert.equal(job.error.code, 'CHART_TYPE_UNSUPPORTED');
      assert.equal(job.filePath, null);
    });

    test('W8: exports the data behind a chart', async () => {
      const { id } = await viewOf(session, 'Pipeline Health', 'Deals by stage');
      const job = await session.job('export_view_csv', {
        viewId: id, filterOverrides: [{ field: 'region', op: 'eq', value: 'EMEA' }],
      }, 'get_job', 'jobId');
      assert.equal(job.status, 'completed');
      assert.equal(job.resultPath, `fs/exports/views/${job.jobId}/data.csv`);
      assert.equal(await (await fetch(job.fileUrl)).text(), job.inlineCsv);
      assert.equal(job.inlineCsv.trimEnd().split('\n').length, job.rowCount + 1);

      const manifest = await (await fetch(job.manifestUrl)).json();
      const { columns } = await session.call('query_view_data', { viewId: id });
      assert.deepEqual(manifest.columns, columns);
      assert.equal(manifest.sha256, createHash('sha256').update(job.inlineCsv).digest('hex'));
    });

    test('W8: exports 100,000 rows, and says how far it is to who asks', async () => {
      const { id } = await named(session, 'list_views', 'All sessions');
      const heard = [];
      const { structuredContent: job } = await kind.follow(
        session.client,
        { name: 'export_view_csv', arguments: { viewId: id } },
        (progress) => heard.push(progress),
      );
      assert.notEqual(session.sent.at(-1).body.params._meta.progressToken, undefined);
      assert.equal(job.status, 'completed');
      assert.equal(job.rowCount, 100000);
      assert.equal(job.inlineCsv, null);
      assert.ok(heard.every(({ progress, total }) => progress <= total && total === 100000));

      const csv = await (await fetch(job.fileUrl)).text();
      assert.equal(csv.match(/\n/g).length, 100001);
    });

    test('an offline datasource says so', async () => {
      const offline = (await session.all('list_datasources')).find((s) => s.status === 'offline');
      const error = await session.refused('DATASOURCE_OFFLINE', 'query_datasource', {
        datasourceId: offline.id, sql: 'SELECT 1 FROM data',
      });
      assert.match(error.message, new RegExp(offline.name));

      const view = (await session.all('list_views')).find((v) => v.datasource.id === offline.id);
      await session.refused('DATASOURCE_OFFLINE', 'query_view_data', { viewId: view.id });
    });

    test('SQL that does more than select is refused', async () => {
      const datasourceId = (await sales(session)).id;
      for (const sql of [
        'DELETE FROM data; SELECT 1 FROM data',
        'SELECT name FROM sqlite_schema',
        "ATTACH '/etc/passwd' AS other",
        "SELECT readfile('/etc/passwd') FROM data",
      ]) {
        await session.refused('SQL_FORBIDDEN_CONSTRUCT', 'query_datasource', { datasourceId, sql });
      }
      const error = await session.refused('SQL_PARSE_ERROR', 'query_datasource', {
        datasourceId, sql: 'SELECT amount_us FROM data',
      });
      assert.match(error.message + JSON.stringify(error.details), /amount_usd/);
    });

    test('wrong arguments come back as errors that help', async () => {
      const view = await viewOf(session, 'Pipeline Health', 'Deals by stage');
      const filter = await session.refused('INVALID_FILTER', 'query_view_data', {
        viewId: view.id, filterOverrides: [{ field: 'regoin', op: 'eq', value: 'EMEA' }],
      });
      assert.equal(filter.details.field, 'regoin');
      assert.ok(filter.details.suggestions.includes('region'));

      await session.refused('INVALID_PAGE_SIZE', 'list_views', { pageSize: 101 });
      await session.refused('INVALID_CURSOR', 'list_views', { cursor: 'bm90IG91cnM' });
      await session.refused('VIEW_NOT_FOUND', 'get_view', { viewId: 'vw_' + 'a'.repeat(22) });
      const input = await session.refused('INVALID_INPUT', 'get_view', {});
      assert.equal(input.details.errors.length, 1);
      await session.refused('RESULT_TOO_LARGE', 'query_datasource', {
        datasourceId: (await named(session, 'list_datasources', 'Product Usage')).id,
        sql: 'SELECT session_id FROM data', pageSize: 5000,
      });
    });

    test('an unknown tool is an error of the protocol', async () => {
      await assert.rejects(
        session.client.callTool({ name: 'drop_tables', arguments: {} }),
        (error) => {
          assert.equal(error.code, -32602);
          assert.equal(error.data.code, 'TOOL_NOT_FOUND');
          assert.match(error.message, /drop_tables/);
          return true;
        },
      );
    });

    test('many calls at once get each their own answer', async () => {
      const sources = await session.all('list_datasources');
      const answers = await Promise.all(
        Array.from({ length: 40 }, (_, i) =>
          session.call('get_datasource', { datasourceId: sources[i % sources.length].id })),
      );
      answers.forEach((answer, i) => assert.equal(answer.id, sources[i % sources.length].id));
    });

    for (const [refused, token] of REFUSED) {
      test(`${refused} it is told how to get one`, async () => {
        const connected = kind.connect(BASE, token).then(({ client }) => client.close());
        await assert.rejects(connected, (error) => {
          const said = [error, error.cause, error.data].map((part) =>
            `${part?.message} ${part?.code} ${part?.status} ${part?.text}`).join(' ');
          assert.match(said, kind.refusal);
          assert.match(said, /GET \/token/);
          assert.doesNotMatch(said, /timed out|by visiting/);
          return true;
        });
      });
    }
  });
}

describe('client, modern, in a hurry', () => {
  // A client may call a tool that it remembers without listing first; it then cannot know which
  // arguments the server wants repeated as headers, is told, and finds its way.
  test('calls before it lists', async () => {
    const known = new Session(await clients[0].connect(BASE, await mint()));
    await known.learn();
    const { id } = await sales(known);
    await known.call('get_datasource', { datasourceId: id });
    assert.equal(known.sent.at(-1).headers.get('mcp-param-datasourceid'), id);
    await known.client.close();

    const hasty = await clients[0].connect(BASE, await mint());
    const result = await hasty.client.callTool({
      name: 'get_datasource', arguments: { datasourceId: id },
    });
    assert.equal(result.structuredContent.id, id);
    await hasty.client.close();
  });
});

describe(headerless.name, () => {
  let session;

  before(async () => {
    session = new Session(await headerless.connect(BASE, await mint()));
    await session.learn();
  });

  after(() => session?.client.close());

  test('walks as far as no argument is to be a header', async () => {
    assert.equal(session.revision, headerless.expected);
    assert.equal((await session.all('list_datasources')).length, 8);

    const { id } = await sales(session);
    await assert.rejects(session.call('get_datasource', { datasourceId: id }), (error) => {
      assert.equal(error.code, -32020);
      assert.match(error.message, /Mcp-Param-DatasourceId/);
      return true;
    });
  });
});
