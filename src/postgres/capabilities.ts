import { flag, flagOrNull, number, text, textOrNull } from '../core/ports/row';
import type { Capabilities, Statement } from '../core/ports/session';

/** What the probe reads; whether a pooler stands between is known only together with the client's own pid. */
export type ProbedCapabilities = Omit<Capabilities, 'pooler'>;

/**
 * Everything about the server and the role in one round trip, for PostgreSQL 12 to 18, a standby, and a role without
 * any privilege. `pg_settings` leaves out what the role may not read, where `current_setting` would fail.
 */
export const probe: Statement<ProbedCapabilities> = {
  name: 'capabilities',
  text: `
    SELECT pg_catalog.current_setting('server_version_num')::int4 AS version_num,
      pg_catalog.current_setting('server_version') AS version,
      pg_catalog.pg_is_in_recovery() AS in_recovery,
      current_user::text AS user_name,
      pg_catalog.current_database()::text AS database_name,
      (SELECT r.rolsuper FROM pg_catalog.pg_roles r WHERE r.rolname = current_user) AS superuser,
      pg_catalog.pg_has_role(current_user, 'pg_read_all_stats', 'usage') AS sees_all,
      pg_catalog.pg_has_role(current_user, 'pg_signal_backend', 'usage') AS may_signal,
      pg_catalog.pg_backend_pid() AS pid,
      pg_catalog.pg_postmaster_start_time()::text AS started_at,
      (SELECT s.setting FROM pg_catalog.pg_settings s WHERE s.name = 'shared_preload_libraries') AS preloaded,
      (SELECT pg_catalog.json_agg(pg_catalog.json_build_array(e.extname, e.extversion, n.nspname))
         FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace) AS extensions`,
  row: (raw) => {
    const versionNum = number(raw, 'version_num');
    const preloaded = textOrNull(raw, 'preloaded');
    return {
      versionNum,
      // Distributions append their own text: "17.2 (Debian 17.2-1)".
      version: text(raw, 'version').split(' ')[0] ?? '',
      major: Math.floor(versionNum / 10_000),
      inRecovery: flag(raw, 'in_recovery'),
      user: text(raw, 'user_name'),
      database: text(raw, 'database_name'),
      superuser: flagOrNull(raw, 'superuser') ?? false,
      seesAllSessions: flag(raw, 'sees_all'),
      maySignal: flag(raw, 'may_signal'),
      extensions: readExtensions(raw['extensions']),
      preloadedLibraries: preloaded === null ? null : readList(preloaded),
      backendPid: number(raw, 'pid'),
      startedAt: text(raw, 'started_at'),
    };
  },
};

function readExtensions(value: unknown): Capabilities['extensions'] {
  const found = new Map<string, { version: string; schema: string }>();
  if (!Array.isArray(value)) return found;
  for (const item of value as unknown[]) {
    if (!Array.isArray(item)) continue;
    const [name, version, schema] = item as unknown[];
    if (typeof name === 'string' && typeof version === 'string' && typeof schema === 'string') {
      found.set(name, { version, schema });
    }
  }
  return found;
}

/** `shared_preload_libraries` as the server splits it: by commas, with optional quotes and paths. */
function readList(setting: string): string[] {
  return setting
    .split(',')
    .map((part) => part.trim().replace(/^"(.*)"$/, '$1'))
    .filter((part) => part !== '');
}
