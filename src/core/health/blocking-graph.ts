import { waiterLimit, type LockRow, type LockSession, type LockState } from './blocking';

/**
 * Builds the graph from its rows. It is a DAG, not a tree: a queued ALTER TABLE waits for each reader before it. A
 * session that ended between two looks of the server is left out together with its edges. `limited` is the role's view
 * when there is no row to tell it.
 */
export function buildLockState(rows: readonly LockRow[], limited: boolean): LockState {
  const present = new Map(rows.map((row) => [row.session.pid, row]));
  const blocks = new Map<number, Set<number>>();
  for (const { session } of rows) {
    for (const blocker of session.blockedBy) {
      if (!present.has(blocker) || blocker === session.pid) continue;
      blocks.set(blocker, (blocks.get(blocker) ?? new Set()).add(session.pid));
    }
  }
  const sessions = new Map<number, LockSession>();
  for (const [pid, row] of present) {
    sessions.set(pid, {
      ...row.session,
      blockedBy: [...new Set(row.session.blockedBy)].filter((blocker) => present.has(blocker) && blocker !== pid),
      blocks: [...(blocks.get(pid) ?? [])].sort((a, b) => a - b),
      holdsUp: reachable(pid, blocks).size,
      ...(pid === 0 ? { preparedTransactions: row.preparedTransactions } : {}),
    });
  }
  const waits = [...sessions.values()].filter((session) => session.waits);
  const known = waits.map((session) => session.waitingS).filter((age) => age !== null);
  const waiting = rows[0]?.waiting ?? 0;
  return {
    sessions,
    roots: findRoots(sessions),
    waiting,
    longestWaitS: known.length === 0 ? null : Math.max(...known),
    truncated: rows[0]?.truncated ?? waiting > waiterLimit,
    limited: rows[0]?.limited ?? limited,
  };
}

/** All that wait for `pid`, directly or through others; a cycle counts each member once, itself never. */
function reachable(pid: number, blocks: ReadonlyMap<number, ReadonlySet<number>>): Set<number> {
  const found = new Set<number>();
  const todo = [pid];
  for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
    for (const waiter of blocks.get(next) ?? []) {
      if (waiter === pid || found.has(waiter)) continue;
      found.add(waiter);
      todo.push(waiter);
    }
  }
  return found;
}

/** Those that wait for nobody; where a deadlock leaves none above a group, the members of its cycle. */
function findRoots(sessions: ReadonlyMap<number, LockSession>): number[] {
  const blocks = new Map([...sessions].map(([pid, session]) => [pid, new Set(session.blocks)]));
  const roots = [...sessions.values()].filter((session) => session.blockedBy.length === 0 && session.blocks.length > 0);
  const covered = new Set(roots.flatMap((root) => [root.pid, ...reachable(root.pid, blocks)]));
  for (const session of sessions.values()) {
    if (covered.has(session.pid)) continue;
    const members = [...reachable(session.pid, blocks)].filter((pid) =>
      sessions.get(pid)?.blocks.some((next) => next === session.pid || reachable(next, blocks).has(session.pid)),
    );
    if (members.length > 0) {
      roots.push(session);
      covered.add(session.pid);
    }
  }
  return roots
    .sort((a, b) => b.holdsUp - a.holdsUp || (b.transactionAgeS ?? 0) - (a.transactionAgeS ?? 0) || a.pid - b.pid)
    .map((root) => root.pid);
}
