// mcp-remote, the way a desktop host runs it: a program that speaks stdio to the host's own client
// and HTTP to the server. The token comes to it through the environment, as the page of the server
// tells people to configure it.

import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';

import { program, surroundings } from './programs.mjs';
import { revisionOf, tap } from './wire.mjs';

// Far more than the program takes to start, or to give up.
const PATIENCE_MS = 30000;

// Connects through the bridge. One that gives up ends by itself, and the error is all that it said;
// it must never send its user to a browser.
export async function connectThroughBridge(info, options, base, token) {
  const wire = await tap(base);
  const header = token ? ['--header', 'Authorization: Bearer ${LOOKOUT_TOKEN}'] : [];
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [program('mcp-remote'), `${wire.url}/mcp`, ...header, ...options],
    env: { ...surroundings, LOOKOUT_TOKEN: token ?? '' },
    stderr: 'pipe',
  });
  const client = new Client(info);
  let said = '';

  transport.stderr.setEncoding('utf8').on('data', (text) => { said += text; });
  client.onclose = () => wire.close();
  try {
    await client.connect(transport, { timeout: PATIENCE_MS });
  } catch (cause) {
    await client.close();
    wire.close();
    throw new Error(said, { cause });
  }
  return { client, sent: wire.sent, revision: revisionOf(wire.sent) };
}
