// A host of MCP Apps, inside the browser: the official client and bridge, with the page of a tool
// in a sandboxed frame. The tests drive it through window.host.

import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { AppBridge, PostMessageTransport } from '@modelcontextprotocol/ext-apps/app-bridge';

const INFO = { name: 'lookout-host', version: '1.0.0' };
const MIME_TYPE = 'text/html;profile=mcp-app';
const CAPABILITIES = { serverTools: {}, logging: {} };

let client;
let bridge;
const told = { sizes: [], calls: [], modes: [] };

async function connect() {
  const { token } = await (await fetch('/token')).json();
  const transport = new StreamableHTTPClientTransport(new URL('/mcp', location.href), {
    requestInit: { headers: { Authorization: `Bearer ${token}` } },
    // There is no stream to listen to: said here, the browser does not report the server's 405.
    fetch: (url, init) => (init.method === 'GET' ? new Response(null, { status: 405 }) : fetch(url, init)),
  });

  // In a browser this client leaves out the Mcp-Param-* headers that 2026-07-28 asks for.
  client = new Client(INFO, {
    versionNegotiation: { mode: 'legacy' },
    capabilities: { extensions: { 'io.modelcontextprotocol/ui': { mimeTypes: [MIME_TYPE] } } },
  });
  await client.connect(transport);
}

// The tools that have a page, with the page's address.
async function tools() {
  const listed = await client.listTools();

  return listed.tools.map((tool) => ({ name: tool.name, uri: tool._meta?.ui?.resourceUri })).filter(({ uri }) => uri);
}

async function read(uri) {
  const { contents: [page] } = await client.readResource({ uri });

  return page;
}

// Shows the page, and gives it `args` and what the tool answers to them, or `result` in its stead.
// serverTools: whether the page may call tools; without, it has to do with what it is given.
async function open({ tool, args, result, context = {}, serverTools = true }) {
  const frame = document.createElement('iframe');

  await close();
  Object.assign(told, { sizes: [], calls: [], modes: [] });
  frame.setAttribute('sandbox', 'allow-scripts');
  document.body.append(frame);

  bridge = new AppBridge(serverTools ? client : null, INFO, serverTools ? CAPABILITIES : {}, {
    hostContext: { theme: 'light', displayMode: 'inline', platform: 'web', locale: 'en-US', ...context },
  });
  bridge.onsizechange = ({ width, height }) => {
    told.sizes.push({ width, height });
    frame.style.height = `${height}px`;
  };
  bridge.onrequestdisplaymode = async ({ mode }) => {
    told.modes.push(mode);
    return { mode };
  };
  const ready = new Promise((resolve) => { bridge.oninitialized = resolve; });

  await bridge.connect(new PostMessageTransport(frame.contentWindow, frame.contentWindow));
  if (serverTools) {
    bridge.oncalltool = (params) => {
      told.calls.push(params);
      return client.callTool(params);
    };
  }
  frame.src = '/host/page.html';
  await ready;
  bridge.sendToolInput({ arguments: args });
  const answer = result ?? await client.callTool({ name: tool, arguments: args });

  bridge.sendToolResult(answer);
  return answer;
}

async function close() {
  document.querySelector('iframe')?.remove();
  await bridge?.close();
  bridge = undefined;
}

window.host = {
  connect, tools, read, open, close, told,
  call: (name, args) => client.callTool({ name, arguments: args }),
  change: (context) => bridge.setHostContext(context),
  cancel: (reason) => bridge.sendToolCancelled({ reason }),
  input: (args) => bridge.sendToolInput({ arguments: args }),
  result: (result) => bridge.sendToolResult(result),
  ping: () => bridge.request({ method: 'ping' }),
  teardown: () => bridge.teardownResource({}),
  app: () => ({ info: bridge.getAppVersion(), can: bridge.getAppCapabilities() }),
};
