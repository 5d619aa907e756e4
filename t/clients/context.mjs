// What a client finds beside the tools: resources to read, prompts to begin a conversation with,
// and the completion of ids in both. Every client looks at all of it.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { clients, headerless } from './clients.mjs';
import { BASE, mint, sales, viewOf, WISHES } from './demo.mjs';
import { CODES, Session } from './session.mjs';

const COMPLETIONS_MAX = 100;

// The template of a family of resources, and its one variable.
function templateOf(templates, family) {
  const form = new RegExp(`^lookout://${family}/\\{(\\w+)\\}$`);
  const found = templates.filter(({ uriTemplate }) => form.test(uriTemplate));
  assert.equal(found.length, 1, `one template for ${family}`);
  const { uriTemplate } = found[0];
  return { uriTemplate, variable: uriTemplate.match(form)[1] };
}

// Follows nextCursor through a listing of the protocol.
async function everything(list, member) {
  const items = [];
  let cursor;
  do {
    const page = await list(cursor === undefined ? {} : { cursor });
    items.push(...page[member]);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return items;
}

for (const kind of [...clients, headerless]) {
  describe(`${kind.name}: context`, () => {
    let session;
    let client;
    let templates;

    before(async () => {
      session = new Session(await kind.connect(BASE, await mint()));
      await session.learn();
      client = session.client;
      templates = await everything((params) => client.listResourceTemplates(params), 'resourceTemplates');
    });

    after(() => client?.close());

    const uriOf = (family, id) => {
      const { uriTemplate, variable } = templateOf(templates, family);
      return uriTemplate.replace(`{${variable}}`, id);
    };

    // The one content of a resource, whose URI must be the one that was asked for.
    async function read(uri) {
      const { contents } = await client.readResource({ uri });
      assert.equal(contents.length, 1);
      assert.equal(contents[0].uri, uri);
      assert.ok(contents[0].mimeType, `${uri} has a type`);
      return contents[0];
    }

    async function complete(ref, name, value) {
      const { completion } = await client.complete({ ref, argument: { name, value } });
      assert.ok(completion.values.length <= COMPLETIONS_MAX);
      assert.equal(completion.hasMore ?? false, (completion.total ?? 0) > completion.values.length);
      return completion.values;
    }

    test('lists resources, each with a name and a type', async () => {
      const resources = await everything((params) => client.listResources(params), 'resources');
      assert.equal(new Set(resources.map(({ uri }) => uri)).size, resources.length, 'each once');
      for (const { uri, name, mimeType } of resources) {
        assert.match(uri, /^(lookout|ui):\/\//);
        assert.ok(name && mimeType, `${uri} has a name and a type`);
      }

      const uris = new Set(resources.map(({ uri }) => uri));
      for (const { id } of await session.all('list_datasources')) {
        assert.ok(uris.has(uriOf('datasources', id)), `${id} is listed`);
      }
    });

    test('reads a datasource, a workbook and a view', async () => {
      const source = await sales(session);
      const view = await viewOf(session, 'Pipeline Health', 'Deals by stage');
      const families = [
        ['datasources', source.id, 'Sales Pipeline'],
        ['workbooks', view.workbook.id, 'Pipeline Health'],
        ['views', view.id, 'Deals by stage'],
      ];
      for (const [family, id, name] of families) {
        const content = await read(uriOf(family, id));
        assert.equal(content.mimeType, 'application/json');
        const document = JSON.parse(content.text);
        assert.deepEqual([document.id, document.name], [id, name]);
      }
    });

    // The bridge in its modern way cannot call the tools that take an id.
    if (kind !== headerless) {
      test('reads what was rendered and exported', async () => {
        const { id } = await viewOf(session, 'Pipeline Health', 'Deals by stage');
        const picture = await session.job('create_view_render', {
          viewId: id, format: 'png',
        }, 'get_render_job', 'renderJobId');
        const png = await read(uriOf('renders', picture.renderJobId));
        assert.equal(png.mimeType, 'image/png');
        assert.equal(png.blob, picture.inlineBase64);

        const table = await session.job('export_view_csv', { viewId: id }, 'get_job', 'jobId');
        const csv = await read(uriOf('exports', table.jobId));
        assert.match(csv.mimeType, /^text\/csv/);
        assert.equal(csv.text, table.inlineCsv);
      });
    }

    test('reads the runbook, which knows every code', async () => {
      const { text } = await read('lookout://runbook');
      for (const code of CODES) {
        assert.ok(text.includes(code), `${code} is in the runbook`);
      }
    });

    test('an unknown resource is an error of the protocol', async () => {
      const uri = uriOf('views', 'vw_' + 'a'.repeat(22));
      await assert.rejects(client.readResource({ uri }), (error) => {
        assert.equal(error.code, kind.notFound);
        assert.equal(error.data.uri, uri);
        return true;
      });
    });

    test('completes the ids of resources', async () => {
      const { id } = await sales(session);
      const { uriTemplate, variable } = templateOf(templates, 'datasources');
      const ref = { type: 'ref/resource', uri: uriTemplate };
      const sources = await session.all('list_datasources');
      assert.deepEqual((await complete(ref, variable, '')).sort(), sources.map((s) => s.id).sort());
      assert.deepEqual(await complete(ref, variable, id.slice(0, -3)), [id]);
      assert.ok((await complete(ref, variable, 'sales')).includes(id), 'a name finds its id');

      const views = templateOf(templates, 'views');
      const some = await complete({ type: 'ref/resource', uri: views.uriTemplate }, views.variable, '');
      assert.equal(some.length, COMPLETIONS_MAX);
    });

    test('every prompt begins a conversation', async () => {
      const prompts = await everything((params) => client.listPrompts(params), 'prompts');
      assert.ok(prompts.length >= 8, 'one for each workflow');

      for (const { name, title, description, arguments: takes = [] } of prompts) {
        assert.ok(title && description, `${name} is described`);
        const wishes = Object.fromEntries(takes.map((argument) => [argument.name, WISHES[argument.name]]));
        const { messages } = await client.getPrompt({ name, arguments: wishes });
        assert.equal(messages[0].role, 'user');
        for (const [argument, wish] of Object.entries(wishes)) {
          assert.ok(messages[0].content.text.includes(wish), `${name} speaks of the ${argument}`);
        }
        if (takes.some(({ required }) => required)) {
          await assert.rejects(client.getPrompt({ name, arguments: {} }), { code: -32602 });
        }
      }
    });

    test('completes the arguments of prompts', async () => {
      const { id } = await sales(session);
      const prompts = await everything((params) => client.listPrompts(params), 'prompts');
      const { name } = prompts.find(({ arguments: takes }) => takes?.some((a) => a.name === 'datasource'));
      const [datasource] = await complete({ type: 'ref/prompt', name }, 'datasource', 'slaes pipline');
      const wishes = { question: WISHES.question, datasource };
      const { messages } = await client.getPrompt({ name, arguments: wishes });
      assert.ok(JSON.stringify(messages).includes(id), 'the completed name leads to the datasource');
    });

    test('an unknown prompt is an error of the protocol', () =>
      assert.rejects(client.getPrompt({ name: 'dance', arguments: {} }), { code: -32602 }));
  });
}
