import { formatBytes, formatDuration } from '../../format/quantities';
import { flag, number, text, textOrNull, type RawRow } from '../../ports/row';
import type { Session, Statement } from '../../ports/session';
import { quoteQualified } from '../../sql/identifier';
import type { GuardedAction } from '../guarded-action';
import { withoutLimitMs } from '../long-work/limits';
import type { Outcome } from '../outcome';
import { statementAction } from '../statement-action';
import { oldTransactionS } from './index-list';

export interface NamedIndex {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
}

interface IndexNow {
  readonly schema: string;
  readonly name: string;
  readonly table: string;
  readonly bytes: number;
  readonly valid: boolean;
  readonly needed: boolean;
  readonly exclusion: boolean;
  readonly definition: string;
  readonly scans: number;
  readonly owner: boolean;
  readonly maintain: boolean;
  readonly filenode: number;
  readonly standbys: number;
  readonly busy: boolean;
  /** The oldest transaction that would be waited for; null: none. */
  readonly waitsFor: string | null;
}

function indexNow(oid: number, major: number): Statement<IndexNow> {
  const owner = `pg_catalog.pg_has_role(current_user, c.relowner, 'usage')`;
  return {
    name: 'index to be changed',
    text: `
SELECT n.nspname::text AS schema_name, c.relname::text AS index_name, t.relname::text AS table_name,
  pg_catalog.pg_relation_size(c.oid)::float8 AS bytes, i.indisvalid AS valid, i.indisexclusion AS exclusion,
  i.indisprimary OR i.indisexclusion OR i.indisreplident OR i.indisunique OR c.relispartition
    OR EXISTS (SELECT FROM pg_catalog.pg_constraint AS k WHERE k.conindid = c.oid) AS needed,
  pg_catalog.pg_get_indexdef(c.oid) AS definition, coalesce(pg_catalog.pg_stat_get_numscans(c.oid), 0)::float8 AS scans,
  ${owner} AS owner,
  ${owner}${major >= 17 ? ` OR pg_catalog.has_table_privilege(t.oid, 'MAINTAIN')` : ''} AS maintain,
  c.relfilenode::int8 AS filenode, (SELECT count(*) FROM pg_catalog.pg_stat_get_wal_senders())::int AS standbys,
  EXISTS (SELECT FROM pg_catalog.pg_stat_progress_create_index AS p WHERE p.relid = t.oid AND p.datname = current_database()) AS busy,
  (SELECT concat_ws(' · ', a.pid, a.usename, nullif(a.application_name, ''), a.state) FROM pg_catalog.pg_stat_activity AS a
    WHERE a.datname = current_database() AND a.pid <> pg_catalog.pg_backend_pid()
      AND a.xact_start < clock_timestamp() - make_interval(secs => $2::float8)
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_stat_progress_vacuum AS v WHERE v.pid = a.pid)
    ORDER BY a.xact_start LIMIT 1) AS waits_for
FROM pg_catalog.pg_index AS i JOIN pg_catalog.pg_class AS c ON c.oid = i.indexrelid
JOIN pg_catalog.pg_class AS t ON t.oid = i.indrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace WHERE c.oid = $1`,
    values: [oid, oldTransactionS],
    row: (raw: RawRow) => ({
      schema: text(raw, 'schema_name'),
      name: text(raw, 'index_name'),
      table: text(raw, 'table_name'),
      bytes: number(raw, 'bytes'),
      valid: flag(raw, 'valid'),
      needed: flag(raw, 'needed'),
      exclusion: flag(raw, 'exclusion'),
      definition: text(raw, 'definition'),
      scans: number(raw, 'scans'),
      owner: flag(raw, 'owner'),
      maintain: flag(raw, 'maintain'),
      filenode: number(raw, 'filenode'),
      standbys: number(raw, 'standbys'),
      busy: flag(raw, 'busy'),
      waitsFor: textOrNull(raw, 'waits_for'),
    }),
  };
}

/** Why neither may be done now. */
function refusalOf(index: NamedIndex, now: IndexNow, inRecovery: boolean): string | undefined {
  if (inRecovery) return 'This is a standby: indexes are built and dropped on its primary.';
  if (now.schema !== index.schema || now.name !== index.name)
    return `The index is called ${now.schema}.${now.name} by now. Read the indexes again.`;
  if (now.busy) return `An index of ${now.table} is being built now. Wait for its end.`;
  if (now.waitsFor !== null)
    return `Session ${now.waitsFor} has had a transaction open for more than ${formatDuration(oldTransactionS)}. CONCURRENTLY waits for its end, and locks of others queue behind that: end it first (Lock Contention runbook).`;
  return undefined;
}

/** REINDEX INDEX CONCURRENTLY on a session of its own, without a limit of time. */
export function reindexAction(index: NamedIndex, major: number): GuardedAction {
  const label = `${index.schema}.${index.name}`;
  let before = 0;
  return statementAction<IndexNow>({
    name: `reindex ${label}`,
    question: `Rebuild index ${label}`,
    button: 'Rebuild Index',
    whether: `${label} was rebuilt`,
    readAgain: 'Read the indexes again: a leftover _ccnew may stand there.',
    preflight: indexNow(index.oid, major),
    gone: `The index ${label} is gone.`,
    refusal: (now, server) => {
      if (now.exclusion) return `${label} is behind an exclusion constraint: it cannot be rebuilt concurrently.`;
      if (!now.maintain)
        return `Only the owner of ${label}${major >= 17 ? ', a role with MAINTAIN on its table' : ''} or a superuser may rebuild it.`;
      return refusalOf(index, now, server.inRecovery);
    },
    describe: (now) => {
      before = now.filenode;
      return [
        `On ${now.table}, ${formatBytes(now.bytes)}, ${now.valid ? 'valid' : 'INVALID'}.`,
        `It needs room for a second copy, up to ${formatBytes(now.bytes)}, and as much WAL. How much is free on the disk is not visible in SQL.`,
        now.definition,
      ];
    },
    risk: 'load. Reads and writes go on. It waits for transactions that began before it; cancelled, it leaves an invalid index with the ending _ccnew, which this runbook drops.',
    frozen: ({ schema, name, valid, filenode }) => ({ schema, name, valid, filenode }),
    statement: (now) => ({
      name: 'reindex',
      text: `REINDEX INDEX CONCURRENTLY ${quoteQualified(now.schema, now.name)}`,
      row: () => null,
      timeoutMs: withoutLimitMs,
      lockTimeoutMs: withoutLimitMs,
      alone: true,
      outlives: true,
    }),
    ownSession: true,
    leftovers:
      'It may have left an invalid index with the ending _ccnew or _ccold: read the leftovers again and drop it.',
    look: (own) => lookAtRebuilt(own, label, index, before),
  });
}

async function lookAtRebuilt(own: Session, label: string, index: NamedIndex, before: number): Promise<Outcome> {
  const [now] = await own.read(rebuilt(index));
  if (!now) return { kind: 'already-gone', message: `The index ${label} was dropped meanwhile.` };
  if (now.valid && now.filenode !== before)
    return { kind: 'done', message: `${label} was rebuilt: ${formatBytes(now.bytes)} now.` };
  return {
    kind: 'unknown',
    message: `REINDEX has ended, and ${label} is not a new valid index. Read the indexes again.`,
  };
}

/** By name: the rebuilt index has another oid on some versions. */
function rebuilt({ schema, name }: NamedIndex): Statement<{ valid: boolean; filenode: number; bytes: number }> {
  return {
    name: 'rebuilt index',
    text: `
SELECT i.indisvalid AS valid, c.relfilenode::int8 AS filenode, pg_catalog.pg_relation_size(c.oid)::float8 AS bytes
FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_index AS i ON i.indexrelid = c.oid WHERE n.nspname = $1 AND c.relname = $2`,
    values: [schema, name],
    row: (raw) => ({ valid: flag(raw, 'valid'), filenode: number(raw, 'filenode'), bytes: number(raw, 'bytes') }),
  };
}

/** Drops an index that a failed build left behind; one that is valid by now is not dropped. */
export function dropInvalidIndex(index: NamedIndex, major: number): GuardedAction {
  return dropIndexAction(index, 'No query uses it. Build it again afterwards.', major, true);
}

/**
 * DROP INDEX CONCURRENTLY. What makes the index again is kept in the question, and so in the record.
 * @param invalid only while it is invalid
 */
export function dropIndexAction(index: NamedIndex, why: string, major: number, invalid = false): GuardedAction {
  const label = `${index.schema}.${index.name}`;
  return statementAction<IndexNow>({
    name: `drop index ${label}`,
    question: `Drop index ${label}`,
    button: 'Drop Index',
    whether: `${label} was dropped`,
    readAgain: 'Read the indexes again.',
    preflight: indexNow(index.oid, major),
    gone: `The index ${label} is gone.`,
    refusal: (now, server) => {
      if (now.valid && invalid) return `The index ${label} is valid by now: it is not dropped here.`;
      if (now.valid && now.needed)
        return `${label} is unique, a partition, or behind a constraint or a replica identity: it does more than serve queries, and is not dropped here.`;
      if (!now.owner) return `Only the owner of ${label} or a superuser may drop it.`;
      return refusalOf(index, now, server.inRecovery);
    },
    describe: (now) => [
      `On ${now.table}, ${formatBytes(now.bytes)}, ${now.valid ? 'valid' : 'INVALID'}, used ${now.scans} times on THIS server.`,
      why,
      ...(now.valid
        ? [
            now.standbys > 0
              ? `${now.standbys} walsender(s) are connected: idx_scan does not count what a standby reads. Look at each standby first.`
              : 'idx_scan does not count what a standby reads. Look at each standby first.',
          ]
        : []),
      `To make it again: ${now.definition}`,
    ],
    risk: 'reads and writes go on, and it waits for older transactions. Queries that used it get slower at once; building it again takes as long as the first time.',
    frozen: ({ schema, name, valid, scans, definition }) => ({ schema, name, valid, scans, definition }),
    statement: (now) => ({
      name: 'drop index',
      text: `-- to make it again: ${now.definition.replace(/\r\n?|\n/g, '\n-- ')}\nDROP INDEX CONCURRENTLY ${quoteQualified(now.schema, now.name)}`,
      row: () => null,
      timeoutMs: withoutLimitMs,
      lockTimeoutMs: withoutLimitMs,
      alone: true,
      outlives: true,
    }),
    ownSession: true,
    leftovers: 'The index may be left invalid: read the leftovers again and drop it.',
    done: `${label} was dropped.`,
  });
}
