import assert from 'node:assert/strict';
import { until } from '../../lab/faults';
import { startLab } from '../../lab/lab';
import { testedMajors } from '../../lab/shared-lab';
import { eventually, profileOf, realMonitor, TestProfiles } from '../support/monitor';

for (const major of testedMajors) {
  it(`notices the promotion of a standby of PostgreSQL ${major} and probes it anew`, async () => {
    const lab = await startLab({ major, standbys: 1 });
    const standby = lab.standbys[0];
    assert.ok(standby);
    const monitor = realMonitor(new TestProfiles([profileOf(standby, 'standby')]), 500);
    try {
      await monitor.connect('standby');
      assert.equal(monitor.snapshot('standby').role, 'standby');
      const before = await monitor.session('standby');
      await standby.run('SELECT pg_promote(true, 60)');
      const { snapshot } = await eventually(monitor, 'standby', 'primary', (now) => now.role === 'primary', 1500);
      assert.ok(snapshot.replication.reading.kind === 'value' && snapshot.replication.reading.value.role === 'primary');
      await eventually(monitor, 'standby', 'ok', (now) => now.status === 'ok', 3000);
      await until('it is probed anew', async () => !(await monitor.session('standby')).capabilities.inRecovery, 3000);
      assert.equal(before.alive, false);
      const rows = await standby.run<{ n: number }>(
        "SELECT count(*)::int AS n FROM pg_stat_activity WHERE application_name = 'db-ops-panel'",
      );
      assert.equal(rows[0]?.n, 1);
    } finally {
      await monitor.close();
      await lab.stop();
    }
  });
}
