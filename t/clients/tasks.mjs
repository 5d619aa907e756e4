// The official client of the tasks extension, @modelcontextprotocol/ext-tasks, over a client that
// negotiated 2026-07-28: renders and exports as tasks, followed to their end, left and found again,
// cancelled. It leaves the sending of what the modern package's client does not know to its host:
// `dispatch`, below.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, describe, test } from 'node:test';

import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { createTaskSessionFromClient, resultFromTaskOutcome } from '@modelcontextprotocol/ext-tasks/client';

import { MODERN_REVISION } from './clients.mjs';
import { BASE, mint } from './demo.mjs';

const INFO = { name: 'lookout-walk', version: '1.0.0' };
const TASK_ID = /^task_[a-z2-7]{22}$/;

describe('ext-tasks', () => {
  let token;
  let client;
  let session;
  let stage;
  let sent = [];
  let n = 0;

  // Sends a request of the extension. The package says in the options which headers belong to a task;
  // those of a tool's call are its host's.
  async function dispatch(request, { signal, context } = {}) {
    const { method, params } = request;
    const headers = {
      'Content-Type': 'application/json',
      Accept: 'application/json, text/event-stream',
      Authorization: `Bearer ${token}`,
      'MCP-Protocol-Version': MODERN_REVISION,
      'Mcp-Method': method,
      ...(params.name && { 'Mcp-Name': params.name, 'Mcp-Param-ViewId': params.arguments.viewId }),
      ...context?.headers,
    };
    sent.push({ method, params });
    const response = await fetch(new URL('/mcp', BASE), {
      method: 'POST', headers, signal, body: JSON.stringify({ jsonrpc: '2.0', id: ++n, ...request }),
    });
    const { result, error } = await response.json();
    return error ? { kind: 'error', error } : { kind: 'result', result };
  }

  const open = () => createTaskSessionFromClient(client, {
    endpointId: 'lookout',
    rawDispatch: dispatch,
    v2RequestFraming: { protocolVersion: MODERN_REVISION, clientInfo: INFO, clientCapabilities: {} },
  });

  // The envelope of a task that has to complete, and what it said on its way.
  async function complete(execution) {
    const { outcome, lastTask } = await execution.settle();
    assert.equal(outcome.status, 'completed');
    const result = resultFromTaskOutcome(outcome);
    assert.ok(!result.isError);
    assert.deepEqual(JSON.parse(result.content[0].text), result.structuredContent);
    return { result, answer: result.structuredContent, lastTask };
  }

  before(async () => {
    token = await mint();
    client = new Client(INFO, { versionNegotiation: { mode: { pin: MODERN_REVISION } } });
    await client.connect(new StreamableHTTPClientTransport(new URL('/mcp', BASE), {
      requestInit: { headers: { Authorization: `Bearer ${token}` } },
    }));
    const found = await client.callTool({ name: 'list_views', arguments: { nameContains: 'Deals by stage' } });
    stage = found.structuredContent.items.find((view) => view.name === 'Deals by stage').id;
    session = open();
  });

  after(async () => {
    await session?.close();
    await client?.close();
  });

  test('finds that the server has tasks', () => {
    assert.deepEqual(client.getServerCapabilities().extensions['io.modelcontextprotocol/tasks'], {});
    assert.equal(session.capabilities.execution, true);
    assert.equal(session.capabilities.cancellation, true);
  });

  test('a render, followed to its end', async () => {
    const execution = await session.callTool('create_view_render', { viewId: stage, inline: 'image', width: 640, height: 360 });
    assert.equal(execution.kind, 'task');
    assert.match(execution.handle.taskId, TASK_ID);
    const { result, answer, lastTask } = await complete(execution);
    assert.equal(answer.status, 'succeeded');
    assert.equal(lastTask.status, 'completed');
    assert.ok(lastTask.retentionMs > 0);

    const image = result.content.find((block) => block.type === 'image');
    const file = Buffer.from(await (await fetch(answer.fileUrl)).arrayBuffer());
    assert.deepEqual(Buffer.from(image.data, 'base64'), file);
  });

  test('an export, whose result is the one without a task', async () => {
    const args = { viewId: stage, filterOverrides: [{ field: 'region', op: 'eq', value: 'EMEA' }] };
    const { answer } = await complete(await session.callTool('export_view_csv', args));
    const manifest = await (await fetch(answer.manifestUrl)).json();
    assert.equal(createHash('sha256').update(answer.inlineCsv).digest('hex'), manifest.sha256);

    const plain = await client.callTool({ name: 'export_view_csv', arguments: args });
    assert.equal(plain.structuredContent.jobId, answer.jobId);
    assert.equal(plain.structuredContent.inlineCsv, answer.inlineCsv);
  });

  test('a task that was left is found again', async () => {
    let reference;
    const execution = await session.callTool('create_view_render', { viewId: stage, inline: 'none', width: 641 });
    await execution.handoff((kept) => { reference = JSON.parse(JSON.stringify(kept)); });
    await session.close();
    session = open();
    const { answer } = await complete(await session.resumeTask(reference));
    assert.equal(answer.width, 641);
  });

  test('cancelling is acknowledged, whatever became of the work', async () => {
    sent = [];
    const execution = await session.callTool('export_view_csv', {
      viewId: stage, filterOverrides: [{ field: 'region', op: 'eq', value: 'NA' }],
    });
    const { taskId } = execution.handle;
    await execution.cancel();
    await session.task(taskId).cancel();
    const { status } = await session.task(taskId).snapshot();
    assert.ok(['cancelled', 'completed'].includes(status), status);
    assert.ok(sent.some(({ method, params }) => method === 'tasks/cancel' && params.taskId === taskId));
  });

  test('a job that fails is a result, an error before it is one too', async () => {
    const { structuredContent } = await client.callTool({ name: 'list_views', arguments: { nameContains: 'on the map' } });
    const { answer } = await complete(await session.callTool('create_view_render', { viewId: structuredContent.items[0].id }));
    assert.equal(answer.status, 'failed');
    assert.equal(answer.error.code, 'CHART_TYPE_UNSUPPORTED');

    const execution = await session.callTool('create_view_render', { viewId: 'vw_aaaaaaaaaaaaaaaaaaaaaa' });
    assert.equal(execution.kind, 'immediate');
    const { outcome } = await execution.settle();
    const result = resultFromTaskOutcome(outcome);
    assert.equal(result.isError, true);
    assert.equal(JSON.parse(result.content[0].text).error.code, 'VIEW_NOT_FOUND');
  });

  test('tools that need no task answer at once', async () => {
    const execution = await session.callTool('get_view', { viewId: stage });
    assert.equal(execution.kind, 'immediate');
    const { outcome } = await execution.settle();
    assert.equal(resultFromTaskOutcome(outcome).structuredContent.id, stage);
  });

  test('a task that is not there', async () => {
    await assert.rejects(session.task('task_aaaaaaaaaaaaaaaaaaaaaa').snapshot(), /not found/);
  });
});
