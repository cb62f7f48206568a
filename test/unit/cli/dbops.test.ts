import assert from 'node:assert/strict';
import { once } from 'node:events';
import { spawnSync } from 'node:child_process';
import { CommandPlace, type CommandResult } from './command-place';

describe('dbops, the command', () => {
  let place: CommandPlace;
  let root: string;
  beforeEach(() => {
    place = new CommandPlace();
    root = place.root;
  });
  afterEach(() => place.remove());

  const write = (files: Readonly<Record<string, string>>): void => place.write(files);
  const dbops = (...args: readonly string[]): CommandResult => place.run(...args);

  it('info says what Flyway sees in each file of a folder', () => {
    write({
      'V1.10__a_b.sql': 'SELECT 1;\r\n',
      'V2__ci.sql': 'CREATE /* c */ INDEX\nCONCURRENTLY i ON t (a);',
      'V3__conf.sql': 'SELECT 1;',
      'V3__conf.sql.conf': 'executeInTransaction=false',
      'R__view.sql': 'SELECT 1;',
      'B1__base.sql': '',
      'U2__ci.sql': '',
      'afterMigrate.sql': '',
      'V4_x.sql': '',
      'sub/V5__deep.sql': '',
    });
    const { code, out } = dbops('info', '.', '--format', 'json');
    assert.equal(code, 0);
    const infos = JSON.parse(out) as Record<string, unknown>[];
    const by = (name: string): Record<string, unknown> => infos.find((info) => info['path'] === name) ?? {};
    assert.deepEqual(by('V1.10__a_b.sql'), {
      path: 'V1.10__a_b.sql',
      kind: 'versioned',
      version: '1.10',
      description: 'a b',
      checksum: 78787420,
      transactional: true,
    });
    assert.equal(by('V2__ci.sql')['transactional'], false);
    assert.equal(by('V3__conf.sql')['transactional'], false);
    assert.deepEqual(by('V4_x.sql'), {
      path: 'V4_x.sql',
      kind: 'skipped',
      version: null,
      description: null,
      checksum: null,
      transactional: null,
      reason: '"4_x" is not a version',
    });
    assert.deepEqual(
      infos.map((info) => info['kind']),
      ['baseline', 'repeatable', 'undo', 'versioned', 'versioned', 'versioned', 'skipped', 'callback', 'versioned'],
    );
  });

  it('a repeatable script counts with its placeholders replaced', () => {
    write({
      'flyway.toml': '[flyway]\nlocations = ["filesystem:m"]\n[flyway.placeholders]\nx = "1"',
      'm/R__a.sql': 'SELECT ${x};',
      'm/R__b.sql': 'SELECT ${nope};',
      'm/V1__c.sql': 'SELECT ${x};',
    });
    const infos = JSON.parse(dbops('info', '--format', 'json').out) as { path: string; checksum: number }[];
    const [a, b, v] = infos.map(({ checksum }) => checksum);
    assert.equal(a, 78787420);
    assert.notEqual(b, a);
    assert.notEqual(v, a);
  });

  it('lint prints places, and its exit code tells', () => {
    write({ 'V1__a.sql': '-- é🐘\n  DROP TABLE a;\n' });
    const text = dbops('lint', '.');
    assert.equal(text.code, 1);
    assert.match(text.out, /^V1__a\.sql:2:3: warning rollback\/undo-missing: Irreversible/m);
    assert.match(text.out, /^\d+ findings in 1 file\.$/m);
    const json = dbops('lint', '.', '--format', 'json');
    const { findings, files } = JSON.parse(json.out) as { findings: Record<string, unknown>[]; files: number };
    assert.equal(files, 1);
    const own = findings.find(({ rule }) => rule === 'rollback/undo-missing') ?? {};
    const { message, ...rest } = own;
    assert.equal(typeof message, 'string');
    assert.deepEqual(rest, {
      path: 'V1__a.sql',
      rule: 'rollback/undo-missing',
      severity: 'warning',
      range: { start: { line: 2, column: 3 }, end: { line: 2, column: 15 } },
    });
    write({ 'V1__a.sql': 'ALTER TABLE a ADD COLUMN b int;' });
    assert.equal(dbops('lint', '.').code, 0, 'a hint is no failure');
    assert.equal(dbops('lint', 'V1__a.sql').code, 0, 'one script');
  });

  it('tells wrong use from findings', () => {
    for (const args of [[], ['explode'], ['lint', '--format', 'xml'], ['lint', 'nowhere'], ['lint', '--what']]) {
      const { code, err } = dbops(...args);
      assert.equal(code, 2, args.join(' '));
      assert.match(err, /^dbops: .+\ndbops --help tells more\.\n$/, args.join(' '));
    }
    const help = dbops('--help');
    assert.equal(help.code, 0);
    assert.match(help.out, /Exit codes/);
    const none = dbops('lint', '.');
    assert.equal(none.code, 0);
    assert.match(none.err, /there are no migrations in/);
  });

  it('ends quietly when its reader does', async () => {
    write(
      Object.fromEntries(Array.from({ length: 400 }, (_, n) => [`V${n + 1}__a.sql`, `DROP TABLE t${n} CASCADE;\n`])),
    );
    const child = place.start('lint', '.');
    child.stdout.once('data', () => child.stdout.destroy());
    let told = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (told += text));
    const [code] = (await once(child, 'close')) as [number];
    assert.deepEqual([code, told], [1, '']);
  });

  it('prints findings for machines: SARIF and the annotations of GitHub', () => {
    write({ 'V1__a.sql': 'DROP TABLE a;' });
    const sarif = JSON.parse(dbops('lint', '.', '--format', 'sarif').out) as {
      version: string;
      runs: { results: { ruleId: string; level: string; locations: unknown[] }[] }[];
    };
    assert.equal(sarif.version, '2.1.0');
    const result = sarif.runs[0]?.results.find(({ ruleId }) => ruleId === 'rollback/undo-missing');
    assert.equal(result?.level, 'warning');
    assert.deepEqual(result.locations, [
      {
        physicalLocation: {
          artifactLocation: { uri: 'V1__a.sql' },
          region: { startLine: 1, startColumn: 1, endLine: 1, endColumn: 13 },
        },
      },
    ]);
    assert.match(
      dbops('lint', '.', '--format', 'github').out,
      /^::warning file=V1__a\.sql,line=1,endLine=1,col=1,endColumn=13,title=rollback\/undo-missing::Irreversible/m,
    );
  });

  it('tells the configuration and where it comes from, without secrets', () => {
    write({
      'flyway.conf': 'flyway.locations=filesystem:m\nflyway.url=jdbc:mysql://root:geheim@h/x\nflyway.password=geheim',
      'm/V1__a.sql': '',
    });
    const { out } = dbops('info', '--config');
    assert.match(out, /^ {2}locations\s+= filesystem:m {3}\(flyway\.conf\)$/m);
    assert.match(out, /^ {2}database\s+= mysql {3}\(flyway\.conf\)$/m);
    assert.match(out, /^ {2}sqlMigrationPrefix\s+= V {3}\(Flyway's defaults\)$/m);
    assert.doesNotMatch(out, /geheim/);
    const [config] = JSON.parse(dbops('info', '--config', '--format', 'json').out) as { migrations: string[] }[];
    assert.deepEqual(config?.migrations, ['m']);
  });

  it('takes severities and folders from dbops.toml, and names what is wrong in it', () => {
    write({
      'dbops.toml': `[rules]\n"rollback/undo-missing" = "error"\n[[folders]]\npath = "m/old"\nrules = { "rollback/undo-missing" = "off" }`,
      'flyway.conf': 'flyway.locations=filesystem:m',
      'm/V2__a.sql': 'DROP TABLE a;',
      'm/old/V1__b.sql': 'DROP TABLE b;',
    });
    const missing = (
      JSON.parse(dbops('lint', '--format', 'json').out) as { findings: Record<string, unknown>[] }
    ).findings
      .filter(({ rule }) => rule === 'rollback/undo-missing')
      .map(({ path: file, severity }) => [file, severity]);
    assert.deepEqual(missing, [['m/V2__a.sql', 'error']]);
    write({ 'dbops.toml': '[rules]\n"rollback/undo-missing" = "loud"' });
    const { code, err } = dbops('lint');
    assert.equal(code, 2);
    assert.match(err, /dbops\.toml: "rollback\/undo-missing" is one of .*, not "loud"/);
    write({ 'dbops.toml': '[rules]\n"safety/drop-tabel" = "error"' });
    const misspelt = dbops('lint');
    assert.equal(misspelt.code, 2);
    assert.match(misspelt.err, /dbops\.toml: there is no rule "safety\/drop-tabel"; did you mean safety\/drop-table\?/);
  });

  it('asks git what is new: safety for that alone, versions out of order, scripts edited', () => {
    const git = (...args: string[]): void => {
      const { status, stderr } = spawnSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', ...args], {
        cwd: root,
        encoding: 'utf8',
      });
      assert.equal(status, 0, stderr);
    };
    write({
      'V1__a.sql': 'CREATE TABLE a (i int);',
      'V3__b.sql': 'CREATE INDEX a_i ON a (i);',
      'V4__c.sql': 'SELECT 1;',
    });
    git('init', '-q', '-b', 'main');
    git('add', '.');
    git('commit', '-qm', 'all');
    git('checkout', '-qb', 'work');
    write({ 'V2__late.sql': 'SELECT 2;', 'V4__c.sql': 'SELECT 3;', 'V5__new.sql': 'CREATE INDEX a_i2 ON a (i);' });
    const { findings } = JSON.parse(dbops('lint', '.', '--changed-since', 'main', '--format', 'json').out) as {
      findings: Record<string, unknown>[];
    };
    const told = findings.map(({ path: file, rule }) => `${String(file)} ${String(rule)}`);
    assert.ok(told.includes('V2__late.sql flyway/out-of-order'), told.join('\n'));
    assert.ok(told.includes('V4__c.sql flyway/edited-after-applied'));
    assert.ok(told.includes('V5__new.sql safety/create-index'));
    assert.ok(!told.includes('V3__b.sql safety/create-index'), 'applied before');
    const unknown = dbops('lint', '.', '--changed-since', 'nowhere');
    assert.equal(unknown.code, 2);
    assert.match(unknown.err, /--changed-since nowhere: git knows no "nowhere" here/);
  });

  it('explains a rule', () => {
    assert.match(dbops('lint', '--explain', 'rollback/incomplete').out, /^# rollback\/incomplete\n/);
    assert.match(dbops('lint', '--explain', 'incomplete').err, /Did you mean rollback\/incomplete\?/);
  });

  it('a configuration that cannot be read has an exit code of its own, wherever lint is asked', () => {
    write({
      'flyway.toml': '[flyway\nlocations = ["filesystem:mig"]',
      'mig/V1__x.sql': 'SELECT 1;',
      'chart/templates/application.yml': '{{- if .Values.x }}\na: {{ b }}\n',
    });
    for (const target of ['.', 'mig']) {
      const { code, out, err } = dbops('lint', target);
      assert.deepEqual([target, code], [target, 3], err);
      assert.match(err, /flyway\.toml: Invalid TOML/);
      assert.match(out, /in 1 file/, 'what can be looked at is');
    }
    write({ 'flyway.toml': '[flyway]\nlocations = ["filesystem:mig"]' });
    assert.equal(dbops('lint', '.').code, 0, 'a template of something else is no configuration of Flyway');
  });
});
