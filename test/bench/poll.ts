import type pg from 'pg';
import { Readings } from '../../src/core/monitor/readings';
import { Taker } from '../../src/core/monitor/taker';
import { systemClock } from '../../src/core/ports/clock';
import { labOpener, profileOf } from '../database/support/monitor';
import { until } from '../lab/faults';
import { startLab, type Lab } from '../lab/lab';
import type { LabServer } from '../lab/server';
import { exporterCostMs } from './exporter';
import { median, type Measurement } from './measurement';
import { serverCost } from './server-cost';

/** Polls whose cost is averaged. */
const polls = 40;

interface Load {
  readonly backends: number;
  readonly waiters: number;
  readonly budgetMs?: number;
  readonly besidePeer?: boolean;
}

const loads: readonly Load[] = [
  { backends: 1, waiters: 0 },
  { backends: 300, waiters: 0, besidePeer: true },
  { backends: 1000, waiters: 300, budgetMs: 3 },
];

/** One poll of the 5 s tier on a primary with a standby: the server's own time, and the statements it takes. */
export async function measurePoll(): Promise<Measurement[]> {
  const settings = { max_connections: '1100', 'pg_stat_statements.track_planning': 'on' };
  const lab = await startLab({ standbys: 1, settings });
  try {
    const measured: Measurement[] = [];
    const sessions: pg.Client[] = [];
    for (const load of loads) {
      await bringTo(lab, sessions, load);
      measured.push(...(await measureUnder(lab.primary, load)));
    }
    return measured;
  } finally {
    await lab.stop();
  }
}

async function bringTo(lab: Lab, sessions: pg.Client[], { backends, waiters }: Load): Promise<void> {
  while (sessions.length < backends - 1) {
    const missing = Math.min(50, backends - 1 - sessions.length);
    sessions.push(...(await Promise.all(Array.from({ length: missing }, () => lab.primary.connect()))));
  }
  if (waiters === 0) return;
  await lab.primary.run('CREATE TABLE bench_queue (id int PRIMARY KEY)');
  const [holder, ...queue] = sessions;
  if (!holder) throw new Error('A queue needs sessions.');
  await holder.query('BEGIN; LOCK TABLE bench_queue');
  for (const client of queue.slice(0, waiters)) client.query('SELECT * FROM bench_queue').catch(() => undefined);
  await until(`${waiters} sessions wait`, async () => (await countWaiting(lab.primary)) >= waiters, 60_000);
}

async function countWaiting(server: LabServer): Promise<number> {
  const [row] = await server.run<{ n: number }>('SELECT count(*)::int AS n FROM pg_locks WHERE NOT granted');
  return row?.n ?? 0;
}

async function measureUnder(server: LabServer, load: Load): Promise<Measurement[]> {
  const peerMs = load.besidePeer === true ? await exporterCostMs(server) : undefined;
  const profile = profileOf(server, 'bench', { user: 'monitor' });
  const signal = new AbortController().signal;
  const session = await labOpener.open(profile, signal);
  try {
    const taker = new Taker(new Readings(), systemClock);
    await taker.takeActivity(session, signal);
    const times: number[] = [];
    const cost = await serverCost(server, polls, async () => {
      const began = performance.now();
      await taker.takeActivity(session, signal);
      times.push(performance.now() - began);
    });
    const under = `${load.backends} backends${load.waiters > 0 ? `, ${load.waiters} waiters` : ''}`;
    const budget = load.budgetMs === undefined ? {} : { budget: load.budgetMs };
    return [
      {
        what: `Poll, server time (${under})`,
        value: cost.ms,
        unit: 'ms',
        ...budget,
        note: `pg_stat_statements; of it planning ${cost.planningMs.toPrecision(2)}; at best ${cost.leastMs.toPrecision(2)}`,
      },
      { what: `Poll, seen by the client (${under})`, value: median(times), unit: 'ms', note: `median of ${polls}` },
      { what: `Poll, round trips (${under})`, value: cost.calls, unit: 'round trips' },
      ...(load.besidePeer === true ? [besidePeer(cost.ms, peerMs)] : []),
    ];
  } finally {
    await session.close();
  }
}

function besidePeer(ours: number, theirs: number | undefined): Measurement {
  return {
    what: 'Poll beside a scrape of prometheus-postgres-exporter',
    value: theirs === undefined ? undefined : ours / theirs,
    unit: 'ratio',
    budget: 1 / 3,
    note:
      theirs === undefined ? 'the exporter is not on the path' : `server time; a scrape takes ${theirs.toFixed(1)} ms`,
  };
}
