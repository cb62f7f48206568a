import assert from 'node:assert/strict';
import { CommandPlace } from './command-place';

interface Info {
  readonly path: string;
  readonly kind: string;
  readonly version: string | null;
  readonly checksum: number | null;
}

describe('the paths that dbops is given', () => {
  let place: CommandPlace;
  beforeEach(() => {
    place = new CommandPlace();
  });
  afterEach(() => place.remove());

  /** `path kind version` of each file. */
  function info(folder: string, ...args: readonly string[]): string[] {
    const { code, out } = place.runIn(folder, 'info', '--format', 'json', ...args);
    assert.equal(code, 0);
    return (JSON.parse(out) as Info[]).map(({ path, kind, version }) => `${path} ${kind} ${version ?? '-'}`);
  }

  it('a folder or file inside a project is read as the project says, from wherever it is asked', () => {
    place.write({
      'app/conf/flyway.conf':
        'flyway.locations=filesystem:sql\nflyway.sqlMigrationPrefix=M\nflyway.placeholders.s=app\n',
      'app/sql/M1__a.sql': 'SELECT 1;',
      'app/sql/deep/R__v.sql': "SELECT '${s}';",
      'app/sql/V2__b.sql': 'SELECT 1;',
    });
    const all = ['M1__a.sql versioned 1', 'V2__b.sql skipped -', 'deep/R__v.sql repeatable -'];
    assert.deepEqual(
      info('.', 'app/sql'),
      all.map((one) => `app/sql/${one}`),
    );
    assert.deepEqual(info('app/sql', '.'), all);
    assert.deepEqual(info('app/sql/deep'), ['R__v.sql repeatable -']);
    assert.deepEqual(info('.', 'app/sql/M1__a.sql'), ['app/sql/M1__a.sql versioned 1']);
    const { out } = place.run('lint', '--format', 'json', 'app/sql/deep');
    assert.deepEqual(JSON.parse(out), { findings: [], files: 1 }, 'the placeholder of the project is known');
  });

  it('several paths that overlap give each file once', () => {
    place.write({ 'V1__a.sql': 'DROP TABLE x;', 'sub/V2__b.sql': 'SELECT 1;' });
    assert.deepEqual(info('.', 'sub', '.', 'V1__a.sql'), ['sub/V2__b.sql versioned 2', 'V1__a.sql versioned 1']);
    const { out } = place.run('lint', '--format', 'json', 'sub', '.', 'V1__a.sql');
    const { findings, files } = JSON.parse(out) as { findings: { rule: string }[]; files: number };
    assert.equal(files, 2);
    assert.equal(findings.filter(({ rule }) => rule === 'safety/drop-table').length, 1);
  });

  it('finds folders of scripts that no configuration names: neighbors together, strangers apart', () => {
    place.write({
      'a/releases/r1/V1__a.sql': 'CREATE TABLE t (i int PRIMARY KEY);',
      'a/releases/r2/V2__b.sql': 'DROP TABLE t;',
      'b/schema/V1__c.sql': 'SELECT 1;',
      'c/x/V1__d.sql': 'SELECT 1;',
      'c/y/V1__e.sql': 'SELECT 1;',
      'node_modules/z/V1__f.sql': 'SELECT 1;',
    });
    assert.deepEqual(info('.'), [
      'a/releases/r1/V1__a.sql versioned 1',
      'a/releases/r2/V2__b.sql versioned 2',
      'b/schema/V1__c.sql versioned 1',
      'c/x/V1__d.sql versioned 1',
      'c/y/V1__e.sql versioned 1',
    ]);
    const { out } = place.run('lint');
    assert.doesNotMatch(out, /duplicate-version/);
    assert.match(out, /r2\/V2__b\.sql.*safety\/drop-table/);
  });

  it('says what is missing, and prints nothing that could be taken for a result', () => {
    place.write({ 'notes.txt': 'x', 'ok/V1__a.sql': 'SELECT 1;' });
    const missing = place.run('lint', 'ok', 'nowhere', '--format', 'json');
    assert.deepEqual([missing.code, missing.out], [2, '']);
    assert.match(missing.err, /There is no nowhere\./);
    const empty = place.run('lint', 'notes.txt', '--format', 'json');
    assert.deepEqual([empty.code, JSON.parse(empty.out)], [0, { findings: [], files: 0 }]);
    assert.match(empty.err, /notes\.txt is no migration\./);
    const outside = place.run('lint', 'ok', '--changed-since', 'main');
    assert.deepEqual([outside.code, outside.out], [2, '']);
    assert.match(outside.err, /--changed-since main: .* is in no git repository\./);
  });

  it('dbops.toml counts for the folders below it', () => {
    place.write({
      'dbops.toml': 'locations = ["filesystem:db"]\n[rules]\n"safety/drop-table" = "error"\n',
      'db/one/V1__a.sql': 'DROP TABLE x;',
      'other/V2__b.sql': 'DROP TABLE y;',
    });
    const { findings } = JSON.parse(place.runIn('db/one', 'lint', '--format', 'json').out) as {
      findings: { path: string; rule: string; severity: string }[];
    };
    const drops = findings.filter(({ rule }) => rule === 'safety/drop-table');
    assert.deepEqual(
      drops.map(({ path, severity }) => `${path} ${severity}`),
      ['V1__a.sql error'],
    );
  });
});
