import type { ConnectionProfile } from '../core/connection/profile';
import { resolveConnection, type ResolvedConnection } from '../core/connection/resolve';
import type { SessionOpener } from '../core/ports/connections';
import { DatabaseError } from '../core/ports/database-error';
import type { PasswordSource } from '../core/ports/passwords';
import type { Session } from '../core/ports/session';
import type { SystemAccess } from '../core/ports/system-access';
import { probe } from './capabilities';
import type { Link } from './connect';
import { placeOf } from './connect-error';
import { connectInAnyWay, withinTimeout } from './connect-ways';
import { commonParameters, directParameters } from './session-settings';
import { PostgresSession } from './session';
import type { StartupParameters } from './startup-client';

/** The SQLSTATE of a pooler's every refusal, and of PostgreSQL's for messages it does not understand. */
const protocolViolation = '08P01';

/** Opens sessions as libpq would: service file, environment, password file, TLS modes. */
export class PostgresOpener implements SessionOpener {
  constructor(
    private readonly passwords: PasswordSource,
    private readonly system: SystemAccess,
  ) {}

  /** Rejects with a DatabaseError, or with an AbortError when the signal is aborted. */
  async open(profile: ConnectionProfile, signal: AbortSignal): Promise<Session> {
    const at = await resolveConnection(profile.target, this.system, await this.passwords.password(profile.id));
    return withinTimeout(at, signal, (attempt) => this.openWithin(at, attempt));
  }

  private async openWithin(at: ResolvedConnection, signal: AbortSignal): Promise<Session> {
    const direct = await this.tryParameters(at, directParameters, signal);
    if (direct !== 'pooler') return direct;
    const pooled = await this.tryParameters(at, commonParameters, signal);
    if (pooled === 'pooler') throw new Error('A session without parameters takes a pooler as it is.');
    return pooled;
  }

  /** A session with these parameters, or the news that a pooler stands between and must be met without them. */
  private async tryParameters(
    at: ResolvedConnection,
    parameters: StartupParameters,
    signal: AbortSignal,
  ): Promise<PostgresSession | 'pooler'> {
    const wantsDirect = parameters === directParameters;
    let link: Link;
    try {
      link = await connectInAnyWay(at, parameters, signal);
    } catch (error) {
      if (wantsDirect && error instanceof DatabaseError && error.code === protocolViolation) return 'pooler';
      throw error;
    }
    const session = new PostgresSession(link, placeOf(at), wantsDirect);
    try {
      const [found] = await session.read(probe, signal);
      if (!found) throw new Error('The probe returned no row.');
      const pooler = link.client.processID !== found.backendPid;
      session.identify({ ...found, pooler });
      if (!pooler || !wantsDirect) return session;
    } catch (error) {
      void session.close();
      throw error;
    }
    await session.close();
    return 'pooler';
  }
}
