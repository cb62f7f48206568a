import type { LockRow } from '../../../src/core/health/blocking';

/** A row of the lock statement: `blockedBy` undefined means that it holds and does not wait. */
export function lockRow(pid: number, blockedBy?: readonly number[], extra: Partial<LockRow['session']> = {}): LockRow {
  return {
    session: {
      pid,
      backendStart: '2026-01-01 00:00:00.000001+00',
      backendType: 'client backend',
      database: 'shop',
      user: 'app',
      application: 'orders-api',
      clientAddress: null,
      state: blockedBy ? 'active' : 'idle in transaction',
      waitEvent: null,
      transactionAgeS: 100,
      queryAgeS: 90,
      stateAgeS: 94,
      waitingS: blockedBy ? 60 : null,
      waits: blockedBy !== undefined,
      query: 'UPDATE orders SET n = n + 1',
      blockedBy: blockedBy ?? [],
      ...extra,
    },
    waiting: 0,
    limited: false,
    preparedTransactions: [],
  };
}

/** Rows as the server sends them: each tells how many wait in all. */
export function lockRows(...rows: readonly LockRow[]): readonly LockRow[] {
  const waiting = rows.filter((row) => row.session.waits).length;
  return rows.map((row) => ({ ...row, waiting }));
}
