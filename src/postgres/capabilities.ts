import { flag, flagOrNull, number, text, textOrNull, type RawRow } from '../core/ports/row';
import type { Capabilities, Statement } from '../core/ports/session';

/** What one row of the probe says; the backend's pid at the client tells a pooler. */
export type Probe = Omit<Capabilities, 'pooler'>;

/** One round trip, right for 12 to 18, for a role without any privilege and on a standby. */
export const probeStatement: Statement<Probe> = {
  name: 'capabilities',
  text: `
SELECT current_setting('server_version_num')::int AS version_num,
  current_setting('server_version') AS version,
  pg_catalog.pg_is_in_recovery() AS in_recovery,
  current_user::text AS user_name,
  current_database()::text AS database_name,
  (SELECT r.rolsuper FROM pg_catalog.pg_roles AS r WHERE r.rolname = current_user) AS superuser,
  pg_catalog.pg_has_role(current_user, 'pg_read_all_stats', 'usage') AS sees_all,
  pg_catalog.pg_has_role(current_user, 'pg_signal_backend', 'usage') AS may_signal,
  CASE WHEN pg_catalog.pg_has_role(current_user, 'pg_read_all_settings', 'usage')
    THEN current_setting('shared_preload_libraries') END AS preloaded,
  (SELECT coalesce(json_agg(json_build_object('name', e.extname, 'version', e.extversion, 'schema', n.nspname)), '[]')::text
     FROM pg_catalog.pg_extension AS e JOIN pg_catalog.pg_namespace AS n ON n.oid = e.extnamespace) AS extensions,
  pg_catalog.pg_backend_pid() AS backend_pid,
  pg_catalog.pg_postmaster_start_time()::text AS started_at`,
  row: readProbe,
};

function readProbe(raw: RawRow): Probe {
  const versionNum = number(raw, 'version_num');
  const superuser = flagOrNull(raw, 'superuser') ?? false;
  const preloaded = textOrNull(raw, 'preloaded');
  const extensions = JSON.parse(text(raw, 'extensions')) as readonly {
    name: string;
    version: string;
    schema: string;
  }[];
  return {
    versionNum,
    version: /^[\d.]+\w*/.exec(text(raw, 'version'))?.[0] ?? String(versionNum),
    major: Math.floor(versionNum / 10_000),
    inRecovery: flag(raw, 'in_recovery'),
    user: text(raw, 'user_name'),
    database: text(raw, 'database_name'),
    superuser,
    seesAllSessions: superuser || flag(raw, 'sees_all'),
    maySignal: superuser || flag(raw, 'may_signal'),
    extensions: new Map(extensions.map(({ name, version, schema }) => [name, { version, schema }])),
    preloadedLibraries:
      preloaded === null
        ? null
        : preloaded
            .split(',')
            .map((name) => name.trim().replaceAll('"', ''))
            .filter(Boolean),
    backendPid: number(raw, 'backend_pid'),
    startedAt: text(raw, 'started_at'),
  };
}
