// How the walks are shown: a line a test, the whole story of a failure, and the sum at the end.

import { inspect } from 'node:util';

export default async function* reporter(events) {
  let passed = 0;
  let failed = 0;

  for await (const { type, data } of events) {
    // A suite fails with its tests; it has a failure of its own to tell only if a hook failed.
    const error = data?.details?.error;
    const isTest = data?.details?.type !== 'suite' || (error && error.failureType !== 'subtestsFailed');

    if (type === 'test:start' && data.nesting === 0) {
      yield `  ${data.name}\n`;
    } else if (type === 'test:pass' && isTest) {
      passed++;
      yield `    ok    ${data.name}\n`;
    } else if (type === 'test:fail' && isTest) {
      failed++;
      yield `    FAIL  ${data.name}\n`;
      // Tests that never began, because a hook failed, have nothing to tell.
      if (error.failureType !== 'cancelledByParent') {
        yield `${inspect(error.cause ?? error).replace(/^/gm, '          ')}\n`;
      }
    }
  }

  if (passed === 0) {
    process.exitCode = 1;
  }
  yield `${process.env.REPORT ?? 'clients'}: ${passed} passed, ${failed} failed\n`;
}
