// The clients, each behind the same few functions: the official TypeScript SDK's modern package in
// each of its ways to choose a revision, and the package before it, which most hosts still embed.

import * as modern from '@modelcontextprotocol/client';
import { Client as LegacyClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as LegacyTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

const INFO = { name: 'lookout-walk', version: '1.0.0' };

export const MODERN_REVISION = '2026-07-28';
export const LEGACY_REVISION = '2025-11-25';

function withModernPackage(mode) {
  return {
    create: () => new modern.Client(INFO, { versionNegotiation: { mode } }),
    transport: (url, options) => new modern.StreamableHTTPClientTransport(url, options),
    revision: (client) => client.getNegotiatedProtocolVersion(),
    follow: (client, params, onprogress) => client.callTool(params, { onprogress }),
  };
}

export const clients = [
  {
    name: 'client, modern',
    expected: MODERN_REVISION,
    ...withModernPackage({ pin: MODERN_REVISION }),
  },
  { name: 'client, auto', expected: MODERN_REVISION, ...withModernPackage('auto') },
  { name: 'client, legacy', expected: LEGACY_REVISION, ...withModernPackage('legacy') },
  {
    name: 'sdk, legacy',
    expected: LEGACY_REVISION,
    create: () => new LegacyClient(INFO),
    transport: (url, options) => new LegacyTransport(url, options),
    revision: (client, transport) => transport.protocolVersion,
    follow: (client, params, onprogress) => client.callTool(params, undefined, { onprogress }),
  },
];

// Connects one of the clients above. Every request that it sends is kept in `sent`, as
// {method, headers, body}, for what only the wire can tell.
export async function connect(kind, base, token) {
  const sent = [];
  const client = kind.create();
  const transport = kind.transport(new URL('/mcp', base), {
    requestInit: { headers: token ? { Authorization: `Bearer ${token}` } : {} },
    fetch: (url, init) => {
      sent.push({
        method: init.method,
        headers: new Headers(init.headers),
        body: init.body === undefined ? undefined : JSON.parse(init.body),
      });
      return fetch(url, init);
    },
  });

  await client.connect(transport);
  return { client, sent, revision: kind.revision(client, transport) };
}
