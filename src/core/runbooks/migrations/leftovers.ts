import { invalidIndexesStatement, type InvalidIndex } from '../../health/checks/invalid-indexes';
import { number, numberOrNull, text, textOrNull, type RawRow } from '../../ports/row';
import type { Session, Statement } from '../../ports/session';
import { maskSecrets } from '../../sql/mask-secrets';

/** A constraint that was added and never proved on the rows that were there. */
export interface OpenConstraint {
  readonly oid: number;
  readonly schema: string;
  readonly table: string;
  readonly name: string;
  readonly kind: string;
}

/** NOT VALID is often meant: a later migration validates. Foreign keys and checks; NOT NULL from 18 on. */
export const openConstraintsStatement: Statement<OpenConstraint> = {
  name: 'constraints that are not valid',
  text: `
SELECT k.oid::bigint::float8 AS oid, n.nspname::text AS schema_name, c.relname::text AS table_name, k.conname::text AS name,
  CASE k.contype WHEN 'f' THEN 'foreign key' WHEN 'c' THEN 'check' ELSE 'not null' END AS kind
FROM pg_catalog.pg_constraint AS k JOIN pg_catalog.pg_class AS c ON c.oid = k.conrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE NOT k.convalidated AND k.conparentid = 0 ORDER BY 2, 3, 4 LIMIT 50`,
  row: (raw: RawRow) => ({
    oid: number(raw, 'oid'),
    schema: text(raw, 'schema_name'),
    table: text(raw, 'table_name'),
    name: text(raw, 'name'),
    kind: text(raw, 'kind'),
  }),
};

/** A session that migrates now: by its name, by its advisory lock, or by the DDL it runs. */
export interface MigratingSession {
  readonly pid: number;
  readonly application: string;
  readonly user: string | null;
  readonly state: string | null;
  readonly ageS: number | null;
  readonly waits: string | null;
  readonly query: string;
  /** Sessions in whose way it stands cannot be it: these stand in its way. */
  readonly blockedBy: readonly number[];
}

const ddl = '^\\s*(alter|create|drop|reindex|vacuum|truncate|refresh|comment|grant|revoke|cluster)\\s';

/** Under a limited view nobody is seen: that is told by the caller. 12 to 18. */
export const migratingSessionsStatement: Statement<MigratingSession> = {
  name: 'sessions that migrate',
  text: `
SELECT a.pid, coalesce(a.application_name, '') AS application, a.usename::text AS usename, a.state,
  extract(epoch FROM clock_timestamp() - a.xact_start)::float8 AS age_s, a.wait_event_type || ': ' || a.wait_event AS waits,
  left(a.query, 500) AS query,
  coalesce((SELECT json_agg(b.pid) FROM unnest(pg_catalog.pg_blocking_pids(a.pid)) AS b(pid)), '[]')::text AS blocked_by
FROM pg_catalog.pg_stat_activity AS a
WHERE a.datname = current_database() AND a.pid <> pg_catalog.pg_backend_pid() AND a.backend_type = 'client backend'
  AND a.application_name IS DISTINCT FROM 'db-ops-panel'
  AND (a.application_name ~* '(flyway|liquibase|migrat)' OR (a.state = 'active' AND a.query ~* '${ddl}')
    OR (a.state <> 'idle' AND a.query ~* 'flyway_schema_history'))
ORDER BY a.xact_start NULLS LAST LIMIT 20`,
  row: (raw: RawRow) => ({
    pid: number(raw, 'pid'),
    application: text(raw, 'application'),
    user: textOrNull(raw, 'usename'),
    state: textOrNull(raw, 'state'),
    ageS: numberOrNull(raw, 'age_s'),
    waits: textOrNull(raw, 'waits'),
    query: maskSecrets(text(raw, 'query')),
    blockedBy: JSON.parse(text(raw, 'blocked_by')) as readonly number[],
  }),
};

/** What a migration may leave behind beside its row. */
export interface Leftovers {
  readonly indexes: readonly InvalidIndex[];
  readonly constraints: readonly OpenConstraint[];
}

export async function readLeftovers(session: Session, signal: AbortSignal): Promise<Leftovers> {
  return {
    indexes: await session.read(invalidIndexesStatement, signal),
    constraints: await session.read(openConstraintsStatement, signal),
  };
}
