import type { ConnectionProfile } from '../core/connection/profile';
import { resolveConnection, type ResolvedConnection } from '../core/connection/resolve';
import type { SessionOpener } from '../core/ports/connections';
import { DatabaseError, isAbort, type DatabaseErrorReason } from '../core/ports/database-error';
import type { PasswordSource } from '../core/ports/passwords';
import type { Session } from '../core/ports/session';
import type { SystemAccess } from '../core/ports/system-access';
import { probeStatement } from './capabilities';
import { connectError } from './connect-error';
import { connectOnce, type ConnectedClient } from './pg-client';
import { PgSession } from './pg-session';
import { codeOf } from './server-error';
import { encryptionAttempts } from './tls';

/** Opens sessions with `pg` as libpq would: files, environment, TLS modes, and our own limits. */
export class PostgresOpener implements SessionOpener {
  constructor(
    private readonly passwords: PasswordSource,
    private readonly system: SystemAccess,
  ) {}

  async open(profile: ConnectionProfile, signal: AbortSignal): Promise<Session> {
    const stored = await this.passwords.password(profile.id);
    return openResolved(await resolveConnection(profile.target, this.system, stored), signal);
  }
}

/** Opens a session to a resolved place. Rejects with a DatabaseError or an AbortError; leaves nothing open then. */
export async function openResolved(at: ResolvedConnection, signal: AbortSignal): Promise<Session> {
  try {
    return await openSession(at, true, signal);
  } catch (error) {
    if (isAbort(error)) throw error;
    // PgBouncer answers startup parameters it does not know with this code and nothing finer.
    if (codeOf(error) === '08P01') return openSession(at, false, signal).catch((again: unknown) => fail(again, at));
    return fail(error, at);
  }
}

async function openSession(at: ResolvedConnection, withOptions: boolean, signal: AbortSignal): Promise<Session> {
  const connected = await connectByMode(at, withOptions, signal);
  const key = { host: at.address ?? at.host, port: at.port, ...connected };
  const session = new PgSession(connected.client, key, !withOptions);
  try {
    const [probe] = await session.read(probeStatement, signal);
    if (!probe) throw new DatabaseError('statement-failed', 'The server did not answer the first question.');
    const pooler = !withOptions || probe.backendPid !== connected.processId;
    session.know({ ...probe, pooler });
    return session;
  } catch (error) {
    await session.close();
    throw error;
  }
}

async function connectByMode(
  at: ResolvedConnection,
  withOptions: boolean,
  signal: AbortSignal,
): Promise<ConnectedClient> {
  const attempts = await encryptionAttempts(at);
  let tellTale: unknown;
  for (const encryption of attempts) {
    try {
      return await connectOnce(at, encryption, withOptions, signal);
    } catch (error) {
      if (isAbort(error)) throw error;
      const failure = withoutTls(error) ?? error;
      const { reason } = connectError(failure, at);
      // What the last way met is the truth, unless it was only the wrong way.
      if (tellTale === undefined || !onlyTheWrongWay.has(reason)) tellTale = failure;
      if (!onlyTheWrongWay.has(reason) && !couldBeTheWay.has(reason)) break;
    }
  }
  throw tellTale;
}

/** `prefer` and `allow` go on when the way of encryption was the trouble: refused by the server or by pg_hba.conf. */
const onlyTheWrongWay = new Set<DatabaseErrorReason>(['tls-not-supported', 'no-pg-hba-entry']);
const couldBeTheWay = new Set<DatabaseErrorReason>(['tls-failed', 'tls-untrusted', 'connection-lost']);

/** `pg` tells a server without TLS by its message only: there is no code to match. */
function withoutTls(error: unknown): DatabaseError | undefined {
  if (!(error instanceof Error) || error.message !== 'The server does not support SSL connections') return undefined;
  return new DatabaseError(
    'tls-not-supported',
    'The server does not offer TLS.',
    'Turn on ssl on the server, or use sslmode=prefer or disable if the network is trusted.',
  );
}

function fail(error: unknown, at: ResolvedConnection): never {
  throw isAbort(error) ? error : connectError(error, at);
}
