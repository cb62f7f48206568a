import { randomUUID } from 'node:crypto';
import type { ConnectionProfile } from '../../../src/core/connection/profile';
import type { ServerSnapshot } from '../../../src/core/monitor/snapshot';
import type { LabServer } from '../../lab/server';
import { activated } from './extension';
import { until } from './until';

/** Saves a connection to a server of the lab with its password in the secret storage, and connects it. */
export async function connectionTo(
  server: LabServer,
  options: { readonly name: string; readonly user?: string; readonly database?: string },
): Promise<ConnectionProfile> {
  const { profiles, passwords, monitor } = await activated();
  const { name, user = server.user, database = 'postgres' } = options;
  const target = { host: server.host, port: server.port, user, database };
  const profile: ConnectionProfile = { id: randomUUID(), name, environment: 'development', readOnly: false, target };
  await passwords.store(profile.id, server.password);
  await profiles.save(profile);
  await monitor.connect(profile.id);
  return profile;
}

/** Removes every connection with its password, as after each test file. */
export async function removeConnections(): Promise<void> {
  const { profiles, passwords, monitor } = await activated();
  for (const { id } of profiles.list()) {
    await monitor.disconnect(id);
    await profiles.remove(id);
    await passwords.remove(id);
  }
}

/** Waits for a snapshot of the connection that fits. */
export async function snapshotWhen(
  id: string,
  what: string,
  fits: (snapshot: ServerSnapshot) => boolean,
  limitMs?: number,
): Promise<ServerSnapshot> {
  const { monitor } = await activated();
  return until(
    what,
    () => {
      const snapshot = monitor.snapshot(id);
      return fits(snapshot) && snapshot;
    },
    limitMs,
  ).catch((error: unknown) => {
    const { status, statusReason } = monitor.snapshot(id);
    throw new Error(`${what}: it is ${status}, ${statusReason}`, { cause: error });
  });
}
