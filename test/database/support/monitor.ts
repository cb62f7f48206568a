import type { ConnectionProfile, ConnectionTarget } from '../../../src/core/connection/profile';
import { ConnectionMonitor } from '../../../src/core/monitor/connection-monitor';
import type { ServerSnapshot } from '../../../src/core/monitor/snapshot';
import { systemClock } from '../../../src/core/ports/clock';
import { Emitter } from '../../../src/core/ports/emitter';
import type { Log } from '../../../src/core/ports/log';
import { localSystem } from '../../../src/postgres/local-system';
import { PostgresOpener } from '../../../src/postgres/postgres-opener';
import type { LabServer } from '../../lab/server';
import { labPassword } from '../../lab/lab';
import { settingsOf } from './settings';

export const quietLog: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

export const labOpener = new PostgresOpener(
  { password: () => Promise.resolve(labPassword) },
  { ...localSystem(), environment: {}, homeDirectory: '/nonexistent' },
);

export function profileOf(server: LabServer, id: string, extra: ConnectionTarget = {}): ConnectionProfile {
  const target = { host: server.host, port: server.port, database: 'postgres', user: 'postgres', ...extra };
  return { id, name: id, environment: 'development', readOnly: false, target };
}

/** The profiles of a test, which can be changed while it runs. */
export class TestProfiles {
  private readonly changes = new Emitter<void>();
  readonly onDidChange = this.changes.event;
  constructor(private profiles: readonly ConnectionProfile[]) {}
  list(): readonly ConnectionProfile[] {
    return this.profiles;
  }
  find(id: string): ConnectionProfile | undefined {
    return this.profiles.find((profile) => profile.id === id);
  }
  replace(profiles: readonly ConnectionProfile[]): void {
    this.profiles = profiles;
    this.changes.fire();
  }
}

/** A monitor over real servers that polls every `intervalMs`. */
export function realMonitor(profiles: TestProfiles, intervalMs = 500): ConnectionMonitor {
  return new ConnectionMonitor(profiles, labOpener, systemClock, quietLog, settingsOf({ intervalMs }));
}

/** Resolves with the first snapshot that fits; rejects after `limitMs` with the last one. Returns the ms it took. */
export async function eventually(
  monitor: ConnectionMonitor,
  id: string,
  what: string,
  fits: (snapshot: ServerSnapshot) => boolean,
  limitMs: number,
): Promise<{ snapshot: ServerSnapshot; tookMs: number }> {
  const start = Date.now();
  for (;;) {
    const snapshot = monitor.snapshot(id);
    if (fits(snapshot)) return { snapshot, tookMs: Date.now() - start };
    if (Date.now() - start > limitMs) {
      const shown = JSON.stringify(
        snapshot,
        (_, value: unknown) => (value instanceof Map ? [...(value as Map<unknown, unknown>).values()] : value),
        1,
      );
      throw new Error(`Not within ${limitMs} ms: ${what}. Last: ${shown}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
