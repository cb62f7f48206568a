import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { isAlive } from '../../lab/account';
import { until } from '../../lab/faults';
import { startLab, type Lab } from '../../lab/lab';
import { testedMajors } from '../../lab/shared-lab';

for (const major of testedMajors) {
  describe(`a lab of PostgreSQL ${major}`, function () {
    this.timeout(180_000);
    let lab: Lab;

    before(async () => {
      lab = await startLab({ major, standbys: 2, settings: { work_mem: '5MB' } });
    });

    after(async () => {
      const pids = [lab.primary, ...lab.standbys].map((server) => server.pid!);
      await lab.stop();
      assert.equal(existsSync(lab.folder), false);
      assert.deepEqual(pids.filter(isAlive), []);
    });

    async function streaming(): Promise<string[]> {
      const rows = await lab.primary.run<{ name: string }>(
        `SELECT r.application_name AS name FROM pg_stat_replication r
           JOIN pg_replication_slots s ON s.active_pid = r.pid AND s.slot_name = r.application_name
          WHERE r.state = 'streaming' ORDER BY 1`,
      );
      return rows.map((row) => row.name);
    }

    it('is of that major, with the settings asked for, the statistics of statements, and logins that need a password', async () => {
      const [row] = await lab.primary.run<{ major: number; work_mem: string; statements: number }>(
        `SELECT current_setting('server_version_num')::int / 10000 AS major, current_setting('work_mem') AS work_mem,
                (SELECT count(*)::int FROM pg_stat_statements LIMIT 1) AS statements`,
      );
      assert.equal(row!.major, major);
      assert.equal(row!.work_mem, '5MB');
      assert.ok(row!.statements > 0);
      await assert.rejects(lab.primary.connect({ password: 'wrong' }), { code: '28P01' });
      const roles = await lab.primary.run<{ rolname: string; monitors: boolean; super: boolean }>(
        `SELECT rolname, pg_has_role(oid, 'pg_monitor', 'usage') AS monitors, rolsuper AS super
           FROM pg_roles WHERE rolname IN ('monitor', 'plain', 'postgres') ORDER BY 1`,
      );
      assert.deepEqual(roles, [
        { rolname: 'monitor', monitors: true, super: false },
        { rolname: 'plain', monitors: false, super: false },
        { rolname: 'postgres', monitors: true, super: true },
      ]);
    });

    it('streams to both standbys through their slots, and they show what the primary wrote', async () => {
      await until('both stream', async () => (await streaming()).length === 2);
      assert.deepEqual(await streaming(), ['standby1', 'standby2']);
      await lab.primary.run("CREATE TABLE carried AS SELECT 'over' AS word");
      for (const standby of lab.standbys) {
        const arrived = async (): Promise<boolean> =>
          (await standby.run("SELECT 1 FROM pg_tables WHERE tablename = 'carried'")).length === 1;
        await until('the table arrives', arrived);
        const [state] = await standby.run<{ recovering: boolean }>('SELECT pg_is_in_recovery() AS recovering');
        assert.equal(state!.recovering, true);
      }
    });

    it('goes on after a standby was stopped and the primary killed', async () => {
      const [standby] = lab.standbys;
      await standby!.stop();
      await until('one streams', async () => (await streaming()).join() === 'standby2');
      await standby!.start();
      const before = lab.primary.pid!;
      await lab.primary.kill();
      assert.equal(isAlive(before), false);
      await assert.rejects(lab.primary.connect(), { code: 'ECONNREFUSED' });
      await lab.primary.start();
      await until('both stream again', async () => (await streaming()).length === 2);
    });
  });
}

describe('a lab that cannot be', () => {
  it('names the majors there are', async () => {
    await assert.rejects(startLab({ major: 9 }), /has no PostgreSQL 9; it has 12, 13, 14, 15, 16, 17, 18/);
  });

  it('tells what PostgreSQL said', async () => {
    await assert.rejects(startLab({ settings: { shared_buffers: 'much' } }), /invalid value for parameter "shared_buf/);
  });
});
