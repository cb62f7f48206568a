import assert from 'node:assert/strict';
import { checksum } from '../../../src/core/flyway/checksum';
import { loadGrammar } from '../../../src/core/sql/grammar';
import { DraftFiles } from '../../../src/cli/draft-files';
import { fixTargets } from '../../../src/cli/fix';
import { describeScripts } from '../../../src/cli/info';
import { TargetLinter } from '../../../src/cli/lint-target';
import { UsageError } from '../../../src/cli/usage';
import { blockingFiles } from '../../../src/files/local-files';
import { sharedLab, testedMajors } from '../../lab/shared-lab';
import { CommandPlace } from '../../unit/cli/command-place';
import { labPassword } from '../../lab/lab-builder';

for (const major of testedMajors) {
  describe(`dbops with a database of PostgreSQL ${major}`, () => {
    const place = new CommandPlace();
    after(() => place.remove());
    const texts = {
      'flyway.conf': 'flyway.url=jdbc:postgresql://h/x\nflyway.locations=filesystem:sql\nflyway.table=applied\n',
      'sql/V1__a.sql': 'CREATE TABLE small (id bigint PRIMARY KEY, note text);',
      'sql/V2__b.sql': 'ALTER TABLE small ADD COLUMN b int CHECK (b > 0);',
      'sql/V4__d.sql': 'CREATE INDEX d ON small (note);',
      'sql/R__v.sql': 'CREATE OR REPLACE VIEW v AS SELECT id FROM small;',
    };
    const database = 'dbops_cli';
    let linter: TargetLinter;
    let url: string;
    before(async () => {
      place.write(texts);
      const { primary } = await sharedLab({ major, settings: { autovacuum: 'off' } });
      await primary.run(`CREATE DATABASE ${database}`);
      const sum = (name: keyof typeof texts): number => checksum(texts[name]);
      await primary.run(
        `CREATE TABLE small (id bigint PRIMARY KEY, note text); INSERT INTO small VALUES (1, 'x'); ANALYZE small;
         CREATE TABLE applied (installed_rank int PRIMARY KEY, version varchar(50), description varchar(200),
           type varchar(20), script varchar(1000), checksum int, installed_by varchar(100),
           installed_on timestamp DEFAULT now(), execution_time int, success boolean);
         INSERT INTO applied VALUES (1, '1', 'a', 'SQL', 'V1__a.sql', ${sum('sql/V1__a.sql')}, 'me', now(), 7, true),
           (2, '2', 'b', 'SQL', 'V2__b.sql', 5, 'me', now(), 7, true),
           (3, '3', 'c', 'SQL', 'V3__c.sql', 6, 'me', now(), 7, true)`,
        [],
        database,
      );
      url = `postgresql://postgres@${primary.host}:${primary.port}/${database}`;
      linter = new TargetLinter(await loadGrammar(), [place.root], {
        locations: [],
        changedSince: undefined,
        database: url.replace('@', `:${labPassword}@`),
      });
    });

    it('tells the state of each script, what is missing, and what was edited', async () => {
      const told: string[] = [];
      const results = await linter.lint((remark) => told.push(remark));
      const states = linter.statesOf(results);
      const infos = results.flatMap((lint) => describeScripts(lint, states));
      assert.deepEqual(
        infos.map(({ path, state }) => [path.slice(place.root.length + 1), state]),
        [
          ['sql/R__v.sql', 'Pending'],
          ['sql/V1__a.sql', 'Success'],
          ['sql/V2__b.sql', 'Success'],
          ['sql/V4__d.sql', 'Pending'],
        ],
      );
      assert.match(told.join('\n'), /^applied on postgres@\S+\/dbops_cli, and not here: V3__c\.sql \(Missing\)\.$/);
      const rules = results.flatMap(({ findings }) => findings.map(({ rule, path }) => `${path.slice(-9)} ${rule}`));
      assert.ok(rules.includes('V2__b.sql flyway/edited-after-applied'), rules.join('\n'));
      // V2 is applied, and the index of V4 is on one row: nothing of both is a risk.
      assert.deepEqual(
        rules.filter((rule) => /create-index|check-not-valid/.test(rule)),
        [],
      );
    });

    it('fixes nothing that has run', async () => {
      const { applied } = await fixTargets(linter, { changedSince: undefined, disk: new DraftFiles(blockingFiles) });
      assert.deepEqual([...new Set(applied.map(({ path }) => path.slice(-9)))], ['V4__d.sql']);
    });

    it('says why it cannot be asked, and never with the password', async () => {
      const at = new TargetLinter(await loadGrammar(), [place.root], {
        locations: [],
        changedSince: undefined,
        database: url.replace('postgres@', 'postgres:not-the-one@'),
      });
      await assert.rejects(at.lint(), (error) => error instanceof UsageError && !error.message.includes('not-the-one'));
    });
  });
}
