import assert from 'node:assert/strict';
import fc from 'fast-check';
import { WorkspaceLinter, type WorkspaceLintOptions } from '../../../src/core/lint/lint-workspace';
import { loadGrammar, type Grammar } from '../../../src/core/sql/grammar';
import { MemoryFiles } from '../flyway/memory-files';

const folder = '/p/src/main/resources/db/migration';
const names = ['V1__a.sql', 'U1__a.sql', 'V2__b.sql', 'U2__b.sql', 'V3__c.sql', 'U3__c.sql', 'R__view.sql'];

/** What changes the schema in ways on which later statements and other scripts depend. */
const pieces = [
  'CREATE TABLE t (id bigint PRIMARY KEY, a int, b text);',
  'DROP TABLE t;',
  'DROP TABLE IF EXISTS t CASCADE;',
  'ALTER TABLE t ADD COLUMN c int;',
  'ALTER TABLE t ADD COLUMN d int NOT NULL DEFAULT 0, ADD COLUMN e text;',
  'ALTER TABLE t DROP COLUMN c;',
  'ALTER TABLE t RENAME COLUMN a TO z;',
  'ALTER TABLE t RENAME TO u;',
  'ALTER TABLE u RENAME TO t;',
  'ALTER TABLE t ALTER COLUMN a TYPE bigint;',
  'ALTER TABLE t ALTER COLUMN a SET NOT NULL;',
  'ALTER TABLE t ALTER COLUMN a DROP NOT NULL;',
  'ALTER TABLE t ALTER COLUMN b SET DEFAULT 7;',
  'ALTER TABLE t ADD CONSTRAINT k CHECK (a IS NOT NULL) NOT VALID;',
  'ALTER TABLE t VALIDATE CONSTRAINT k;',
  'ALTER TABLE t DROP CONSTRAINT k;',
  'CREATE TABLE r (id int PRIMARY KEY, t bigint REFERENCES t);',
  'CREATE INDEX t_a ON t (a);',
  'CREATE INDEX CONCURRENTLY t_a ON t (a);',
  'DROP INDEX t_a;',
  'CREATE VIEW v AS SELECT id FROM t;',
  'CREATE OR REPLACE VIEW v AS SELECT id, a FROM t;',
  'DROP VIEW v;',
  "CREATE TYPE e AS ENUM ('x');",
  "ALTER TYPE e ADD VALUE 'y';",
  'TRUNCATE t;',
  'UPDATE t SET b = 1;',
  'INSERT INTO t SELECT * FROM u;',
  "SET LOCAL lock_timeout = '2s';",
  'SET search_path = s;',
  'COMMIT;',
  "COMMENT ON TABLE t IS 'c';",
  'GRANT SELECT ON t TO app;',
  "DO $$ BEGIN EXECUTE 'DROP TABLE t'; END $$;",
  'ALTER TABLE t ADD COLUMN (;',
  '-- dbops-ignore safety/drop-table: known\n',
  '-- irreversible: gone for good\n',
];

const options: WorkspaceLintOptions = {
  requireReason: true,
  severities: {},
  locations: [],
  environment: {},
  unsaved: new Map(),
};

const script = fc.array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 7 });
const edit = fc.record({
  name: fc.constantFrom(...names),
  place: fc.nat(7),
  remove: fc.nat(2),
  insert: fc.array(fc.constantFrom(...pieces), { maxLength: 2 }),
});

describe('a run that begins where something has changed', () => {
  let grammar: Grammar;
  before(async () => {
    grammar = await loadGrammar();
  });

  it('finds what a run from the beginning finds, key after key', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.tuple(...names.map(() => script)),
        fc.subarray(names, { minLength: 3 }),
        fc.array(edit, { minLength: 1, maxLength: 5 }),
        async (scripts, present, edits) => {
          const parts = new Map(names.map((name, at) => [name, [...(scripts[at] ?? [])]]));
          const textOf = (name: string): string => (parts.get(name) ?? []).join('\n');
          const saved = Object.fromEntries(present.map((name) => [`${folder}/${name}`, textOf(name)]));
          const linter = new WorkspaceLinter(new MemoryFiles(saved), grammar);
          await linter.lint('/p', options);
          const unsaved = new Map<string, string>();
          for (const { name, place, remove, insert } of edits.filter((one) => present.includes(one.name))) {
            parts.get(name)?.splice(place, remove, ...insert);
            unsaved.set(`${folder}/${name}`, textOf(name));
            const typed = await linter.lint('/p', { ...options, filesUnchanged: true, unsaved });
            const fresh = await new WorkspaceLinter(new MemoryFiles(saved), grammar).lint('/p', {
              ...options,
              unsaved,
            });
            assert.deepEqual(plain(typed.findings), plain(fresh.findings));
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('and where files come and go: an undo is created, a version taken away', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.tuple(...names.map(() => script)),
        fc.array(fc.subarray(names, { minLength: 1 }), { minLength: 2, maxLength: 4 }),
        async (scripts, rounds) => {
          let disk = new MemoryFiles({});
          const linter = new WorkspaceLinter(
            {
              list: (path) => disk.list(path),
              read: (path) => disk.read(path),
              real: (path) => disk.real(path),
            },
            grammar,
          );
          for (const present of rounds) {
            disk = new MemoryFiles(
              Object.fromEntries(
                present.map((name) => [`${folder}/${name}`, (scripts[names.indexOf(name)] ?? []).join('\n')]),
              ),
            );
            const fresh = await new WorkspaceLinter(disk, grammar).lint('/p', options);
            assert.deepEqual(plain((await linter.lint('/p', options)).findings), plain(fresh.findings));
          }
        },
      ),
      { numRuns: 40 },
    );
  });
});

/** Findings without what is made on demand. */
function plain(findings: readonly object[]): unknown {
  return JSON.parse(JSON.stringify(findings));
}
