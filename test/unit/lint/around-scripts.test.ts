import assert from 'node:assert/strict';
import { describeScripts } from '../../../src/cli/info';
import { WorkspaceLinter, type WorkspaceLint } from '../../../src/core/lint/lint-workspace';
import { loadGrammar, type Grammar } from '../../../src/core/sql/grammar';
import { MemoryFiles } from '../flyway/memory-files';

describe('what stands around the scripts', () => {
  let grammar: Grammar;
  before(async () => {
    grammar = await loadGrammar();
  });
  function lint(files: Readonly<Record<string, string>>): Promise<WorkspaceLint> {
    const inWorkspace = Object.fromEntries(Object.entries(files).map(([name, text]) => [`/w/${name}`, text]));
    return new WorkspaceLinter(new MemoryFiles(inWorkspace), grammar).lint('/w', {
      requireReason: true,
      severities: {},
      locations: [],
      environment: {},
      unsaved: new Map(),
    });
  }
  const resources = 'src/main/resources/db/migration';

  it('classes are migrations whose versions are taken, and are not looked into', async () => {
    const result = await lint({
      [`${resources}/V1__a.sql`]: 'SELECT 1;',
      [`${resources}/U2__fill.sql`]: 'SELECT 1;',
      [`${resources}/U3__gone.sql`]: 'SELECT 1;',
      [`${resources}/V4__sql.sql`]: 'SELECT 1;',
      'src/main/java/db/migration/V2__Fill_names.java': 'package db.migration;',
      'src/main/java/db/migration/V2__Fill_names$Row.class': '',
      'src/main/java/db/migration/Names.java': '',
      'src/main/kotlin/db/migration/v4/V4_0__Again.kt': '',
      'src/main/java/other/V9__Elsewhere.java': '',
    });
    const found = result.findings
      .filter(({ rule }) => rule === 'rollback/undo-without-versioned' || rule === 'flyway/duplicate-version')
      .map(
        ({ path, rule, message }) =>
          `${path.split('/').at(-1) ?? ''} ${rule} ${/V4_0__\w+\.kt/.exec(message)?.[0] ?? ''}`,
      );
    assert.deepEqual(found.sort(), [
      'U3__gone.sql rollback/undo-without-versioned ',
      'V4__sql.sql flyway/duplicate-version V4_0__Again.kt',
    ]);
    const classes = describeScripts(result).filter(({ path }) => !path.endsWith('.sql'));
    assert.deepEqual(classes, [
      {
        path: '/w/src/main/java/db/migration/V2__Fill_names.java',
        kind: 'versioned',
        version: '2',
        description: 'Fill names',
        checksum: null,
        transactional: null,
      },
      {
        path: '/w/src/main/kotlin/db/migration/v4/V4_0__Again.kt',
        kind: 'versioned',
        version: '4.0',
        description: 'Again',
        checksum: null,
        transactional: null,
      },
    ]);
  });

  describe('a lock_timeout that every session begins with', () => {
    const change = {
      'sql/V1__a.sql': 'CREATE TABLE a (i int PRIMARY KEY);',
      'sql/V2__b.sql': 'ALTER TABLE a ADD b int;',
    };
    const cases: readonly (readonly [file: string, text: string, counts: boolean])[] = [
      ['flyway.conf', "flyway.initSql=SET lock_timeout = '2s'", true],
      ['flyway.toml', `[flyway]\ninitSql = "set session lock_timeout to 2000; SET role app"`, true],
      ['flyway.toml', `[flyway]\ninitSql = "SET lock_timeout = 0"`, false],
      ['flyway.toml', `[flyway]\ninitSql = "SET statement_timeout = '2s'"`, false],
      [
        'application.yml',
        "spring:\n  flyway:\n    init-sqls: SET lock_timeout = '2s'\n    locations: filesystem:sql",
        true,
      ],
      [
        'application.properties',
        "spring.datasource.hikari.connection-init-sql=SET lock_timeout = '3s'\nspring.flyway.locations=filesystem:sql",
        true,
      ],
    ];
    for (const [file, text, counts] of cases)
      it(`${file}: ${text.split('\n').find((line) => line.includes('timeout')) ?? ''}`, async () => {
        const { findings } = await lint({ ...change, [file]: text });
        assert.equal(
          findings.some(({ rule }) => rule === 'safety/lock-timeout'),
          !counts,
        );
      });
  });
});
