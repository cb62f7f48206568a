import { formatCount } from '../../format/quantities';
import { historyTables, usualHistoryTables } from '../../flyway/read-history';
import { quoteIdentifier } from '../../sql/identifier';
import { number, text, textOrNull, type RawRow } from '../../ports/row';
import type { Statement } from '../../ports/session';
import { tiers, type CheckDefinition } from '../check';
import { measured, nothingFound, stated } from '../finding';
import type { Finding } from '../signal';

interface HistoryTable {
  readonly schema: string;
  readonly table: string;
  readonly readable: boolean;
}

/** What a history table tells; without `applied` the role may not read it. */
export interface FlywayHistory extends HistoryTable {
  readonly applied?: number;
  /** The latest version that was applied and not undone; null: none. */
  readonly version?: string | null;
  readonly failed?: readonly { readonly version: string | null; readonly script: string }[];
}

/** Waits for no lock longer than the session's limit. */
export function historyStatement({ schema, table }: HistoryTable): Statement<Omit<FlywayHistory, keyof HistoryTable>> {
  const from = `${quoteIdentifier(schema)}.${quoteIdentifier(table)}`;
  return {
    name: 'Flyway history',
    text: `
SELECT (SELECT count(*) FROM ${from} AS h WHERE h.success AND h.type NOT IN ('SCHEMA', 'DELETE') AND h.type NOT LIKE 'UNDO%')::int AS applied,
  (SELECT h.version FROM ${from} AS h WHERE h.success AND h.version IS NOT NULL AND h.type NOT IN ('SCHEMA', 'DELETE')
    AND h.type NOT LIKE 'UNDO%' AND NOT EXISTS (SELECT FROM ${from} AS u WHERE u.version = h.version AND u.success
      AND (u.type LIKE 'UNDO%' OR u.type = 'DELETE') AND u.installed_rank > h.installed_rank)
    ORDER BY h.installed_rank DESC LIMIT 1)::text AS version,
  (SELECT coalesce(json_agg(json_build_object('version', h.version, 'script', h.script) ORDER BY h.installed_rank), '[]')
    FROM (SELECT * FROM ${from} AS f WHERE NOT f.success ORDER BY f.installed_rank DESC LIMIT 10) AS h)::text AS failed`,
    row: (raw: RawRow) => ({
      applied: number(raw, 'applied'),
      version: textOrNull(raw, 'version'),
      failed: JSON.parse(text(raw, 'failed')) as NonNullable<FlywayHistory['failed']>,
    }),
  };
}

export const flywayHistory: CheckDefinition<FlywayHistory> = {
  id: 'flyway-history',
  group: 'migrations',
  title: 'Flyway history',
  explanation:
    'What Flyway has applied to this database. After a failed migration it refuses to run until the failure is cleared up.',
  runbook: 'migration-rollback',
  tierMs: tiers.minute,
  read: async (query) => {
    const histories: FlywayHistory[] = [];
    for (const table of await query(historyTables(usualHistoryTables))) {
      const [history] = table.readable ? await query(historyStatement(table)) : [];
      histories.push({ ...table, ...history });
    }
    return histories;
  },
  evaluate: ({ now: { rows } }) => {
    if (rows.length === 0) return [nothingFound('flyway-history.failed', 'no Flyway history in this database')];
    return rows.flatMap((history) => findingsOf(history, rows.length > 1 ? `${history.schema}: ` : ''));
  },
};

function findingsOf(history: FlywayHistory, prefix: string): Finding[] {
  const { schema, table, applied, version, failed = [] } = history;
  const subject = `${schema}.${table}`;
  if (applied === undefined) {
    return [
      stated('flyway-history.hidden', subject, 'hint', {
        words: `${prefix}Flyway history is hidden from this role`,
        lines: [`Reading ${subject} takes USAGE on its schema and SELECT on it; pg_monitor has neither.`],
        change: `GRANT USAGE ON SCHEMA ${quoteIdentifier(schema)} TO the_role; GRANT SELECT ON ${quoteIdentifier(schema)}.${quoteIdentifier(table)} TO the_role;`,
      }),
    ];
  }
  const at = version === null || version === undefined ? 'no version' : `V${version}`;
  return [
    ...failed.map((row) =>
      stated('flyway-history.failure', `${subject} ${row.script}`, 'critical', {
        words: `${prefix}migration FAILED: ${row.script}`,
        lines: [
          'See first what it has left behind; then fix forward, or run a proven undo.',
          'Never write the history table by hand. flyway repair removes the row, so that the migration runs AGAIN.',
        ],
      }),
    ),
    measured('flyway-history.failed', subject, failed.length, 'count', null, {
      words: `${prefix}${at} · ${formatCount(applied, 'migration')} applied`,
      lines: [`From ${subject}. Which scripts are pending is known with the workspace they come from.`],
    }),
  ];
}
