import type { ConnectionProfile } from '../core/connection/profile';
import type { SessionOpener } from '../core/ports/connections';
import type { PasswordSource } from '../core/ports/passwords';
import type { Session } from '../core/ports/session';

/** Opens sessions with the driver, which is loaded when the first one is opened: activation stays light. */
export class LazyOpener implements SessionOpener {
  constructor(private readonly passwords: PasswordSource) {}

  async open(profile: ConnectionProfile, signal: AbortSignal): Promise<Session> {
    const [{ PostgresOpener }, { localSystem }] = await Promise.all([
      import('../postgres/postgres-opener'),
      import('../postgres/local-system'),
    ]);
    return new PostgresOpener(this.passwords, localSystem()).open(profile, signal);
  }
}

/** The service names of this machine's service files. */
export async function localServices(): Promise<readonly string[]> {
  const [{ localSystem }, { serviceFiles }, { serviceNames }] = await Promise.all([
    import('../postgres/local-system'),
    import('../core/connection/service-lookup'),
    import('../core/connection/service-file'),
  ]);
  const system = localSystem();
  const files = await Promise.all(serviceFiles(system).map((file) => system.readText(file)));
  return [...new Set(files.flatMap((content) => (content === undefined ? [] : serviceNames(content))))];
}
