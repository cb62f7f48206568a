import assert from 'node:assert/strict';
import { signalGroups } from '../../../src/core/health/signal';
import { labPassword, type Lab } from '../../lab/lab';
import { sharedLab, testedMajors } from '../../lab/shared-lab';
import { CheckBench } from '../support/checks';

for (const major of testedMajors) {
  describe(`all checks on PostgreSQL ${major}`, () => {
    let lab: Lab;
    before(async () => {
      lab = await sharedLab({ major, standbys: 1 });
    });

    for (const user of ['postgres', 'monitor', 'plain']) {
      it(`are read on the primary by ${user}, twice`, async () => {
        const bench = await CheckBench.open(lab.primary, { user });
        // What a person copies from a hover runs as it stands.
        const copied = await lab.primary.connect({ user, password: labPassword });
        for (let round = 0; round < 2; round++) {
          bench.skew = round * 60_000;
          for (const outcome of await bench.all()) {
            if (outcome.sql !== '') await copied.query(outcome.sql);
            assert.equal(outcome.problem, null, `${outcome.about.id}: ${outcome.problem}`);
            assert.ok(
              outcome.absent !== null || outcome.findings.length > 0 || outcome.about.group === 'backups',
              outcome.about.id,
            );
            assert.ok(signalGroups.includes(outcome.about.group));
            for (const finding of outcome.findings) {
              assert.ok(finding.words.length > 0, finding.signal);
              assert.equal(finding.signal.split('.')[0], outcome.about.id);
              assert.ok(finding.value === null || Number.isFinite(finding.value), finding.signal);
            }
          }
        }
        await bench.close();
        await copied.end();
      });
    }

    it('are read on the standby', async () => {
      const bench = await CheckBench.open(lab.standbys[0]!);
      for (const outcome of await bench.all())
        assert.equal(outcome.problem, null, `${outcome.about.id}: ${outcome.problem}`);
      await bench.close();
    });
  });
}
