// The official Inspector in its CLI mode, in the shape of the SDK's client. It is a program that
// connects, asks one thing, prints the answer as JSON and ends, so each call here is one run of it.

import { execFile } from 'node:child_process';

import { program, surroundings } from './programs.mjs';
import { revisionOf, tap } from './wire.mjs';

// What it exits with.
export const EXIT = { auth: 3, tool: 5 };

const PATIENCE_MS = 30000;
const OUTPUT_MAX = 16 << 20;

// It fails with this: what it printed on stderr ({code, message, …}), and its exit status.
export class InspectorError extends Error {
  constructor(exit, stderr) {
    const report = stderr.trim().split('\n').at(-1);
    const { error } = report.startsWith('{') ? JSON.parse(report) : { error: { message: stderr } };
    super(error.message);
    Object.assign(this, { exit, code: error.code });
  }
}

export class Inspector {
  constructor(url, era, token) {
    const header = token ? ['--header', `Authorization: Bearer ${token}`] : [];
    this.options = ['--cli', `${url}/mcp`, '--protocol-era', era, ...header, '--format', 'json', '--quiet'];
  }

  // Gives {exit, result, stderr}; the result is undefined when nothing was printed.
  run(method, ...options) {
    const args = [program('mcp-inspector'), ...this.options, '--method', method, ...options];
    return new Promise((resolve, reject) => {
      execFile(
        process.execPath,
        args,
        { env: surroundings, timeout: PATIENCE_MS, maxBuffer: OUTPUT_MAX },
        (error, stdout, stderr) => {
          if (typeof (error?.code ?? 0) !== 'number' || error?.killed) {
            reject(error);
            return;
          }
          const { result } = stdout === '' ? {} : JSON.parse(stdout);
          resolve({ exit: error?.code ?? 0, result, stderr });
        },
      ).stdin.end();
    });
  }

  // The result of a run that must have one; a tool's own error is a result too, with its own exit.
  async ask(method, ...options) {
    const { exit, result, stderr } = await this.run(method, ...options);
    if (exit !== (result?.isError ? EXIT.tool : 0)) {
      throw new InspectorError(exit, stderr);
    }
    return result;
  }

  // With --strict it fails when a model's host could not take a tool's schema.
  listTools() {
    return this.ask('tools/list', '--strict');
  }

  callTool({ name, arguments: args }) {
    return this.ask('tools/call', '--tool-name', name, '--tool-args-json', JSON.stringify(args));
  }

  listResources() {
    return this.ask('resources/list');
  }

  listResourceTemplates() {
    return this.ask('resources/templates/list');
  }

  readResource({ uri }) {
    return this.ask('resources/read', '--uri', uri);
  }

  listPrompts() {
    return this.ask('prompts/list');
  }

  getPrompt({ name, arguments: args }) {
    const pairs = Object.entries(args).map(([key, value]) => `${key}=${value}`);
    const given = pairs.length > 0 ? ['--prompt-args', ...pairs] : [];
    return this.ask('prompts/get', '--prompt-name', name, ...given);
  }
}

// A connection of it for a Session: every run goes through one wire, which is kept in `sent`.
export async function inspect(era, base, token) {
  const wire = await tap(base);
  const client = new Inspector(wire.url, era, token);

  client.close = () => wire.close();
  try {
    client.server = await client.ask('initialize');
  } catch (error) {
    wire.close();
    throw error;
  }
  return { client, sent: wire.sent, revision: revisionOf(wire.sent) };
}
