import { formatInteger, formatPercent } from '../../format/numbers';
import { formatBytes, formatDuration } from '../../format/quantities';
import { DatabaseError } from '../../ports/database-error';
import { flagOrNull, number, numberOrNull, text, textOrNull, type RawRow } from '../../ports/row';
import type { Session, Statement } from '../../ports/session';
import { quoteIdentifier, quoteQualified } from '../../sql/identifier';
import type { ActionTools } from '../report';

/** What pgstattuple measured; `at` in ms since the epoch. */
export type Confirmed =
  | {
      readonly kind: 'table';
      readonly at: number;
      readonly freePercent: number;
      readonly deadPercent: number;
      /** How much of the table was read; the rest is known to hold no dead row. */
      readonly scannedPercent: number;
    }
  | {
      readonly kind: 'index';
      readonly at: number;
      /** What a b-tree built anew would not need. */
      readonly wastedPercent: number;
      /** How full the leaves are. */
      readonly densityPercent: number;
      readonly emptyPages: number;
    };

/** What is to be measured. */
export interface Candidate {
  readonly kind: 'table' | 'index';
  readonly oid: number;
  readonly name: string;
  readonly bytes: number;
  readonly fillfactor: number;
}

const functions = { table: 'pgstattuple_approx', index: 'pgstatindex' } as const;

/** A table may be read whole when it was never vacuumed; from this size on it is asked before, in bytes. */
const askFromBytes = 1024 ** 3;
/** The measurement's own limit, in ms. */
export const confirmLimitMs = 600_000;

interface Tool {
  readonly schema: string | null;
  readonly available: boolean;
  readonly mayUseSchema: boolean;
  readonly mayExecute: boolean | null;
  readonly user: string;
  readonly database: string;
}

function toolStatement(name: string): Statement<Tool> {
  return {
    name: 'pgstattuple',
    text: `
SELECT n.nspname::text AS schema_name,
  EXISTS (SELECT FROM pg_catalog.pg_available_extensions AS a WHERE a.name = 'pgstattuple') AS available,
  pg_catalog.has_schema_privilege(n.oid, 'USAGE') AS may_use,
  (SELECT bool_or(pg_catalog.has_function_privilege(p.oid, 'EXECUTE')) FROM pg_catalog.pg_proc AS p
    WHERE p.pronamespace = n.oid AND p.proname = $1::name AND p.proargtypes = '2205'::pg_catalog.oidvector) AS may_execute,
  current_user::text AS user_name, current_database()::text AS database_name
FROM (SELECT 1) AS one LEFT JOIN pg_catalog.pg_extension AS e ON e.extname = 'pgstattuple'
LEFT JOIN pg_catalog.pg_namespace AS n ON n.oid = e.extnamespace`,
    values: [name],
    row: (raw) => ({
      schema: textOrNull(raw, 'schema_name'),
      available: raw['available'] === true,
      mayUseSchema: flagOrNull(raw, 'may_use') === true,
      mayExecute: flagOrNull(raw, 'may_execute'),
      user: text(raw, 'user_name'),
      database: text(raw, 'database_name'),
    }),
  };
}

/** By oid: the name is shown, never sent. */
function measureStatement(candidate: Candidate, schema: string, now: number): Statement<Confirmed> {
  const call = `${quoteQualified(schema, functions[candidate.kind])}($1::oid::pg_catalog.regclass)`;
  const common = { values: [candidate.oid], timeoutMs: confirmLimitMs, lockTimeoutMs: 1000 };
  if (candidate.kind === 'table') {
    return {
      ...common,
      name: functions.table,
      text: `SELECT t.approx_free_percent AS free, t.dead_tuple_percent AS dead, t.scanned_percent AS scanned FROM ${call} AS t`,
      row: (raw: RawRow) => ({
        kind: 'table',
        at: now,
        freePercent: number(raw, 'free'),
        deadPercent: number(raw, 'dead'),
        scannedPercent: number(raw, 'scanned'),
      }),
    };
  }
  return {
    ...common,
    name: functions.index,
    text: `SELECT t.index_size::float8 / pg_catalog.current_setting('block_size')::int4 AS pages, t.leaf_pages::float8 AS leaves,
  (t.empty_pages + t.deleted_pages)::float8 AS empty, nullif(t.avg_leaf_density, 'NaN') AS density FROM ${call} AS t`,
    row: (raw: RawRow) => {
      const density = numberOrNull(raw, 'density') ?? 0;
      const leaves = number(raw, 'leaves');
      const empty = number(raw, 'empty');
      const needed = leaves * Math.min(1, density / candidate.fillfactor);
      return {
        kind: 'index',
        at: now,
        wastedPercent: (100 * (leaves + empty - needed)) / Math.max(1, number(raw, 'pages')),
        densityPercent: density,
        emptyPages: empty,
      };
    },
  };
}

/**
 * Measures one candidate on a session of its own. Rejects with a DatabaseError that says the way out; undefined: the person
 * backed out.
 */
export async function confirmCandidate(
  candidate: Candidate,
  tools: Omit<ActionTools, 'copy'>,
): Promise<Confirmed | undefined> {
  const { connections, profile, signal } = tools;
  if (!(await mayRead(candidate, tools))) return undefined;
  tools.begin(`Measuring ${candidate.name} with ${functions[candidate.kind]}`);
  const session = await connections.dedicated(profile.id, signal);
  try {
    const schema = await readyTool(session, candidate, signal);
    const [confirmed] = await session.read(measureStatement(candidate, schema, tools.now()), signal);
    if (confirmed) return confirmed;
    throw new DatabaseError('statement-failed', `${functions[candidate.kind]} returned nothing for ${candidate.name}.`);
  } catch (error) {
    throw explained(error, candidate);
  } finally {
    await session.close();
  }
}

async function mayRead(
  candidate: Candidate,
  { prompts, profile }: Pick<ActionTools, 'prompts' | 'profile'>,
): Promise<boolean> {
  const whole = candidate.kind === 'index';
  if (!whole && candidate.bytes < askFromBytes) return true;
  const size = formatBytes(candidate.bytes);
  return prompts.confirm({
    title: `Measure ${candidate.name} on ${profile.name}?`,
    detail: [
      whole
        ? `pgstatindex reads the whole index, ${size}, from disk where it is not cached.`
        : `pgstattuple_approx reads every page that VACUUM has not marked as all-visible: up to ${size}.`,
      'It changes nothing, takes an ACCESS SHARE lock, and may push other pages out of the cache.',
      `It ends by itself after ${formatDuration(confirmLimitMs / 1000)}, and can be cancelled.`,
    ].join('\n'),
    action: whole ? 'Read Index' : 'Read Table',
  });
}

async function readyTool(session: Session, candidate: Candidate, signal: AbortSignal): Promise<string> {
  const name = functions[candidate.kind];
  const [tool] = await session.read(toolStatement(name), signal);
  if (!tool) throw new DatabaseError('statement-failed', 'The server did not tell whether pgstattuple is there.');
  if (tool.schema === null) {
    throw new DatabaseError(
      'undefined-object',
      `The extension pgstattuple is not created in ${tool.database}.`,
      tool.available
        ? 'A superuser runs CREATE EXTENSION pgstattuple; in it. No restart is needed.'
        : 'Its files are not on the server either: install the contrib package of this PostgreSQL, then CREATE EXTENSION pgstattuple;',
    );
  }
  const user = quoteIdentifier(tool.user);
  if (!tool.mayUseSchema) {
    const grant = `GRANT USAGE ON SCHEMA ${quoteIdentifier(tool.schema)} TO ${user};`;
    throw new DatabaseError(
      'permission-denied',
      `${tool.user} may not use the schema of pgstattuple.`,
      `Grant it: ${grant}`,
    );
  }
  if (tool.mayExecute !== true) {
    const grant = `GRANT pg_stat_scan_tables TO ${user};`;
    throw new DatabaseError('permission-denied', `${tool.user} may not run ${name}.`, `Grant it: ${grant}`);
  }
  return tool.schema;
}

function explained(error: unknown, candidate: Candidate): unknown {
  if (!(error instanceof DatabaseError)) return error;
  if (error.reason === 'statement-timeout') {
    const limit = formatDuration(confirmLimitMs / 1000);
    return new DatabaseError(
      error.reason,
      `${candidate.name} was not measured within ${limit}.`,
      'Try at a quieter time.',
      error.code,
    );
  }
  if (error.reason === 'lock-timeout') {
    const message = `${candidate.name} is locked exclusively now, so it was not measured.`;
    return new DatabaseError(error.reason, message, 'Try again when the lock is free.', error.code);
  }
  if (error.code === '42P01' || error.code === 'XX000') {
    return new DatabaseError(
      'undefined-object',
      `${candidate.name} is not there any more.`,
      'Refresh the report.',
      error.code,
    );
  }
  return error;
}

/** `47.5 % free, 0.0 % dead`; of a b-tree what it wastes. */
export function confirmedText(confirmed: Confirmed): string {
  return confirmed.kind === 'table'
    ? `${formatPercent(confirmed.freePercent)} free, ${formatPercent(confirmed.deadPercent)} dead`
    : formatPercent(Math.max(0, confirmed.wastedPercent));
}

/** The measurement in sentences, with what is so by design. */
export function confirmedNotes(confirmed: Confirmed, candidate: Candidate): string[] {
  if (confirmed.kind === 'index') {
    return [
      `Leaves are ${formatPercent(confirmed.densityPercent)} full; built anew they would be ${candidate.fillfactor} % (fillfactor).`,
      `${formatInteger(confirmed.emptyPages)} pages are empty or deleted.`,
      `${formatPercent(Math.max(0, confirmed.wastedPercent))} of the index could be given back by REINDEX.`,
    ];
  }
  const kept = 100 - candidate.fillfactor;
  return [
    `${formatPercent(confirmed.freePercent)} is free for new rows, ${formatPercent(confirmed.deadPercent)} is dead rows.`,
    ...(kept > 0
      ? [`Of the free space ${kept} % of the table is kept free by design (fillfactor ${candidate.fillfactor}).`]
      : []),
    `${formatPercent(confirmed.scannedPercent)} of its pages were read; VACUUM had marked the others as free of dead rows.`,
  ];
}
