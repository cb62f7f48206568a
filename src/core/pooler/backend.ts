import { number, numberOrNull, textOrNull, type RawRow } from '../ports/row';
import type { Statement } from '../ports/session';

/** A backend as the chain needs it. Under a limited view everything but pid, database and user is null. */
export interface Backend {
  readonly pid: number;
  readonly database: string | null;
  readonly user: string | null;
  readonly application: string | null;
  readonly clientAddress: string | null;
  readonly clientPort: number | null;
  readonly state: string | null;
  readonly waitEventType: string | null;
  readonly queryAgeS: number | null;
  readonly stateAgeS: number | null;
  readonly transactionAgeS: number | null;
  readonly query: string | null;
}

/** More backends than this are not looked at: a pooler's pool is far smaller. */
const mostBackends = 1000;

/** The client backends of this server, for the chain; read when someone opens it, not at every poll. */
export const backendsStatement: Statement<Backend> = {
  name: 'backends',
  text: `
SELECT a.pid, a.datname::text AS datname, a.usename::text AS usename, a.application_name,
  pg_catalog.host(a.client_addr) AS client_addr, a.client_port, a.state, a.wait_event_type,
  extract(epoch FROM clock_timestamp() - a.query_start)::float8 AS query_s,
  extract(epoch FROM clock_timestamp() - a.state_change)::float8 AS state_s,
  extract(epoch FROM clock_timestamp() - a.xact_start)::float8 AS xact_s, left(a.query, 2000) AS query
FROM pg_catalog.pg_stat_activity AS a
WHERE a.datname IS NOT NULL AND (a.backend_type = 'client backend' OR a.backend_type IS NULL)
  AND a.pid <> pg_catalog.pg_backend_pid()
ORDER BY a.xact_start NULLS LAST, a.pid LIMIT ${mostBackends}`,
  row: readBackend,
};

function readBackend(raw: RawRow): Backend {
  return {
    pid: number(raw, 'pid'),
    database: textOrNull(raw, 'datname'),
    user: textOrNull(raw, 'usename'),
    application: textOrNull(raw, 'application_name'),
    clientAddress: textOrNull(raw, 'client_addr'),
    clientPort: numberOrNull(raw, 'client_port'),
    state: textOrNull(raw, 'state'),
    waitEventType: textOrNull(raw, 'wait_event_type'),
    queryAgeS: numberOrNull(raw, 'query_s'),
    stateAgeS: numberOrNull(raw, 'state_s'),
    transactionAgeS: numberOrNull(raw, 'xact_s'),
    query: textOrNull(raw, 'query'),
  };
}
