import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import type { Finding } from '../../../src/core/lint/finding';
import { statementRules } from '../../../src/core/lint/rules/severities';
import { WorkspaceLinter, type WorkspaceLint } from '../../../src/core/lint/lint-workspace';
import { loadGrammar } from '../../../src/core/sql/grammar';
import { localFiles } from '../../../src/files/local-files';

const folder = 'src/main/resources/db/migration';

describe('lint of a workspace', () => {
  let root: string;
  let linter: WorkspaceLinter;
  before(async () => {
    linter = new WorkspaceLinter(localFiles, await loadGrammar());
  });
  beforeEach(() => {
    root = mkdtempSync(path.join(os.tmpdir(), 'dbops-lint-'));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  function write(files: Readonly<Record<string, string | Uint8Array>>, base = folder): void {
    for (const [name, content] of Object.entries(files)) {
      const file = path.join(root, base, name);
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, content);
    }
  }
  const lint = (severities = {}, requireReason = true): Promise<WorkspaceLint> =>
    linter.lint(root, { requireReason, severities, locations: [], environment: {}, unsaved: new Map() });
  /** `file:rule:severity:what the range covers`. */
  const brief = ({ findings, scripts }: WorkspaceLint): string[] =>
    findings.filter(isNoStatementRule).map((finding) => {
      const text = scripts.find((script) => script.path === finding.path)?.text ?? '';
      return [path.basename(finding.path), finding.rule, finding.severity, text.slice(finding.start, finding.end)].join(
        ' | ',
      );
    });

  it('grades a missing undo by what the script does, and points at it', async () => {
    write({
      'V1__table.sql': 'CREATE TABLE orders (id bigint);\n',
      'V2__drop.sql':
        '-- é🐘\nALTER TABLE orders\n  ADD COLUMN note text,\n  DROP COLUMN "Mixed;,Case" CASCADE;\nTRUNCATE orders;\n',
      'V3__code.sql': 'DO $$ BEGIN PERFORM 1; END $$;',
      'V4__add.sql': 'ALTER TABLE orders ADD COLUMN ok int;',
      'U4__add.sql': 'ALTER TABLE orders DROP COLUMN ok;',
      'V5__nothing.sql': "SET lock_timeout = '2s';\nSELECT 1;",
      'V6__kept.sql': 'CREATE TABLE orders_before AS SELECT * FROM orders;\nDELETE FROM orders WHERE id = 1;',
    });
    assert.deepEqual(brief(await lint()), [
      'V1__table.sql | rollback/undo-missing | hint | CREATE TABLE orders (id bigint)',
      'V2__drop.sql | rollback/undo-missing | warning | DROP COLUMN "Mixed;,Case" CASCADE',
      'V2__drop.sql | rollback/undo-missing | warning | TRUNCATE orders',
      'V3__code.sql | rollback/undo-missing | information | DO $$ BEGIN PERFORM 1; END $$',
      'V6__kept.sql | rollback/undo-missing | hint | CREATE TABLE orders_before AS SELECT * FROM orders',
    ]);
  });

  it('keeps the findings of a script whose other statements are broken', async () => {
    write({ 'V1__x.sql': 'SELEC nonsense;\nDROP TABLE a;\nALTER TABLE ;' });
    assert.deepEqual(brief(await lint()), ['V1__x.sql | rollback/undo-missing | warning | DROP TABLE a']);
  });

  it('reports what Flyway skips and what it cannot tell apart', async () => {
    write({
      'V1__a.sql': 'SELECT 1;',
      'V1.0__b.sql': 'SELECT 1;',
      'V2_c.sql': 'SELECT 1;',
      'R__same.sql': 'SELECT 1;',
      'sub/R__same.sql': 'SELECT 1;',
      'U9__x.sql': 'SELECT 1;',
      'V3__d.sql.bak': 'SELECT 1;',
      'readme.txt': 'not a script',
    });
    const result = await lint();
    assert.deepEqual(
      brief(result)
        .map((line) => line.split(' | ').slice(0, 3).join(' | '))
        .sort(),
      [
        'R__same.sql | flyway/duplicate-repeatable | error',
        'R__same.sql | flyway/duplicate-repeatable | error',
        'U9__x.sql | rollback/undo-without-versioned | warning',
        'V1.0__b.sql | flyway/duplicate-version | error',
        'V1__a.sql | flyway/duplicate-version | error',
        'V2_c.sql | flyway/skipped-name | warning',
        'V3__d.sql.bak | flyway/skipped-name | information',
      ],
    );
    const skipped = result.findings.find((finding) => finding.path.endsWith('V2_c.sql'));
    assert.deepEqual(skipped?.fix, { kind: 'rename', to: 'V2__c.sql' });
    const copy = result.findings.find((finding) => finding.path.endsWith('.bak'));
    assert.equal(copy?.fix, undefined, 'a copy put aside is left aside');
  });

  it('offers no name that is taken', async () => {
    write({ 'V1__a.sql': 'SELECT 1;', 'V1_b.sql': 'SELECT 1;', 'V1__a.sql.conf': 'executeInTransaction=false' });
    const [finding, ...others] = (await lint()).findings;
    assert.match(finding?.message ?? '', /V1__b\.sql would be the same as V1__a\.sql/);
    assert.equal(finding?.fix, undefined);
    assert.deepEqual(others, [], 'the configuration of a script is no skipped script');
  });

  it('suppresses with a reason, the next statement or the file, and says what is wrong with a suppression', async () => {
    write({
      'V1__a.sql':
        '-- dbops-ignore rollback/undo-missing: the table was never used, OPS-12\nDROP TABLE a;\nDROP TABLE b;',
      'V2__b.sql': '-- dbops-ignore rollback/undo-missing\nDROP TABLE a;',
      'V3__c.sql': '/* dbops-ignore-file rollback/undo-missing: agreed */\n\nDROP TABLE a;\nDROP TABLE b;',
      'V4_d.sql': '-- dbops-ignore flyway/skipped-name: kept for the archive\nSELECT 1;',
      'V5__e.sql': '-- dbops-ignore rollback/nothing: x\n-- dbops-ignore flyway/encoding: old\nSELECT 1;',
      'V6__f.sql': '-- squawk-ignore ban-drop-table\nDROP TABLE a;',
    });
    assert.deepEqual(brief(await lint()), [
      'V1__a.sql | rollback/undo-missing | warning | DROP TABLE b',
      'V2__b.sql | lint/suppression-without-reason | warning | -- dbops-ignore rollback/undo-missing',
      'V2__b.sql | rollback/undo-missing | warning | DROP TABLE a',
      'V5__e.sql | lint/unknown-rule | warning | -- dbops-ignore rollback/nothing: x',
      'V5__e.sql | lint/unused-suppression | hint | -- dbops-ignore flyway/encoding: old',
    ]);
    assert.deepEqual(
      brief(await lint({}, false)).filter((line) => line.startsWith('V2')),
      [],
      'the setting lets a reason be missing',
    );
    assert.equal(
      brief(await lint({ 'rollback/undo-missing': 'off' })).filter((line) => line.includes('| rollback/undo-missing |'))
        .length,
      0,
    );
  });

  it('writes an undo that does what is certain and stops at what is not', async () => {
    write({
      'V1__x.sql':
        'CREATE TABLE "O\'Brien" (id int);\nALTER TABLE t ADD COLUMN IF NOT EXISTS a int, ADD COLUMN b int;\nCREATE INDEX CONCURRENTLY i ON s.t (b);',
    });
    const [finding] = (await lint()).findings.filter(isNoStatementRule);
    assert.ok(finding?.fix?.kind === 'create-undo');
    assert.equal(finding.fix.name, 'U1__x.sql');
    const statements = finding.fix.text.split('\n').filter((line) => line !== '' && !line.startsWith('--'));
    assert.deepEqual(statements, [
      'DROP INDEX CONCURRENTLY "s"."i";',
      'ALTER TABLE "t" DROP COLUMN "b";',
      "DO $undo$ BEGIN RAISE EXCEPTION 'Not written yet: the inverse of a statement that adds the column t.a'; END $undo$;",
      'DROP TABLE "O\'Brien";',
    ]);
  });

  it('reads the project where its configuration says', async () => {
    write(
      {
        'flyway.toml':
          '[flyway]\nlocations = ["filesystem:sql/*/up"]\nsqlMigrationPrefix = "M"\n\n[flyway.placeholders]\nowner = "app"\n',
      },
      '.',
    );
    write({ 'M1__x.sql': 'DROP TABLE ${owner}.a;', 'V2__x.sql': 'SELECT 1' }, 'sql/core/up');
    write({ 'V9__not_here.sql': 'DROP TABLE a;' });
    assert.deepEqual(brief(await lint()), [
      'M1__x.sql | rollback/undo-missing | warning | DROP TABLE ${owner}.a',
      'V2__x.sql | flyway/skipped-name | warning | SELECT 1',
    ]);
  });

  it('reads Spring Boot, Maven, Gradle and conf files, several modules at once', async () => {
    const module = (name: string, file: string, content: string, place: string): void => {
      write({ [file]: content }, name);
      write({ 'V1__x.sql': 'DROP TABLE a;' }, `${name}/${place}`);
    };
    module(
      'spring',
      'src/main/resources/application.yml',
      'spring:\n  flyway:\n    locations:\n      - classpath:db/{vendor}\n---\nspring:\n  config.activate.on-profile: test\n  flyway.locations: classpath:nowhere\n',
      'src/main/resources/db/postgresql',
    );
    module(
      'props',
      'src/main/resources/application.properties',
      'spring.flyway.sql-migration-prefix=V\nspring.flyway.locations=classpath:changes\n',
      'src/main/resources/changes',
    );
    module(
      'maven',
      'pom.xml',
      '<project><build><plugins><plugin><artifactId>flyway-maven-plugin</artifactId><configuration><locations><location>filesystem:dbm</location></locations></configuration></plugin></plugins></build></project>',
      'dbm',
    );
    module('gradle', 'build.gradle', "flyway {\n    url = 'x'\n    locations = ['filesystem:changes']\n}\n", 'changes');
    module('plain', 'flyway.conf', '# old\nflyway.locations=filesystem:${NOT_SET:x},filesystem:migs\n', 'migs');
    const paths = (await lint()).findings
      .filter(isNoStatementRule)
      .map((finding) => path.relative(root, finding.path).split(path.sep)[0]);
    assert.deepEqual(paths, ['gradle', 'maven', 'plain', 'props', 'spring']);
  });

  it('stands bad input', async () => {
    write({
      'V1__empty.sql': '',
      'V2__latin.sql': Uint8Array.from([0x2d, 0x2d, 0x20, 0xe9, 0x0a, 0x53, 0x45]),
      'V3__nul.sql': 'DROP TABLE a;\0DROP TABLE b;',
      'V4__crlf.sql': '\ufeff\ufeff-- x\r\nDROP TABLE a;\r\n',
      'V5__open.sql': "SELECT 'never ends; DROP TABLE a;",
      'V6__big.sql': `${"INSERT INTO t VALUES (1, 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx');\n".repeat(70_000)}DROP TABLE a;`,
      'V7__utf16.sql': Uint8Array.from(Buffer.from('\ufeffSELECT 1', 'utf16le')),
      'V8__dir.sql/V9__inner.sql': 'DROP TABLE a;',
    });
    symlinkSync(path.join(root, folder), path.join(root, folder, 'loop'));
    // A device that never ends, and a link that leads nowhere.
    symlinkSync('/dev/zero', path.join(root, folder, 'V10__zero.sql'));
    symlinkSync(path.join(root, 'gone.sql'), path.join(root, folder, 'V11__gone.sql'));
    const lines = brief(await lint());
    assert.deepEqual(
      lines.filter((line) => line.includes('encoding')).map((line) => line.split(' | ')[0]),
      ['V2__latin.sql', 'V3__nul.sql', 'V4__crlf.sql', 'V7__utf16.sql'],
    );
    assert.ok(lines.includes('V4__crlf.sql | rollback/undo-missing | warning | DROP TABLE a'));
    assert.ok(lines.includes('V6__big.sql | rollback/undo-missing | warning | DROP TABLE a'));
    assert.ok(lines.includes('V9__inner.sql | rollback/undo-missing | warning | DROP TABLE a'));
    assert.equal(
      (
        await linter.lint(path.join(root, 'nowhere'), {
          requireReason: true,
          severities: {},
          locations: [],
          environment: {},
          unsaved: new Map(),
        })
      ).scripts.length,
      0,
    );
  });

  it('stands a rename in the middle: a file that is gone when it is read is found under its new name', async () => {
    write({ 'V1__a.sql': 'SELECT 1;', 'V2__b.sql': 'DROP TABLE a;', 'V3__c.sql': 'DROP TABLE b;' });
    const from = path.join(root, folder, 'V2__b.sql');
    const moving = new WorkspaceLinter(
      {
        ...localFiles,
        read: (file) => {
          if (file.endsWith('V2__b.sql')) renameSync(from, path.join(root, folder, 'V4__b.sql'));
          return localFiles.read(file);
        },
      },
      await loadGrammar(),
    );
    const run = (): Promise<WorkspaceLint> =>
      moving.lint(root, { requireReason: true, severities: {}, locations: [], environment: {}, unsaved: new Map() });
    const dropped = (lint: WorkspaceLint): string[] => brief(lint).filter((line) => line.includes('DROP'));
    assert.deepEqual(dropped(await run()), [
      'V3__c.sql | rollback/undo-missing | warning | DROP TABLE b',
      'V4__b.sql | rollback/undo-missing | warning | DROP TABLE a',
    ]);
  });

  it('reads encodings as Java does, of the project and of one script', async () => {
    write({ 'flyway.conf': 'flyway.encoding=ISO-8859-1\nflyway.locations=filesystem:migs\n' }, '.');
    write(
      {
        // 0x80 is a control character in ISO-8859-1, and would be a euro sign in the code page of Windows.
        'V1__latin.sql': Uint8Array.from([0x2d, 0x2d, 0xe9, 0x80]),
        'V2__utf16.sql': Uint8Array.from([0xfe, 0xff, 0x00, 0x2d, 0x00, 0x2d, 0x00, 0xe9]),
        'V2__utf16.sql.conf': 'encoding=UTF-16\n',
        'V3__none.sql': 'SELECT 1;',
        'V3__none.sql.conf': 'encoding=klingon',
        'V4__ascii.sql': '-- é',
        'V4__ascii.sql.conf': 'encoding=US-ASCII',
      },
      'migs',
    );
    const { scripts, findings } = await lint();
    assert.deepEqual(
      scripts.map((script) => script.text),
      ['--\u00e9\u0080', '\ufeff--\u00e9', 'SELECT 1;', '-- \ufffd\ufffd'],
    );
    assert.deepEqual(
      findings.map((finding) => [path.basename(finding.path), finding.message.slice(0, 34)]),
      [
        ['V3__none.sql', 'There is no encoding "klingon": fl'],
        ['V4__ascii.sql', 'This file is not valid US-ASCII: F'],
      ],
    );
  });

  it('covers a line inside a statement, takes squawk names for a file, and minds only comments that begin with it', async () => {
    write({
      'V1__a.sql':
        'ALTER TABLE t\n  -- dbops-ignore rollback/undo-missing: never filled\n  DROP COLUMN a,\n  DROP COLUMN b;',
      'V2__b.sql': '-- squawk-ignore-file ban-drop-table\nDROP TABLE a;\nDROP TABLE b;',
      'V3__c.sql': '-- see what dbops-ignore means: the docs\nDROP TABLE a;',
    });
    assert.deepEqual(brief(await lint()), [
      'V1__a.sql | rollback/undo-missing | warning | DROP COLUMN b',
      'V3__c.sql | rollback/undo-missing | warning | DROP TABLE a',
    ]);
  });

  it('reads no file again when only a text has changed', async () => {
    write({ 'V1__a.sql': 'DROP TABLE a;', 'V2__b.sql': 'DROP TABLE b;' });
    await lint();
    rmSync(path.join(root, folder, 'V2__b.sql'));
    const file = path.join(root, folder, 'V1__a.sql');
    const options = { requireReason: true, severities: {}, locations: [], environment: {} };
    const typed = await linter.lint(root, {
      ...options,
      unsaved: new Map([[file, 'TRUNCATE a']]),
      filesUnchanged: true,
    });
    assert.deepEqual(brief(typed), [
      'V1__a.sql | rollback/undo-missing | warning | TRUNCATE a',
      'V2__b.sql | rollback/undo-missing | warning | DROP TABLE b',
    ]);
    assert.equal(brief(await lint()).length, 1);
  });

  it('knows the types that earlier scripts gave, placeholders included, in the order of versions', async () => {
    write({
      'V2__a.sql': 'CREATE TABLE ${s}.t (n int, code varchar(20));',
      'U2__a.sql': 'DROP TABLE ${s}.t;',
      'V10__b.sql': 'ALTER TABLE ${s}.t ALTER n TYPE bigint,\n  ALTER code TYPE varchar(5);',
      'V11__c.sql': 'ALTER TABLE ${s}.t ADD COLUMN ok boolean;',
    });
    const result = await lint();
    assert.deepEqual(brief(result), [
      'V10__b.sql | rollback/undo-missing | warning | ALTER code TYPE varchar(5)',
      'V11__c.sql | rollback/undo-missing | hint | ADD COLUMN ok boolean',
    ]);
    const [narrowed, added] = result.findings.filter(isNoStatementRule);
    assert.match(narrowed?.message ?? '', /\$\{s\}\.t\.code from varchar\(20\) to varchar\(5\)/);
    assert.ok(added?.fix?.kind === 'create-undo');
    assert.match(added.fix.text, /^ALTER TABLE \$\{s\}\."t" DROP COLUMN "ok";$/m);
  });

  it('reads five thousand scripts', async () => {
    write(Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`V${index + 1}__x.sql`, 'DROP TABLE a;'])));
    assert.equal((await lint()).findings.filter(isNoStatementRule).length, 5000);
  });

  it('places every finding inside its file, whatever stands in it', async () => {
    const piece = fc.constantFrom(
      'DROP TABLE a;',
      'ALTER TABLE t DROP COLUMN x, ADD y int;',
      "'",
      '$$',
      '/*',
      '*/',
      '--',
      '\n',
      '\r\n',
      '${p}',
      '🐘',
      '-- dbops-ignore rollback/undo-missing: x\n',
      '-- dbops-ignore',
      ';',
      '(',
      '\\x\n',
      'COPY t FROM stdin;\n',
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 20 }), async (pieces) => {
        write({ 'V1__x.sql': pieces.join('') });
        const { findings, scripts } = await lint();
        for (const finding of findings) assertInside(finding, scripts[0]?.text ?? '');
      }),
      { numRuns: 150 },
    );
  });
});

/** The rules about single statements have tests of their own. */
function isNoStatementRule({ rule }: Finding): boolean {
  return !Object.hasOwn(statementRules, rule);
}

function assertInside(finding: Finding, text: string): void {
  assert.ok(finding.start >= 0 && finding.start <= finding.end && finding.end <= text.length, JSON.stringify(finding));
}
