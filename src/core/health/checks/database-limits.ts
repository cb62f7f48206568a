import { number, text, type RawRow } from '../../ports/row';
import type { Statement } from '../../ports/session';
import { tiers, type CheckDefinition } from '../check';
import { measured, nothingFound } from '../finding';
import { standardOf } from '../standard-limits';

/** A database with a limit of its own, and how much of it is used. */
export interface DatabaseLimit {
  readonly database: string;
  readonly used: number;
  readonly limit: number;
}

/** Who is where is no secret: a role without privilege counts right too, background workers included. 12 to 18. */
export const databaseLimitsStatement: Statement<DatabaseLimit> = {
  name: 'connection limits of databases',
  text: `
SELECT d.datname::text AS name, d.datconnlimit AS connection_limit,
  (SELECT count(*) FROM pg_catalog.pg_stat_get_activity(NULL) AS a WHERE a.datid = d.oid AND a.usesysid IS NOT NULL
    AND coalesce(a.backend_type, 'client backend') = 'client backend')::int AS used
FROM pg_catalog.pg_database AS d WHERE d.datconnlimit > 0 ORDER BY d.datname LIMIT 50`,
  row: (raw: RawRow) => ({
    database: text(raw, 'name'),
    used: number(raw, 'used'),
    limit: number(raw, 'connection_limit'),
  }),
};

export const databaseLimits: CheckDefinition<DatabaseLimit> = {
  id: 'database-limits',
  group: 'pool',
  title: 'Connection limits of databases',
  explanation:
    'A database may allow fewer sessions than the server (ALTER DATABASE … CONNECTION LIMIT); beyond them a login fails although the server has room.',
  runbook: 'pool-exhaustion',
  tierMs: tiers.minute,
  read: (query) => query(databaseLimitsStatement),
  evaluate: ({ now: { rows } }, { limits }) => {
    const threshold = limits('database-limits.used', standardOf('database-limits.used'));
    if (rows.length === 0) return [nothingFound('database-limits.used', 'no database has a limit of its own')];
    return rows.map(({ database, used, limit }) =>
      measured('database-limits.used', database, used / limit, 'ratio', threshold, {
        words: `database ${database}: ${used} of its ${limit} sessions`,
      }),
    );
  },
};
