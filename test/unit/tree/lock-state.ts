import type { LockRow, LockState } from '../../../src/core/health/blocking';
import { buildLockState } from '../../../src/core/health/blocking-graph';

/** A session of the graph with what a test says of it. */
export function lockRow(pid: number, blockedBy: readonly number[], more: Partial<LockRow['session']> = {}): LockRow {
  return {
    session: {
      pid,
      backendStart: '2026-01-01 00:00:00.000000+00',
      backendType: 'client backend',
      database: 'shop',
      user: 'app',
      application: `app-${pid}`,
      clientAddress: null,
      state: 'active',
      waitEvent: null,
      transactionAgeS: 100,
      queryAgeS: 90,
      stateAgeS: 90,
      waitingS: blockedBy.length > 0 ? 60 : null,
      waits: blockedBy.length > 0,
      query: 'UPDATE t SET n = 1',
      blockedBy,
      ...more,
    },
    waiting: 0,
    limited: false,
    preparedTransactions: [],
  };
}

/** The graph of who waits for whom. */
export function lockState(waitsFor: Readonly<Record<number, readonly number[]>>): LockState {
  return buildLockState(
    Object.entries(waitsFor).map(([pid, blockedBy]) => lockRow(Number(pid), blockedBy)),
    false,
  );
}
