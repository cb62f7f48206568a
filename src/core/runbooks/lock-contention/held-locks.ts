import { flag, number, text } from '../../ports/row';
import type { Statement } from '../../ports/session';

/** The locks of the sessions of the graph, for the evidence: what is locked in which way, and who waits for it. */
export interface HeldLock {
  readonly pid: number;
  readonly lockType: string;
  /** The relation's name in this database, or a description of what is locked. */
  readonly target: string;
  readonly mode: string;
  readonly granted: boolean;
}

/** Locks of tables, advisory ones, and whatever is waited for. Names come from the catalog, not by a cast that could wait for a lock. */
export function heldLocksStatement(pids: readonly number[]): Statement<HeldLock> {
  return {
    name: 'locks of the graph',
    text: `
SELECT l.pid, l.locktype, l.mode, l.granted,
  coalesce(n.nspname || '.' || c.relname,
    CASE WHEN l.relation IS NOT NULL THEN 'relation ' || l.relation::text || ' of another database'
      WHEN l.transactionid IS NOT NULL THEN 'transaction ' || l.transactionid::text
      WHEN l.locktype = 'advisory' THEN 'advisory lock ' || l.classid::text || ', ' || l.objid::text
      ELSE l.locktype END) AS target
FROM pg_catalog.pg_locks AS l
LEFT JOIN pg_catalog.pg_class AS c ON c.oid = l.relation
  AND l.database IN (0, (SELECT d.oid FROM pg_catalog.pg_database AS d WHERE d.datname = current_database()))
LEFT JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE l.pid = ANY($1::int[]) AND (NOT l.granted OR l.locktype = 'advisory'
  OR (l.locktype = 'relation' AND c.relkind IS DISTINCT FROM 'i' AND n.nspname IS DISTINCT FROM 'pg_catalog'))
ORDER BY l.granted, l.pid, target
LIMIT 200`,
    values: [pids.filter((pid) => pid > 0)],
    row: (raw) => ({
      pid: number(raw, 'pid'),
      lockType: text(raw, 'locktype'),
      target: text(raw, 'target'),
      mode: text(raw, 'mode'),
      granted: flag(raw, 'granted'),
    }),
  };
}
