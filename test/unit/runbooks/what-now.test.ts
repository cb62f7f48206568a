import assert from 'node:assert/strict';
import type { Finding, RunbookId, SignalGroup, SignalOutcome } from '../../../src/core/health/signal';
import { whatNow } from '../../../src/core/runbooks/what-now';

function outcome(
  runbook: RunbookId,
  group: SignalGroup,
  severity: Finding['severity'],
  problem: string | null = null,
): SignalOutcome {
  const finding = { signal: `${runbook}.x`, subject: 's', value: 1, unit: 'count', severity, threshold: null } as const;
  return {
    about: { id: runbook, group, title: `title of ${runbook}`, explanation: '', runbook, tierMs: 5000 },
    sql: '',
    at: 1,
    problem,
    absent: null,
    findings: [{ ...finding, words: `words of ${runbook}`, lines: [] }],
  };
}

describe('what is to be done now', () => {
  it('is the worst first, then in the order of the guide, each with its immediate action and runbook', () => {
    const { urgent, unknown } = whatNow([
      outcome('vacuum', 'maintenance', 'warning'),
      outcome('replication-lag', 'replication', 'critical'),
      outcome('pool-exhaustion', 'pool', 'critical'),
      outcome('lock-contention', 'locks', 'ok'),
      outcome('database-unavailable', 'pool', 'critical'),
      outcome('reindex', 'maintenance', 'hint'),
    ]);
    assert.deepEqual(
      urgent.map(({ runbook }) => runbook),
      ['database-unavailable', 'pool-exhaustion', 'replication-lag', 'vacuum'],
    );
    assert.match(urgent[0]?.action ?? '', /fail over/);
    assert.match(urgent[2]?.action ?? '', /Route reads to the primary once its headroom is checked/);
    assert.deepEqual(unknown, []);
  });

  it('takes what could not be read for unknown, neither for well nor for a cause', () => {
    const { urgent, unknown } = whatNow([
      outcome('pool-exhaustion', 'pool', 'critical', 'not current'),
      outcome('backup', 'backups', 'unknown'),
      { ...outcome('scaling', 'size', 'ok'), absent: 'Read on a standby only.' },
    ]);
    assert.deepEqual(urgent, []);
    assert.deepEqual(unknown, ['title of pool-exhaustion', 'title of backup']);
  });
});
