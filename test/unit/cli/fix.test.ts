import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { CommandPlace } from './command-place';

describe('dbops lint --fix', () => {
  let place: CommandPlace;
  beforeEach(() => {
    place = new CommandPlace();
  });
  afterEach(() => place.remove());

  const base =
    'CREATE TABLE a (i int PRIMARY KEY, j int);\nCREATE INDEX ON a (j);\nCREATE TABLE b (i int PRIMARY KEY);\n';
  const conf = 'flyway.url=jdbc:postgresql://h/x\nflyway.locations=filesystem:sql\n';
  const foreignKey = 'ALTER TABLE a ADD CONSTRAINT fk FOREIGN KEY (j) REFERENCES b (i);\r\n';

  it('writes what needs nobody to look at it, says so, and what it fixed lints clean', () => {
    place.write({
      'flyway.conf': conf,
      'sql/V1__base.sql': base,
      'sql/V2__fk.sql': foreignKey,
      'sql/V3_late.sql': 'SELECT 1;',
      'sql/V4__index.sql': 'CREATE INDEX k ON a (j, i);',
    });
    const { code, out, err } = place.run('lint', '--fix', '--format', 'json');
    assert.match(err, /sql\/V2__fk\.sql: fixed \(safety\/foreign-key-not-valid\): Add NOT VALID, and validate in V5__/);
    assert.match(err, /sql\/V3_late\.sql: fixed \(flyway\/skipped-name\): Rename to V3__late\.sql/);
    assert.equal(
      place.read('sql/V2__fk.sql'),
      "SET LOCAL lock_timeout = '2s';\r\nALTER TABLE a ADD CONSTRAINT fk FOREIGN KEY (j) REFERENCES b (i) NOT VALID;\r\n",
    );
    assert.match(place.read('sql/V5__validate_fk.sql') ?? '', /^ALTER TABLE "a" VALIDATE CONSTRAINT "fk";/);
    assert.equal(place.read('sql/V3__late.sql'), 'SELECT 1;');
    assert.equal(place.read('sql/V3_late.sql'), undefined);
    assert.match(place.read('sql/U2__fk.sql') ?? '', /ALTER TABLE "a" DROP CONSTRAINT "fk";/);
    const rules = (JSON.parse(out) as { findings: { rule: string }[] }).findings.map(({ rule }) => rule);
    for (const rule of ['safety/foreign-key-not-valid', 'flyway/skipped-name', 'rollback/undo-missing'])
      assert.ok(!rules.includes(rule), rule);
    // To move a statement into a script of its own is a person's decision.
    assert.ok(rules.includes('safety/create-index'));
    assert.equal(code, 1);
  });

  it('writes no undo that a person would have to finish', () => {
    place.write({
      'flyway.conf': conf,
      'sql/V1__base.sql': base,
      'sql/V2__drop.sql': "SET LOCAL lock_timeout = '2s';\nALTER TABLE a ADD k int, ALTER j SET NOT NULL;",
      'sql/V3__drop.sql': "SET LOCAL lock_timeout = '2s';\nALTER TABLE a ADD l int, ALTER j DROP NOT NULL;",
    });
    place.run('lint', '--fix');
    assert.match(place.read('sql/U2__drop.sql') ?? '', /ALTER "?COLUMN "?j"? DROP NOT NULL/);
    assert.equal(place.read('sql/U3__drop.sql'), undefined);
  });

  it('leaves alone what the branch has: it may have been applied', () => {
    place.write({ 'flyway.conf': conf, 'sql/V1__base.sql': base, 'sql/V2__fk.sql': foreignKey });
    const git = (...args: string[]): void => {
      const { status, stderr } = spawnSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', ...args], {
        cwd: place.root,
        encoding: 'utf8',
      });
      assert.equal(status, 0, stderr);
    };
    git('init', '-q', '-b', 'main');
    git('add', '.');
    git('commit', '-qm', 'all');
    place.write({ 'sql/V3__new.sql': 'ALTER TABLE b ADD x int;' });
    const { err } = place.run('lint', '--fix');
    assert.equal(place.read('sql/V2__fk.sql'), foreignKey);
    assert.equal(place.read('sql/V3__new.sql'), "SET LOCAL lock_timeout = '2s';\nALTER TABLE b ADD x int;");
    assert.doesNotMatch(err, /V1__|V2__/);
  });

  it('says what it would write, and writes nothing; --dry-run alone is wrong use', () => {
    place.write({ 'flyway.conf': conf, 'sql/V1__base.sql': base, 'sql/V2__fk.sql': foreignKey });
    const { err } = place.run('lint', '--fix', '--dry-run');
    assert.match(err, /V2__fk\.sql: would be fixed \(safety\/foreign-key-not-valid\)/);
    // What comes of that first fix, in scripts that are not there.
    assert.match(err, /V2__fk\.sql: would be fixed \(safety\/lock-timeout\)/);
    assert.match(err, /V2__fk\.sql: would be fixed \(rollback\/undo-missing\): Create U2__fk\.sql/);
    assert.match(err, /U2__fk\.sql: would be fixed \(safety\/lock-timeout\)/);
    assert.equal(place.read('sql/V2__fk.sql'), foreignKey);
    assert.equal(place.read('sql/U2__fk.sql'), undefined);
    assert.equal(place.run('lint', '--dry-run').code, 2);
  });
});
