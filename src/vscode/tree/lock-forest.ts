import type { LockSession, LockState } from '../../core/health/blocking';

/** A place of a session in the drawn graph. */
export interface LockPlace {
  readonly session: LockSession;
  /** It was drawn before; what waits for it stands there. */
  readonly repeated: boolean;
  readonly children: readonly LockPlace[];
  /** Sessions below that are not drawn, for the width or the depth. */
  readonly left: number;
}

/** At most this many sessions below one blocker, and this deep. */
const widest = 25;
const deepest = 8;

/**
 * Draws the blocking graph as trees, roots first. A session that waits for a whole queue is drawn under the last of it
 * alone, since the others of the queue stand above that one; a session with blockers in different branches is drawn under
 * each, in full at the first. Cycles end at their second appearance.
 */
export function lockForest(state: LockState): { readonly roots: readonly LockPlace[]; readonly left: number } {
  const nearest = nearestBlockers(state);
  const waiters = new Map<number, LockSession[]>();
  for (const session of state.sessions.values()) {
    for (const blocker of nearest.get(session.pid) ?? []) {
      waiters.set(blocker, [...(waiters.get(blocker) ?? []), session]);
    }
  }
  const drawn = new Set<number>();
  const place = (session: LockSession, depth: number): LockPlace => {
    if (drawn.has(session.pid)) return { session, repeated: true, children: [], left: 0 };
    drawn.add(session.pid);
    const all = (waiters.get(session.pid) ?? []).sort(worstFirst);
    if (depth >= deepest)
      return { session, repeated: false, children: [], left: all.length === 0 ? 0 : session.holdsUp };
    const children = all.slice(0, widest).map((child) => place(child, depth + 1));
    return { session, repeated: false, children, left: all.length - children.length };
  };
  const roots = state.roots.map((pid) => state.sessions.get(pid)).filter((session) => session !== undefined);
  const shown = roots.slice(0, widest);
  return { roots: shown.map((root) => place(root, 1)), left: roots.length - shown.length };
}

function worstFirst(a: LockSession, b: LockSession): number {
  return b.holdsUp - a.holdsUp || (b.waitingS ?? 0) - (a.waitingS ?? 0) || a.pid - b.pid;
}

/** For each session its blockers less those that stand above another of its blockers (the graph's reduction). */
function nearestBlockers(state: LockState): ReadonlyMap<number, readonly number[]> {
  const depths = new Map<number, number>();
  const depthOf = (pid: number): number => {
    const known = depths.get(pid);
    if (known !== undefined) return known;
    // Also what a cycle meets when it comes back here.
    depths.set(pid, 0);
    const blockers = state.sessions.get(pid)?.blockedBy ?? [];
    const depth = blockers.length === 0 ? 0 : 1 + Math.max(...blockers.map(depthOf));
    depths.set(pid, depth);
    return depth;
  };
  for (const pid of state.sessions.keys()) depthOf(pid);
  const nearest = new Map<number, readonly number[]>();
  const above = new Map<number, ReadonlySet<number>>();
  const byDepth = [...state.sessions.values()].sort((a, b) => depthOf(a.pid) - depthOf(b.pid));
  for (const { pid, blockedBy } of byDepth) {
    const covered = new Set<number>();
    const kept: number[] = [];
    for (const blocker of [...blockedBy].sort((a, b) => depthOf(b) - depthOf(a))) {
      if (covered.has(blocker)) continue;
      kept.push(blocker);
      covered.add(blocker);
      for (const ancestor of above.get(blocker) ?? []) covered.add(ancestor);
    }
    nearest.set(pid, kept);
    above.set(pid, covered);
  }
  return nearest;
}
