import { ConnectionMonitor } from '../../src/core/monitor/connection-monitor';
import { FakeClock } from '../database/support/fake-clock';
import { labOpener, profileOf, quietLog, TestProfiles } from '../database/support/monitor';
import { settingsOf } from '../database/support/settings';
import { heapInUse } from '../lab/collect-garbage';
import { until } from '../lab/faults';
import { startLab } from '../lab/lab';
import { median, type Measurement } from './measurement';

const connections = 200;
const databases = 20;
const rounds = 9;
const intervalMs = 5000;

/** Two hundred connections, watched all at once: what a round of the 5 s tier takes, and what they keep in memory. */
export async function measureConnections(): Promise<Measurement[]> {
  const lab = await startLab({ settings: { max_connections: String(connections + 30) } });
  try {
    for (let i = 0; i < databases; i++) await lab.primary.run(`CREATE DATABASE crowd_${i}`);
    const ids = Array.from({ length: connections }, (_, i) => `crowd ${i}`);
    const profiles = ids.map((id, i) =>
      profileOf(lab.primary, id, { database: `crowd_${i % databases}`, user: 'monitor' }),
    );
    const clock = new FakeClock();
    const settings = settingsOf({ intervalMs });
    const idle = heapInUse();
    const monitor = new ConnectionMonitor(new TestProfiles(profiles), labOpener, clock, quietLog, settings);
    try {
      for (let first = 0; first < connections; first += 20)
        await Promise.all(ids.slice(first, first + 20).map((id) => monitor.connect(id)));
      const allRead = (): boolean => ids.every((id) => monitor.snapshot(id).lastSeen === clock.now());
      const isChecked = (id: string): boolean =>
        monitor.snapshot(id).signals.length > 0 &&
        monitor.snapshot(id).signals.every(({ at, problem, absent }) => at ?? problem ?? absent);
      await until(
        'all checks are read',
        () => Promise.resolve((clock.advance(intervalMs), ids.every(isChecked))),
        300_000,
      );
      const times: number[] = [];
      for (let round = 0; round < rounds; round++) {
        // What the round before left to do, its checks too, is over: no reading runs beside the one that is measured.
        await new Promise((resolve) => setTimeout(resolve, 1500));
        const began = performance.now();
        clock.advance(intervalMs);
        await until('the round is over', () => Promise.resolve(allRead()), 60_000);
        times.push(performance.now() - began);
      }
      const memory = (heapInUse() - idle) / 1024 ** 2;
      return [
        {
          what: `One round of ${connections} connections`,
          value: median(times),
          unit: 'ms',
          budget: 500,
          note: `median of ${rounds}, over ${databases} databases of one server; the quickest ${Math.round(Math.min(...times))}`,
        },
        {
          what: `Memory of ${connections} connections`,
          value: memory,
          unit: 'MiB',
          budget: 40,
          note: 'heap over idle',
        },
      ];
    } finally {
      await monitor.close();
    }
  } finally {
    await lab.stop();
  }
}
