// Runs the official conformance suite once a revision, and judges what it wrote: one line a
// revision, and exit code 1 for a failure that baseline.yml beside it does not expect, for an
// expected one that passes or did not run, and for scenarios that did not run or checked nothing.
//
//     node suite.mjs URL RESULTS
//
// RESULTS is a folder; each revision gets one in it, with the suite's checks.json of each scenario
// and its output, and summary.json has what is printed.

import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const suite = join(here, 'node_modules/@modelcontextprotocol/conformance/dist/index.js');
const baseline = join(here, 'baseline.yml');
const [url, results] = process.argv.slice(2);

// How many scenarios there are follows from the suite's version, which package-lock.json pins.
const runs = [
  {
    revision: '2026-07-28',
    scenarios: 50,
    options: ['--requirements', '2026-07-28'],
    passes: ['server-sse-multiple-streams:server-sse-multiple-streams-session'], // at this one only
  },
  { revision: '2025-11-25', scenarios: 33, options: ['--requirements', '2025-11-25'] },
  { revision: '2025-06-18', scenarios: 27, options: ['--suite', 'all', '--spec-version', '2025-06-18'] },

  // The suite has one scenario of its own for this revision. Those of the next one fit it too, but
  // for elicitation, which came with that; the suite still checks messages by this one's schema.
  { revision: '2025-03-26', scenarios: 26, like: '2025-06-18', but: ['tools-call-elicitation'] },
];

// Scenarios that end without a check that could fail.
const idle = {
  'server-session-lifecycle': 'there are no sessions',
  'server-sse-multiple-streams': 'before 2026-07-28 it wants a session',
  'server-sse-polling': 'it wants a session',
  'tasks-status-notifications': 'the suite skips it',
};

// Runs the suite; returns its exit code, and adds what it printed to `log`.
function run(options, folder, log) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [suite, 'server', '--url', url, '-o', folder,
      '--expected-failures', baseline, ...options]);
    child.stdout.on('data', (text) => log.push(text));
    child.stderr.on('data', (text) => log.push(text));
    child.on('close', (code) => resolve(code));
  });
}

// Runs scenarios one by one, two at a time, at a revision that they were not written for.
async function runForced({ revision, like, but }, folder, log) {
  const codes = [];
  const left = readResults(join(results, like)).map(({ name }) => name)
    .filter((name) => !but.includes(name));
  const worker = async () => {
    for (let name = left.shift(); name !== undefined; name = left.shift()) {
      const options = ['--scenario', name, '--spec-version', revision, '--force'];
      codes.push(await run(options, folder, log));
    }
  };
  await Promise.all([worker(), worker()]);
  return Math.max(...codes);
}

// The suite names a scenario's folder server-NAME-TIMESTAMP.
function readResults(folder) {
  return readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory())
    .map((entry) => ({
      name: entry.name.replace(/^server-/, '').replace(/-\d{4}-\d\d-\d\dT[\d-]+Z$/, ''),
      checks: JSON.parse(readFileSync(join(folder, entry.name, 'checks.json'), 'utf8')),
    }));
}

function readBaseline() {
  return readFileSync(baseline, 'utf8').split('\n')
    .map((line) => line.match(/^ *- ([^\s:]+:[^\s:]+)$/)?.[1]).filter(Boolean);
}

// What is wrong with a revision's results, as lines.
function judge({ scenarios: wanted, passes = [] }, scenarios, expected) {
  const wrong = [];
  const names = new Set(scenarios.map(({ name }) => name));

  if (scenarios.length !== wanted || names.size !== wanted) {
    wrong.push(`${names.size} scenarios ran, not ${wanted}`);
  }

  const failed = new Map();
  for (const { name, checks } of scenarios) {
    for (const check of checks) {
      if (check.status === 'FAILURE' || check.status === 'WARNING') {
        failed.set(`${name}:${check.id}`, check);
      }
    }
    if (!(name in idle) && !checks.some(({ status }) => status === 'SUCCESS')) {
      wrong.push(`${name}: nothing was checked`);
    }
  }

  for (const [id, check] of failed) {
    if (!expected.includes(id)) {
      wrong.push(`${id}: ${check.errorMessage ?? check.details?.message ?? check.description}`);
    }
  }
  for (const id of expected) {
    if (names.has(id.split(':')[0]) && !failed.has(id) && !passes.includes(id)) {
      wrong.push(`${id}: passes, though baseline.yml expects it to fail`);
    }
  }
  return { wrong, failed: [...failed.keys()] };
}

const expected = readBaseline();
const ran = new Set();
const summary = [];

rmSync(results, { recursive: true, force: true });
for (const one of runs) {
  const folder = join(results, one.revision);
  const log = [];
  mkdirSync(folder, { recursive: true });

  const code = one.like ? await runForced(one, folder, log) : await run(one.options, folder, log);
  writeFileSync(join(folder, 'output.txt'), Buffer.concat(log.map((text) => Buffer.from(text))));

  const scenarios = readResults(folder);
  scenarios.forEach(({ name }) => ran.add(name));
  const { wrong, failed } = judge(one, scenarios, expected);
  const passed = scenarios.flatMap(({ checks }) => checks)
    .filter(({ status }) => status === 'SUCCESS').length;
  if (code !== 0 && wrong.length === 0) {
    wrong.push(`the suite says no (exit code ${code}); see ${join(folder, 'output.txt')}`);
  }

  const known = [...new Set(failed.filter((id) => expected.includes(id)).map((id) => id.split(':')[0]))];
  summary.push({ revision: one.revision, scenarios: scenarios.length, passed, expected: known, wrong });
  console.log(`  ${wrong.length === 0 ? 'ok  ' : 'FAIL'} ${one.revision}: ${scenarios.length} scenarios, `
    + `${passed} checks passed${known.length === 0 ? '' : `; not possible here: ${known.join(', ')}`}`);
  for (const line of wrong) {
    console.log(`       ${line}`);
  }
}

const unknown = expected.filter((id) => !ran.has(id.split(':')[0]));
for (const id of unknown) {
  console.log(`  FAIL baseline.yml: ${id}: there is no such scenario`);
}
writeFileSync(join(results, 'summary.json'), `${JSON.stringify(summary, null, 2)}\n`);
process.exitCode = unknown.length === 0 && summary.every(({ wrong }) => wrong.length === 0) ? 0 : 1;
