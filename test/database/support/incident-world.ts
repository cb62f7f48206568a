import { lockChain, replayPaused, until, type Fault } from '../../lab/faults';
import { startLab, type Lab } from '../../lab/lab';
import type { LabServer } from '../../lab/server';

/** The actions that find a subject in this world: those of a new runbook belong here too. */
export const reachable: ReadonlySet<string> = new Set([
  'pool-exhaustion act',
  'replication-lag resume',
  'replication-lag query',
  'replication-lag slot',
  'lock-contention act',
  'lock-contention prepared',
  'migration-rollback drop-index',
  'migration-rollback validate',
  'migration-failure end',
  'migration-failure drop-index',
  'migration-failure validate',
  'database-unavailable promote',
  'vacuum holder',
  'vacuum vacuum',
  'reindex rebuild',
  'reindex drop',
  'scaling slot',
  'backup switch',
  'cheat-sheet kill',
]);

/** Has all faults at once, so that every action of every runbook finds a subject. */
export class IncidentWorld {
  private faults: Fault[] = [];

  private constructor(
    readonly lab: Lab,
    readonly primary: LabServer,
    readonly standby: LabServer,
  ) {}

  static async start(): Promise<IncidentWorld> {
    const lab = await startLab({
      standbys: 1,
      settings: {
        max_prepared_transactions: '5',
        autovacuum: 'off',
        log_statement: 'all',
        max_standby_streaming_delay: '-1',
        hot_standby_feedback: 'off',
      },
    });
    const [standby] = lab.standbys;
    if (!standby) throw new Error('The lab gave no standby.');
    const world = new IncidentWorld(lab, lab.primary, standby);
    await lab.primary.run(`CREATE TABLE orders (id int, n int); INSERT INTO orders VALUES (1, 1), (1, 2);
      CREATE TABLE prepared_here (i int); INSERT INTO prepared_here VALUES (1);
      CREATE TABLE bloated (id int PRIMARY KEY, note text)`);
    await lab.primary.run("INSERT INTO bloated SELECT i, repeat('x', 100) FROM generate_series(1, 60000) AS i");
    await lab.primary.run('DELETE FROM bloated WHERE id % 10 <> 0');
    await lab.primary.run('VACUUM (ANALYZE) bloated');
    return world;
  }

  /** Makes what is missing of the faults. */
  async inject(): Promise<void> {
    const { primary, standby } = this;
    await this.heal();
    await primary.run(`DO $$ BEGIN
      IF NOT EXISTS (SELECT FROM pg_constraint WHERE conname = 'open' AND NOT convalidated) THEN
        ALTER TABLE orders DROP CONSTRAINT IF EXISTS open;
        ALTER TABLE orders ADD CONSTRAINT open CHECK (n > 0) NOT VALID;
      END IF; END $$`);
    // Fails, and stays invalid; it waits for older transactions, so that it comes before them.
    await primary.run('CREATE UNIQUE INDEX CONCURRENTLY orders_key ON orders (id)').catch(() => undefined);
    // The oldest of all at first, so that it is what holds vacuum back.
    await this.openTransaction(primary, 'report-job');
    await primary.run('SELECT txid_current()');
    const slots = await primary.run("SELECT 1 FROM pg_replication_slots WHERE slot_name = 'dead_slot'");
    if (slots.length === 0) await primary.run("SELECT pg_create_physical_replication_slot('dead_slot', true)");
    const prepared = await primary.run("SELECT 1 FROM pg_prepared_xacts WHERE gid = 'forgotten'");
    if (prepared.length === 0) {
      const client = await primary.connect();
      await client.query('BEGIN; UPDATE prepared_here SET i = 2');
      await client.query("PREPARE TRANSACTION 'forgotten'");
      await client.end();
    }
    this.faults.push(await lockChain(primary, { ddl: true, user: 'postgres', table: 'contended' }));
    await this.openTransaction(standby, 'standby-report');
    this.faults.push(await replayPaused(standby));
  }

  /** Resolves when the session on the standby has been idle for so long that it counts. */
  async standbyIsBusy(): Promise<void> {
    const { standby } = this;
    await until('the session on the standby counts as busy', async () => {
      const rows = await standby.run(
        "SELECT 1 FROM pg_stat_activity WHERE application_name = 'standby-report' AND state_change < now() - interval '1.1 s'",
      );
      return rows.length === 1;
    });
  }

  /** Ends the sessions that are at fault; what is stored stays. */
  async heal(): Promise<void> {
    await Promise.all(this.faults.splice(0).map((fault) => fault.heal().catch(() => undefined)));
  }

  async stop(): Promise<void> {
    await this.heal();
    await this.lab.stop();
  }

  private async openTransaction(server: LabServer, applicationName: string): Promise<void> {
    const client = await server.connect({ applicationName, user: 'postgres' });
    client.on('error', () => undefined);
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM bloated');
    this.faults.push({ heal: () => client.end().catch(() => undefined) });
  }
}
