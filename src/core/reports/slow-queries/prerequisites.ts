import { flag, number, textOrNull, text, type RawRow } from '../../ports/row';
import type { Statement } from '../../ports/session';

/** Everything that decides whether pg_stat_statements can be read. Null where the role may not see it or it is missing. */
export interface Prerequisites {
  /** The extension's version in this database; null: not created. */
  readonly version: string | null;
  readonly schema: string | null;
  /** The version that this server would create; null: its files are not installed. */
  readonly available: string | null;
  readonly mayUseSchema: boolean;
  /** `shared_preload_libraries` as set. */
  readonly preloaded: string | null;
  /** 14 and newer. */
  readonly computeQueryId: string | null;
  /** `pg_stat_statements.track`; null when the library is not loaded. */
  readonly track: string | null;
  readonly seesAll: boolean;
  readonly versionNum: number;
  readonly user: string;
  readonly database: string;
}

/** Asked anew at each reading: an extension created meanwhile counts at once. Right for 12 to 18 and any role. */
export const prerequisitesStatement: Statement<Prerequisites> = {
  name: 'prerequisites of pg_stat_statements',
  text: `
SELECT e.extversion AS version, n.nspname::text AS schema_name,
  (SELECT a.default_version FROM pg_catalog.pg_available_extensions AS a WHERE a.name = 'pg_stat_statements') AS available,
  coalesce(pg_catalog.has_schema_privilege(n.oid, 'USAGE'), false) AS may_use_schema,
  (SELECT s.setting FROM pg_catalog.pg_settings AS s WHERE s.name = 'shared_preload_libraries') AS preloaded,
  (SELECT s.setting FROM pg_catalog.pg_settings AS s WHERE s.name = 'compute_query_id') AS compute_query_id,
  (SELECT s.setting FROM pg_catalog.pg_settings AS s WHERE s.name = 'pg_stat_statements.track') AS track,
  pg_catalog.pg_has_role(current_user, 'pg_read_all_stats', 'usage') AS sees_all,
  pg_catalog.current_setting('server_version_num')::int4 AS version_num,
  current_user::text AS user_name, current_database()::text AS database_name
FROM (SELECT 1) AS one
LEFT JOIN pg_catalog.pg_extension AS e ON e.extname = 'pg_stat_statements'
LEFT JOIN pg_catalog.pg_namespace AS n ON n.oid = e.extnamespace`,
  row: (raw: RawRow) => ({
    version: textOrNull(raw, 'version'),
    schema: textOrNull(raw, 'schema_name'),
    available: textOrNull(raw, 'available'),
    mayUseSchema: flag(raw, 'may_use_schema'),
    preloaded: textOrNull(raw, 'preloaded'),
    computeQueryId: textOrNull(raw, 'compute_query_id'),
    track: textOrNull(raw, 'track'),
    seesAll: flag(raw, 'sees_all'),
    versionNum: number(raw, 'version_num'),
    user: text(raw, 'user_name'),
    database: text(raw, 'database_name'),
  }),
};

/** The library is named among those loaded at the start; undefined when the role may not see them. */
export function isPreloaded(preloaded: string | null): boolean | undefined {
  if (preloaded === null) return undefined;
  const names = preloaded.split(',').map((part) => part.trim().replace(/^"(.*)"$/, '$1'));
  return names.some((name) => /(?:^|\/)pg_stat_statements(?:\.so)?$/.test(name));
}
