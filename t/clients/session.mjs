// A client that believes nothing: every argument and every answer is checked against the schemas
// that the server publishes, by a validator that is not the SDK's and not the server's.

import assert from 'node:assert/strict';
import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

// Lookout's stable error codes that a tool's answer can carry.
export const CODES = new Set([
  'DATASOURCE_OFFLINE', 'DATASOURCE_NOT_FOUND', 'WORKBOOK_NOT_FOUND', 'VIEW_NOT_FOUND',
  'JOB_NOT_FOUND', 'RENDER_JOB_NOT_FOUND', 'QUERY_TIMEOUT', 'RESULT_TOO_LARGE', 'INVALID_FILTER',
  'INVALID_QUERY', 'SQL_FORBIDDEN_CONSTRUCT', 'SQL_PARSE_ERROR', 'CHART_TYPE_UNSUPPORTED',
  'SCHEMA_DRIFT', 'INVALID_INPUT', 'INVALID_PAGE_SIZE', 'INVALID_CURSOR', 'ENVELOPE_TOO_LARGE',
  'INTERNAL_ERROR',
]);

const ENVELOPE_MAX = 262144;

export class Session {
  constructor({ client, sent, revision }) {
    Object.assign(this, { client, sent, revision, tools: new Map() });
  }

  // Learns the tools; their schemas must be valid 2020-12, with nothing that Ajv does not know.
  async learn() {
    const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true });
    addFormats(ajv);
    ajv.addKeyword({ keyword: 'x-mcp-header', schemaType: 'string' });

    const { tools } = await this.client.listTools();
    for (const tool of tools) {
      this.tools.set(tool.name, {
        ...tool,
        takes: ajv.compile(tool.inputSchema),
        gives: ajv.compile(tool.outputSchema),
      });
    }
    return tools;
  }

  // Calls a tool that must succeed; gives its structured content.
  async call(name, args = {}) {
    const tool = this.tools.get(name);
    assert.ok(tool, `the server lists no tool ${name}`);
    assert.ok(tool.takes(args), `arguments of ${name}: ${JSON.stringify(tool.takes.errors)}`);

    const result = await this.client.callTool({ name, arguments: args });
    const text = onlyText(result);
    assert.ok(!result.isError, `${name} ${JSON.stringify(args)} failed: ${text}`);
    assert.ok(Buffer.byteLength(text) <= ENVELOPE_MAX, `${name}: the envelope is over its cap`);
    assert.deepEqual(JSON.parse(text), result.structuredContent, `${name}: text and structure differ`);
    assert.ok(
      tool.gives(result.structuredContent),
      `answer of ${name} ${JSON.stringify(args)}: ${JSON.stringify(tool.gives.errors)}`,
    );
    for (const [key, value] of Object.entries(result.structuredContent)) {
      if (key.endsWith('At') && !(key === 'completedAt' && value === null)) {
        assert.match(value, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/, `${name}: ${key}`);
      }
    }
    return result.structuredContent;
  }

  // Calls a tool that begins a job, and polls it to its end with the other tool.
  async job(name, args, poll, idKey) {
    let job = await this.call(name, args);
    for (let i = 0; ['queued', 'running'].includes(job.status); i++) {
      assert.ok(i < 60, `${name} does not end`);
      await new Promise((resolve) => setTimeout(resolve, job.pollAfterMs));
      job = await this.call(poll, { [idKey]: job[idKey] });
    }
    return job;
  }

  // Calls a tool that must refuse with this code; gives the error.
  async refused(code, name, args) {
    const result = await this.client.callTool({ name, arguments: args });
    const text = onlyText(result);
    assert.ok(result.isError, `${name} ${JSON.stringify(args)} did not fail: ${text.slice(0, 200)}`);

    const { error } = JSON.parse(text);
    assert.equal(error.code, code, text);
    assert.ok(CODES.has(code), `${code} is a code of the contract`);
    assert.ok(error.message.length > 20, `${code} explains itself: ${error.message}`);
    return error;
  }

  // Follows nextCursor to the end; gives every page.
  async pages(name, args) {
    const pages = [await this.call(name, args)];
    while (pages.at(-1).nextCursor !== null) {
      assert.ok(pages.length < 100, `${name} has no end`);
      pages.push(await this.call(name, { ...args, cursor: pages.at(-1).nextCursor }));
    }
    return pages;
  }

  // Every item of a list, in order, each once.
  async all(name, args = {}) {
    const items = (await this.pages(name, { pageSize: 100, ...args })).flatMap((page) => page.items);
    assert.equal(new Set(items.map((item) => item.id)).size, items.length, `${name} repeats an item`);
    return items;
  }
}

// The one text of a result; what may stand beside it are pictures and links.
function onlyText(result) {
  const [text, ...others] = result.content;
  assert.equal(text.type, 'text');
  for (const block of others) {
    assert.ok(['image', 'resource_link'].includes(block.type), block.type);
  }
  return text.text;
}
