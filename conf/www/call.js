/*
 * Tool calls: what tools there are, a call as JSON-RPC over HTTP, and the same as a curl line.
 */

import { parse } from './parts.js';
import { mint, retryAfter, token } from './token.js';

export const MCP = location.origin + '/mcp';
export const tools = new Map(); // name -> the tool, from the manifest

let callId = 0;
let current = null; // the AbortController of the call on its way

/* From the first byte sent to the last received, without the browser's own work before that. */
function timeOnWire() {
  const entry = performance.getEntriesByName(MCP).at(-1);

  return entry && entry.responseEnd - (entry.requestStart || entry.startTime);
}


export async function post(name, values) {
  if (!token.value) {
    await mint();
  }

  const message = { jsonrpc: '2.0', id: ++callId, method: 'tools/call', params: { name, arguments: values } };
  const headers = { 'Content-Type': 'application/json', Accept: 'application/json',
                    ...(token.value && { Authorization: `Bearer ${token.value}` }) };
  const reply = { name, values, message };

  current?.abort();
  current = new AbortController();
  performance.clearResourceTimings();
  try {
    const response = await fetch(MCP, {
      method: 'POST', headers, body: JSON.stringify(message), signal: current.signal,
    });
    const text = await response.text();
    Object.assign(reply, { status: response.status, ms: timeOnWire(), bytes: new Blob([text]).size,
                           wait: response.status === 429 && retryAfter(response) });
    readBody(reply, text);
  } catch (error) {
    reply.stopped = error.name === 'AbortError';
    reply.error = { code: 'No answer', message: 'The server could not be reached. Is it running?' };
  }
  return reply;
}


/* Sets reply.data, the tool's result, or reply.error. */
function readBody(reply, text) {
  try {
    const { result, error } = reply.body = parse(text);
    if (error) {
      const { code, ...details } = error.data || {};
      const fallback = reply.status === 200 ? String(error.code) : `HTTP ${reply.status}`;
      reply.error = { code: code || fallback, message: error.message, details };
    } else {
      reply.data = result.structuredContent ?? parse(result.content.find((part) => part.type === 'text').text);
      reply.error = result.isError ? reply.data.error : undefined;
    }
  } catch {
    reply.body ??= text;
    reply.error = { code: `HTTP ${reply.status}`, message: 'The answer is not one that this page can read.' };
  }
}


export function curlFor(message) {
  const body = JSON.stringify(message).replaceAll("'", "'\\''");
  const auth = token.value && ` \\\n  -H 'Authorization: Bearer ${token.value}'`;

  return `curl -sS ${MCP}${auth} \\\n  -H 'Content-Type: application/json' \\\n  -d '${body}'`;
}
