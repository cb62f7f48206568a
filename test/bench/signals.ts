import { startChecks } from '../../src/core/health/checks/all-checks';
import { labOpener, profileOf } from '../database/support/monitor';
import { startLab } from '../lab/lab';
import type { LabServer } from '../lab/server';
import { exporterCostMs } from './exporter';
import type { Measurement } from './measurement';
import { serverCost } from './server-cost';

const tables = 10_000;
const runs = 5;
/** Seconds between two scrapes, as Prometheus comes. */
const scrapeS = 15;

/** What each check costs a server with many tables, and all of them in a minute beside the scrapes of a minute. */
export async function measureSignals(): Promise<Measurement[]> {
  const settings = { 'pg_stat_statements.track_planning': 'on', max_locks_per_transaction: '12000', autovacuum: 'off' };
  const lab = await startLab({ standbys: 1, settings });
  try {
    await makeTables(lab.primary);
    const peerMs = await exporterCostMs(lab.primary);
    const session = await labOpener.open(
      profileOf(lab.primary, 'bench', { user: 'monitor' }),
      new AbortController().signal,
    );
    const measured: Measurement[] = [];
    let perMinute = 0;
    for (const check of startChecks((_, standard) => standard)) {
      const { about } = check.outcome;
      const run = (): Promise<void> => check.run(session, undefined, () => Date.now(), new AbortController().signal);
      await run();
      if (check.outcome.absent !== null) continue;
      const { ms } = await serverCost(lab.primary, runs, run);
      // A check of the activity tier is run only while there is something to read.
      if (about.tierMs >= 60_000) perMinute += (ms * 60_000) / about.tierMs;
      const note = check.outcome.problem ?? `every ${about.tierMs / 1000} s`;
      measured.push({ what: `Check ${about.id} (${tables} tables)`, value: ms, unit: 'ms', note });
    }
    await session.close();
    measured.push({
      what: 'All checks, server time in a minute',
      value: perMinute,
      unit: 'ms',
      note: 'beside the polls',
    });
    const theirs = peerMs === undefined ? undefined : (peerMs * 60) / scrapeS;
    measured.push({
      what: 'All checks beside the scrapes of prometheus-postgres-exporter',
      value: theirs === undefined ? undefined : perMinute / theirs,
      unit: 'ratio',
      budget: 1 / 3,
      note:
        theirs === undefined
          ? 'the exporter is not on the path'
          : `in a minute; its scrapes every ${scrapeS} s take ${theirs.toFixed(0)} ms`,
    });
    return measured;
  } finally {
    await lab.stop();
  }
}

/** Each with a key, an index and a sequence, as tables of applications have them. */
async function makeTables(server: LabServer): Promise<void> {
  const parts = 10;
  for (let part = 0; part < parts; part++) {
    await server.run(
      `DO $$ BEGIN FOR i IN 1..${tables / parts} LOOP EXECUTE
         format('CREATE TABLE t_${part}_%s (id serial PRIMARY KEY, n int); CREATE INDEX ON t_${part}_%s (n)', i, i);
       END LOOP; END $$`,
    );
  }
  await server.run('ANALYZE');
}
