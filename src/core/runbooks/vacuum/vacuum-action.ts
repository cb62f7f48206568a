import { formatInteger } from '../../format/numbers';
import { formatBytes } from '../../format/quantities';
import type { Clock } from '../../ports/clock';
import { flag, number, text, textOrNull, type RawRow } from '../../ports/row';
import type { Session, Statement } from '../../ports/session';
import { quoteQualified } from '../../sql/identifier';
import type { GuardedAction } from '../guarded-action';
import { withoutLimitMs } from '../long-work/limits';
import type { Outcome } from '../outcome';
import { statementAction } from '../statement-action';
import { diskNote } from './full-gates';
import { tableLabel, type VacuumTable } from './vacuum-tables';

/** `usual` gives way to others; `thorough` cleans every index and uses more of the machine; `freeze` is against wraparound. */
export type VacuumWay = 'usual' | 'thorough' | 'freeze' | 'analyze' | 'full';

/** The statement for a server of this major: PARALLEL is of 13, BUFFER_USAGE_LIMIT of 16. */
export function vacuumSql(way: VacuumWay, name: string, major: number): string {
  switch (way) {
    case 'usual':
      return `VACUUM (ANALYZE, SKIP_LOCKED) ${name}`;
    case 'thorough': {
      const more = [...(major >= 13 ? ['PARALLEL 4'] : []), ...(major >= 16 ? [`BUFFER_USAGE_LIMIT '256MB'`] : [])];
      return `VACUUM (${['ANALYZE', 'INDEX_CLEANUP TRUE', ...more].join(', ')}) ${name}`;
    }
    case 'freeze':
      return `VACUUM (FREEZE, INDEX_CLEANUP FALSE, TRUNCATE FALSE) ${name}`;
    case 'analyze':
      return `ANALYZE (SKIP_LOCKED) ${name}`;
    case 'full':
      return `VACUUM (FULL, ANALYZE) ${name}`;
  }
}

interface VacuumNow {
  readonly schema: string;
  readonly name: string;
  readonly dead: number;
  readonly tableBytes: number;
  readonly indexBytes: number;
  readonly indexes: number;
  readonly mayVacuum: boolean;
  /** When it was last done by hand; null: never. */
  readonly vacuumed: string | null;
  readonly analyzed: string | null;
  readonly busy: boolean;
}

function tableNow(oid: number, major: number): Statement<VacuumNow> {
  const maintain = major >= 17 ? ` OR pg_catalog.has_table_privilege(c.oid, 'MAINTAIN')` : '';
  return {
    name: 'table to be vacuumed',
    text: `
SELECT n.nspname::text AS schema_name, c.relname::text AS table_name,
  coalesce(pg_catalog.pg_stat_get_dead_tuples(c.oid), 0)::float8 AS dead,
  pg_catalog.pg_table_size(c.oid)::float8 AS table_bytes, pg_catalog.pg_indexes_size(c.oid)::float8 AS index_bytes,
  (SELECT count(*) FROM pg_catalog.pg_index AS i WHERE i.indrelid = c.oid)::int AS indexes,
  (pg_catalog.pg_has_role(current_user, c.relowner, 'usage')
    OR (NOT c.relisshared AND EXISTS (SELECT FROM pg_catalog.pg_database AS d WHERE d.datname = current_database()
      AND pg_catalog.pg_has_role(current_user, d.datdba, 'usage')))${maintain}) AS may_vacuum,
  pg_catalog.pg_stat_get_last_vacuum_time(c.oid)::text AS vacuumed,
  pg_catalog.pg_stat_get_last_analyze_time(c.oid)::text AS analyzed,
  EXISTS (SELECT FROM pg_catalog.pg_stat_progress_vacuum AS v WHERE v.relid = c.oid AND v.datname = current_database()) AS busy
FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace WHERE c.oid = $1`,
    values: [oid],
    row: (raw: RawRow) => ({
      schema: text(raw, 'schema_name'),
      name: text(raw, 'table_name'),
      dead: number(raw, 'dead'),
      tableBytes: number(raw, 'table_bytes'),
      indexBytes: number(raw, 'index_bytes'),
      indexes: number(raw, 'indexes'),
      mayVacuum: flag(raw, 'may_vacuum'),
      vacuumed: textOrNull(raw, 'vacuumed'),
      analyzed: textOrNull(raw, 'analyzed'),
      busy: flag(raw, 'busy'),
    }),
  };
}

const words: Readonly<Record<VacuumWay, { readonly verb: string; readonly button: string; readonly risk: string }>> = {
  usual: {
    verb: 'Vacuum and analyze',
    button: 'Vacuum',
    risk: 'small. Reads and writes go on; it reads the whole table and writes WAL. Where another session holds a lock it is skipped.',
  },
  thorough: {
    verb: 'Vacuum thoroughly',
    button: 'Vacuum',
    risk: 'load. Reads and writes go on; it reads the table and every index without pauses, and uses more workers and memory.',
  },
  freeze: {
    verb: 'Freeze',
    button: 'Vacuum',
    risk: 'load. Reads and writes go on; every old row is written anew, with its WAL. Indexes are left: vacuum again afterwards.',
  },
  analyze: {
    verb: 'Analyze',
    button: 'Analyze',
    risk: 'small. A sample is read; plans may change with the new statistics.',
  },
  full: {
    verb: 'Rewrite with VACUUM FULL',
    button: 'Rewrite Table',
    risk: 'DOWNTIME. ACCESS EXCLUSIVE: nobody reads or writes this table until it ends, and standbys replay all of it. It waits at most 2 s for its lock. pg_repack does the same without the lock, where it is installed.',
  },
};

/**
 * Vacuums or analyzes one table on a session of its own.
 * @param notes what speaks for and against it, in lines
 * @param freeBytes of the disk, for a rewrite; null: not known
 */
export function vacuumAction(
  table: Pick<VacuumTable, 'oid' | 'schema' | 'name'>,
  way: VacuumWay,
  major: number,
  clock: Clock,
  notes: readonly string[] = [],
  freeBytes: number | null = null,
): GuardedAction {
  const label = tableLabel(table);
  const { verb, button, risk } = words[way];
  // VACUUM FULL does not count as a vacuum in the statistics; its ANALYZE does.
  const analyzes = way === 'analyze' || way === 'full';
  return {
    name: `${verb.toLowerCase()} ${label}`,
    inspect: async (session, abort) => {
      let before: string | null = null;
      const action = statementAction<VacuumNow>({
        name: `${verb.toLowerCase()} ${label}`,
        question: `${verb} ${label}`,
        button,
        whether: `${label} was ${way === 'analyze' ? 'analyzed' : 'vacuumed'}`,
        readAgain: 'Read the tables again.',
        preflight: tableNow(table.oid, major),
        gone: `The table ${label} is gone.`,
        refusal: (now, server) => {
          if (server.inRecovery) return 'This is a standby: vacuum runs on its primary.';
          if (now.schema !== table.schema || now.name !== table.name)
            return `The table is called ${now.schema}.${now.name} by now. Read the tables again.`;
          const copy = now.tableBytes + now.indexBytes;
          if (way === 'full' && freeBytes !== null && freeBytes < copy)
            return `The copy may take ${formatBytes(copy)}, and ${formatBytes(freeBytes)} are free on the disk: a full disk stops the server.`;
          if (now.busy) return `A vacuum is at work on ${label} now. Wait for its end.`;
          if (now.mayVacuum) return undefined;
          const who = major >= 17 ? ', a role with MAINTAIN on it' : '';
          return `This role may not vacuum ${label}: only its owner, the owner of the database${who} or a superuser may. The server would skip it and say nothing.`;
        },
        describe: (now) => {
          before = analyzes ? now.analyzed : now.vacuumed;
          return [
            `${formatBytes(now.tableBytes)} with its TOAST, ${now.indexes} indexes of ${formatBytes(now.indexBytes)}, ${formatInteger(now.dead)} dead rows counted.`,
            ...(way === 'full' ? [diskNote(now.tableBytes + now.indexBytes, freeBytes)] : []),
            ...notes,
          ];
        },
        risk,
        frozen: ({ schema, name, mayVacuum }) => ({ schema, name, mayVacuum }),
        statement: (now) => ({
          name: verb.toLowerCase(),
          text: vacuumSql(way, quoteQualified(now.schema, now.name), major),
          row: () => null,
          timeoutMs: withoutLimitMs,
          lockTimeoutMs: way === 'full' ? 2000 : 60_000,
          alone: true,
          outlives: true,
        }),
        ownSession: true,
        ...(way === 'full' ? { alwaysTyped: true } : {}),
        leftovers:
          way === 'full'
            ? 'The table is as it was; the unfinished copy is removed.'
            : 'What it had cleaned up to then stays cleaned; it can be run again.',
        look: (own) => lookAt(own, table, way, major, before, clock),
      });
      return action.inspect(session, abort);
    },
  };
}

/** How long the statistics may take to tell, in ms: before 15 they come by a message. */
const lookForMs = 5000;

/** A table that was skipped gives a warning and no error: only the statistics tell. */
async function lookAt(
  session: Session,
  table: Pick<VacuumTable, 'oid' | 'schema' | 'name'>,
  way: VacuumWay,
  major: number,
  before: string | null,
  clock: Clock,
): Promise<Outcome> {
  const end = clock.now() + lookForMs;
  const label = tableLabel(table);
  for (;;) {
    const [now] = await session.read(tableNow(table.oid, major));
    if (!now) return { kind: 'already-gone', message: `The table ${label} was dropped meanwhile.` };
    const at = way === 'analyze' || way === 'full' ? now.analyzed : now.vacuumed;
    if (at !== null && at !== before)
      return {
        kind: 'done',
        message:
          way === 'analyze'
            ? `${label} was analyzed.`
            : `${label} was ${way === 'full' ? 'rewritten' : 'vacuumed'}: ${formatInteger(now.dead)} dead rows are counted now, ${formatBytes(now.tableBytes)}.`,
      };
    if (clock.now() > end)
      return {
        kind: 'stopped',
        message: `The server skipped ${label}: another session holds a lock on it, or its statistics are off. Look who holds it, and run it again.`,
      };
    await new Promise<void>((resolve) => void clock.after(100, resolve));
  }
}
