import { Reachability } from './reachability';
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
  const reach = new Reachability([...present.keys()], (pid) => blocks.get(pid) ?? []);
  const sessions = new Map<number, LockSession>();
  for (const [pid, row] of present) {
    sessions.set(pid, {
      ...row.session,
      blockedBy: [...new Set(row.session.blockedBy)].filter((blocker) => present.has(blocker) && blocker !== pid),
      blocks: [...(blocks.get(pid) ?? [])].sort((a, b) => a - b),
      holdsUp: reach.count(pid),
      ...(pid === 0 ? { preparedTransactions: row.preparedTransactions } : {}),
    });
  }
  const waits = [...sessions.values()].filter((session) => session.waits);
  const known = waits.map((session) => session.waitingS).filter((age) => age !== null);
  const waiting = rows[0]?.waiting ?? 0;
  return {
    sessions,
    roots: findRoots(sessions, reach),
    waiting,
    longestWaitS: known.length === 0 ? null : Math.max(...known),
    truncated: rows[0]?.truncated ?? waiting > waiterLimit,
    limited: rows[0]?.limited ?? limited,
  };
}

/** Those that wait for nobody; where a deadlock leaves none above a group, the members of its topmost cycle. */
function findRoots(sessions: ReadonlyMap<number, LockSession>, reach: Reachability): number[] {
  const all = [...sessions.values()].filter((session) => session.blocks.length > 0);
  const free = all.filter((session) => session.blockedBy.length === 0);
  const cyclic = all.filter(({ pid }) => reach.reaches(pid, pid) && !free.some((root) => reach.reaches(root.pid, pid)));
  const topmost = cyclic.filter(({ pid }) =>
    cyclic.every((other) => !reach.reaches(other.pid, pid) || reach.reaches(pid, other.pid)),
  );
  return [...free, ...topmost]
    .sort((a, b) => b.holdsUp - a.holdsUp || (b.transactionAgeS ?? 0) - (a.transactionAgeS ?? 0) || a.pid - b.pid)
    .map((root) => root.pid);
}
