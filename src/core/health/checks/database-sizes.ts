import { formatBytes, formatDuration } from '../../format/quantities';
import { numberOrNull, text, type RawRow } from '../../ports/row';
import type { Statement } from '../../ports/session';
import { tiers, type CheckDefinition, type Samples } from '../check';
import { measured } from '../finding';
import type { Finding } from '../signal';

export interface DatabaseSize {
  readonly database: string;
  /** Null where the role may not connect. */
  readonly bytes: number | null;
}

/** 12 to 18; waits for no lock. */
export const databaseSizesStatement: Statement<DatabaseSize> = {
  name: 'sizes of databases',
  text: `
SELECT d.datname::text AS name, CASE WHEN pg_catalog.has_database_privilege(d.oid, 'CONNECT')
  OR pg_catalog.pg_has_role(current_user, 'pg_read_all_stats', 'usage') THEN pg_catalog.pg_database_size(d.oid) END::float8 AS bytes
FROM pg_catalog.pg_database AS d WHERE d.datallowconn ORDER BY d.datname LIMIT 200`,
  row: (raw: RawRow) => ({ database: text(raw, 'name'), bytes: numberOrNull(raw, 'bytes') }),
};

const dayMs = 86_400_000;
/** Growth over less time than this is no trend. In ms. */
const shortestMs = 1_800_000;

export const databaseSizes: CheckDefinition<DatabaseSize> = {
  id: 'database-sizes',
  group: 'size',
  title: 'Sizes of databases',
  explanation: 'What each database takes on disk, and how much it grows in a day as far as it was watched.',
  runbook: 'scaling',
  tierMs: tiers.quarter,
  keepMs: dayMs,
  read: (query) => query(databaseSizesStatement),
  evaluate: (samples) => {
    const known = samples.now.rows.filter((row) => row.bytes !== null);
    const all = known.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0);
    const hidden = samples.now.rows.length - known.length;
    return [
      measured('database-sizes.all', '', hidden > 0 ? null : all, 'bytes', null, {
        ...(hidden > 0 && { severity: 'hint' }),
        words:
          hidden > 0
            ? `sizes of ${hidden} databases are hidden from this role`
            : `all databases together ${formatBytes(all)}`,
      }),
      ...known.map(({ database, bytes }) =>
        measured('database-sizes.bytes', database, bytes, 'bytes', null, {
          words: `${database}: ${formatBytes(bytes ?? 0)}`,
        }),
      ),
      ...known.flatMap(({ database }) => growth(database, samples)),
    ];
  },
};

function growth(database: string, { now, earlier }: Samples<DatabaseSize>): Finding[] {
  const bytesIn = (rows: readonly DatabaseSize[]): number | null =>
    rows.find((row) => row.database === database)?.bytes ?? null;
  const first = earlier.find(({ rows }) => bytesIn(rows) !== null);
  if (!first || now.at - first.at < shortestMs) return [];
  const by = (bytesIn(now.rows) ?? 0) - (bytesIn(first.rows) ?? 0);
  const overMs = now.at - first.at;
  const daily = (by * dayMs) / overMs;
  return [
    measured('database-sizes.growth', database, daily, 'bytes/day', null, {
      words: `${database} ${by < 0 ? 'shrinks' : 'grows'} by ${formatBytes(Math.abs(daily))} a day`,
      lines: [`Measured over ${formatDuration(overMs / 1000)}.`],
    }),
  ];
}
