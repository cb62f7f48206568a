import assert from 'node:assert/strict';
import { startChecks } from '../../../src/core/health/checks/all-checks';
import { runbookIds } from '../../../src/core/health/signal';
import { notWatched } from '../../../src/core/monitor/build-snapshot';
import { observedOutcomes } from '../../../src/core/monitor/observed-outcomes';
import { findRunbook, runbookEntries } from '../../../src/core/runbooks/registry';

describe('the registry of runbooks', () => {
  it('knows every runbook that a check or a polled signal names', () => {
    const checks = startChecks((_, standard) => standard).map(({ outcome }) => outcome.about);
    const polled = observedOutcomes(notWatched('x'), 0).map(({ about }) => about);
    assert.ok(checks.length > 20 && polled.length > 3);
    for (const { id, runbook } of [...checks, ...polled]) {
      assert.ok(findRunbook(runbook), `${id} names ${runbook}`);
    }
  });

  it('has each id once', () => {
    const written = runbookEntries.map(({ id }) => id);
    assert.deepEqual(written.toSorted(), [...runbookIds].toSorted());
  });
});
