// How the walks are shown: a line a test, the whole story of a failure, and the sum at the end.

import { inspect } from 'node:util';

export default async function* reporter(events) {
  let passed = 0;
  let failed = 0;

  for await (const { type, data } of events) {
    const isTest = data?.details?.type !== 'suite';

    if (type === 'test:start' && data.nesting === 0) {
      yield `  ${data.name}\n`;
    } else if (type === 'test:pass' && isTest) {
      passed++;
      yield `    ok    ${data.name}\n`;
    } else if (type === 'test:fail' && isTest) {
      failed++;
      const error = data.details.error;
      yield `    FAIL  ${data.name}\n${inspect(error.cause ?? error).replace(/^/gm, '          ')}\n`;
    }
  }

  if (passed === 0) {
    process.exitCode = 1;
  }
  yield `clients: ${passed} passed, ${failed} failed\n`;
}
