// The official Inspector's CLI looks at the server in each era: what it lists, calls, renders and
// exports, and what it says when something is wrong. The workflows in depth are in walks.mjs; each
// step here is a program started anew.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { LEGACY_REVISION, MODERN_REVISION } from './clients.mjs';
import { BASE, mint, REFUSED, sales, viewOf, WISHES } from './demo.mjs';
import { EXIT, inspect, Inspector } from './inspector.mjs';
import { Session } from './session.mjs';

const ERAS = [
  { era: 'modern', expected: MODERN_REVISION },
  { era: 'legacy', expected: LEGACY_REVISION },
];

for (const { era, expected } of ERAS) {
  describe(`inspector, ${era}`, { concurrency: 2 }, () => {
    let session;

    before(async () => {
      session = new Session(await inspect(era, BASE, await mint()));
      await session.learn();
    });

    after(() => session?.client.close());

    test('connects in the era it asked for', () => {
      const { server } = session.client;
      assert.equal(session.revision, expected);
      assert.equal(server.protocolVersion, expected);
      assert.equal(server.serverInfo.name, 'lookout');
      assert.match(server.instructions, /list_datasources/);
    });

    test('asks a datasource in SQL', async () => {
      const { id } = await sales(session);
      const { rows } = await session.call('query_datasource', {
        datasourceId: id, sql: 'SELECT COUNT(*) FROM data',
      });
      const { rowCount } = await session.call('get_datasource', { datasourceId: id });
      assert.deepEqual(rows, [[rowCount]]);
    });

    test('renders and exports what is behind a chart', async () => {
      const { id } = await viewOf(session, 'Pipeline Health', 'Deals by stage');
      const picture = await session.job('create_view_render', {
        viewId: id, format: 'png', inline: 'none',
      }, 'get_render_job', 'renderJobId');
      assert.equal(picture.status, 'succeeded');
      const png = Buffer.from(await (await fetch(picture.fileUrl)).arrayBuffer());
      assert.equal(png.subarray(1, 4).toString(), 'PNG');

      const table = await session.job('export_view_csv', { viewId: id }, 'get_job', 'jobId');
      assert.equal(table.status, 'completed');
      const csv = await (await fetch(table.fileUrl)).text();
      assert.equal(csv.trimEnd().split('\n').length, table.rowCount + 1);
    });

    test('shows the error of a tool as the tool tells it', () =>
      session.refused('VIEW_NOT_FOUND', 'get_view', { viewId: 'vw_' + 'a'.repeat(22) }));

    // It looks a name up in the list before it calls, so the server's own TOOL_NOT_FOUND is for
    // the walks to see.
    test('knows no tool that is not listed', async () => {
      await assert.rejects(session.client.callTool({ name: 'drop_tables', arguments: {} }), {
        exit: EXIT.tool, code: 'tool_not_found',
      });
    });

    test('lists and reads resources', async () => {
      const { client } = session;
      const { resourceTemplates } = await client.listResourceTemplates();
      assert.ok(resourceTemplates.some(({ uriTemplate }) => uriTemplate.startsWith('lookout://views/{')));

      const { resources } = await client.listResources();
      const { id } = await sales(session);
      const { uri, mimeType } = resources.find((resource) => resource.uri.endsWith(`/${id}`));
      const { contents: [content] } = await client.readResource({ uri });
      assert.equal(content.mimeType, mimeType);
      assert.equal(JSON.parse(content.text).name, 'Sales Pipeline');
    });

    test('lists prompts and gets one', async () => {
      const { prompts } = await session.client.listPrompts();
      const { name, arguments: takes } = prompts.find((prompt) => prompt.arguments?.length > 0);
      const wishes = Object.fromEntries(takes.map((argument) => [argument.name, WISHES[argument.name]]));
      const { messages } = await session.client.getPrompt({ name, arguments: wishes });
      for (const wish of Object.values(wishes)) {
        assert.ok(messages[0].content.text.includes(wish), `${name} speaks of "${wish}"`);
      }
    });

    for (const [refused, token] of REFUSED) {
      test(`${refused} it is told how to get one`, async () => {
        await assert.rejects(new Inspector(BASE, era, token).listTools(), {
          exit: EXIT.auth, code: 'auth_required', message: /has no OAuth.*GET \/token/,
        });
      });
    }
  });
}

describe('inspector, auto', () => {
  let session;

  before(async () => {
    session = new Session(await inspect('auto', BASE, await mint()));
  });

  after(() => session?.client.close());

  test('finds the modern era and lists', async () => {
    assert.equal(session.revision, MODERN_REVISION);
    assert.ok((await session.learn()).length > 0);
  });
});
