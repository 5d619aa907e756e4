// The clients, each behind the same few functions: the official TypeScript SDK's modern package in
// each of its ways to choose a revision, the package before it, which most hosts still embed, and
// that package behind the bridge for hosts that speak only stdio.

import * as modern from '@modelcontextprotocol/client';
import { Client as LegacyClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as LegacyTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

import { connectThroughBridge } from './bridge.mjs';

const INFO = { name: 'lookout-walk', version: '1.0.0' };

export const MODERN_REVISION = '2026-07-28';
export const LEGACY_REVISION = '2025-11-25';

// What a person whose token is refused gets to read: the server's own answer, or, from a client
// that then tries OAuth, why there is none.
const STATUS = /\b401\b/;
const NO_OAUTH = /Fatal error: .*has no OAuth/;

// What it tells its user about a resource that there is not. The modern package has one code for
// both eras.
const NOT_FOUND = -32602;
const NOT_FOUND_LEGACY = -32002;

function withModernPackage(mode) {
  return {
    create: () => new modern.Client(INFO, { versionNegotiation: { mode } }),
    transport: (url, options) => new modern.StreamableHTTPClientTransport(url, options),
    negotiated: (client) => client.getNegotiatedProtocolVersion(),
    connect: connectOverHttp,
    follow: (client, params, onprogress) => client.callTool(params, { onprogress }),
    refusal: STATUS,
    notFound: NOT_FOUND,
  };
}

const followWithLegacyPackage = (client, params, onprogress) =>
  client.callTool(params, undefined, { onprogress });

function withBridge(...options) {
  return {
    connect: (base, token) => connectThroughBridge(INFO, options, base, token),
    follow: followWithLegacyPackage,
    refusal: NO_OAUTH,
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
    negotiated: (client, transport) => transport.protocolVersion,
    connect: connectOverHttp,
    follow: followWithLegacyPackage,
    refusal: STATUS,
    notFound: NOT_FOUND_LEGACY,
  },
  {
    name: 'mcp-remote, as it comes',
    expected: LEGACY_REVISION,
    ...withBridge(),
    notFound: NOT_FOUND_LEGACY,
  },
];

// This one cannot walk: it does not repeat as headers the arguments that the server's tools mark so,
// which in this revision is a must for it, as it is for the server to refuse a call without them.
export const headerless = {
  name: 'mcp-remote, auto',
  expected: MODERN_REVISION,
  ...withBridge('--protocol', 'auto'),
  notFound: NOT_FOUND,
};

// Connects a client of the SDK. Every request that it sends is kept in `sent`, as
// {method, headers, body}, for what only the wire can tell.
async function connectOverHttp(base, token) {
  const sent = [];
  const client = this.create();
  const transport = this.transport(new URL('/mcp', base), {
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
  return { client, sent, revision: this.negotiated(client, transport) };
}
