import pg from 'pg';
import type { ResolvedConnection } from '../core/connection/resolve';
import { DatabaseError } from '../core/ports/database-error';
import { MissingPassword, timeout } from './connect-error';
import type { Encryption } from './tls';

/** Limits of a session in ms, set at its start where no pooler stands between. */
export const sessionLimits = { statementMs: 5000, lockMs: 500, idleInTransactionMs: 60_000 } as const;

/**
 * Startup options of a direct connection: read-only, with time-outs, and a search_path that no user can put functions
 * into. A pooler refuses them or hands them to others: there they are sent with each statement.
 */
const startupOptions = [
  'default_transaction_read_only=on',
  `statement_timeout=${sessionLimits.statementMs}`,
  `lock_timeout=${sessionLimits.lockMs}`,
  `idle_in_transaction_session_timeout=${sessionLimits.idleInTransactionMs}`,
  'search_path=pg_catalog',
  'DateStyle=ISO',
  'IntervalStyle=postgres',
]
  .map((setting) => `-c ${setting}`)
  .join(' ');

/** Dates keep their microseconds and int8 its digits: both stay text until a reader decides. */
const textTypes = new Set<number>([20, 1082, 1083, 1114, 1184, 1266, 1186, 1700]);
const asText = (value: string): string => value;
const defaultParser = pg.types.getTypeParser as (id: number, format?: 'text' | 'binary') => (value: string) => unknown;
const types: pg.CustomTypesConfig = {
  getTypeParser: (id: number, format?: 'text' | 'binary') => (textTypes.has(id) ? asText : defaultParser(id, format)),
};

/** A client that is connected, and what is needed to cancel its statements. */
export interface ConnectedClient {
  readonly client: pg.Client;
  readonly processId: number;
  readonly secretKey: number;
  readonly encrypted: boolean;
}

/** Opens one connection by one way of encryption. Rejects with whatever `pg` or Node says, or an AbortError. */
export async function connectOnce(
  at: ResolvedConnection,
  encryption: Encryption,
  withOptions: boolean,
  signal: AbortSignal,
): Promise<ConnectedClient> {
  signal.throwIfAborted();
  const asked = { missing: false };
  const client = new pg.Client({
    host: at.address ?? at.host,
    port: at.port,
    user: at.user,
    database: at.database,
    password: () => {
      if (at.password === undefined) {
        asked.missing = true;
        throw new MissingPassword();
      }
      return at.password.value;
    },
    ssl: encryption === false ? false : { ...encryption },
    application_name: 'db-ops-panel',
    keepAlive: true,
    keepAliveInitialDelayMillis: 30_000,
    types,
    ...(withOptions ? { options: startupOptions } : {}),
  });
  // Without a listener an error of a dying connection would end the whole extension host.
  client.on('error', () => undefined);
  const opening = client.connect();
  opening.catch(() => undefined);
  let timer: NodeJS.Timeout | undefined;
  let onAbort: (() => void) | undefined;
  try {
    await Promise.race([
      opening,
      new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(timeout(`${at.host}:${at.port}`, at.connectTimeoutMs)), at.connectTimeoutMs);
        onAbort = () =>
          reject(signal.reason instanceof Error ? signal.reason : new DOMException('Aborted', 'AbortError'));
        signal.addEventListener('abort', onAbort);
      }),
    ]);
  } catch (error) {
    destroy(client);
    throw asked.missing ? new MissingPassword() : error;
  } finally {
    clearTimeout(timer);
    if (onAbort) signal.removeEventListener('abort', onAbort);
  }
  const { processID, secretKey } = client as unknown as { processID: number | null; secretKey: number | null };
  if (processID === null || secretKey === null) {
    destroy(client);
    throw new DatabaseError('connection-lost', `${at.host}:${at.port} gave no key for its session.`);
  }
  return { client, processId: processID, secretKey, encrypted: encryption !== false };
}

/** Drops the connection at once, without a farewell that a hanging server would never answer. */
export function destroy(client: pg.Client): void {
  const { connection } = client as unknown as { connection?: { stream?: { destroy(): void } } };
  connection?.stream?.destroy();
}
