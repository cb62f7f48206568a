import assert from 'node:assert/strict';
import type { FlywayConfig } from '../../../src/core/flyway/flyway-config';
import { loadGrammar, type Grammar } from '../../../src/core/sql/grammar';
import { lintTexts } from './memory-project';

describe('one table under several spellings of its name', () => {
  let grammar: Grammar;
  before(async () => {
    grammar = await loadGrammar();
  });
  const found = (
    texts: Readonly<Record<string, string>>,
    config: Partial<FlywayConfig>,
    ...rules: string[]
  ): string[] =>
    lintTexts(Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, { text, config }])), grammar)
      .filter(({ rule }) => rules.some((one) => rule.startsWith(one)))
      .map(({ path, rule, message }) => `${path} ${rule}: ${message}`);
  const placeholders = new Map([
    ['sc', 'app'],
    ['ow', 'me'],
  ]);

  it('undo scripts that name it by a placeholder, by its value, or by the schema that Flyway sets, take it back', () => {
    const named = {
      'V1__a.sql': '-- for ${ow}\nCREATE TABLE ${sc}.t (id int PRIMARY KEY);\nALTER TABLE ${sc}.t OWNER TO ${ow};',
      'U1__a.sql': 'DROP TABLE ${sc}.t;',
      'V2__b.sql': 'ALTER TABLE app.t ADD COLUMN x int;\nCREATE INDEX i ON ${sc}.t (x);',
      'U2__b.sql': 'DROP INDEX app.i;\nALTER TABLE ${sc}.t DROP COLUMN x;',
    };
    assert.deepEqual(found(named, { placeholders }, 'rollback/'), []);
    const searched = {
      'V1__a.sql': 'CREATE TABLE core.t (id int PRIMARY KEY, p int DEFAULT 1);\nCREATE VIEW v AS SELECT id FROM t;',
      'U1__a.sql': 'DROP VIEW ${flyway:defaultSchema}.v;\nDROP TABLE t;',
      'V2__b.sql': 'ALTER TABLE t ADD COLUMN x int, ALTER p SET DEFAULT 2;\nCREATE INDEX i ON core.t (x);',
      'U2__b.sql': 'DROP INDEX core.i;\nALTER TABLE core.t ALTER p SET DEFAULT 1, DROP COLUMN x;',
      'V3__c.sql': 'DO $$ BEGIN\n  ALTER TABLE t ADD COLUMN y int;\nEND $$;',
      'U3__c.sql': 'ALTER TABLE core.t DROP COLUMN y;',
    };
    assert.deepEqual(found(searched, { defaultSchema: 'core' }, 'rollback/'), []);
    // The same names, and no schema that Flyway sets: core.t and t are two tables.
    assert.notDeepEqual(found(searched, {}, 'rollback/over-drop'), []);
  });

  it('an undo that forgets it is told with the name that PostgreSQL sees', () => {
    const texts = {
      'V1__a.sql':
        '-- ${ow}\nCREATE TABLE ${sc}.t (id int PRIMARY KEY);\nCREATE TABLE ${other}.t (id int PRIMARY KEY);',
      'U1__a.sql': 'SELECT 1 FROM x;',
    };
    assert.deepEqual(found(texts, { placeholders }, 'rollback/incomplete'), [
      'V1__a.sql rollback/incomplete: The undo does not drop the table app.t (U1__a.sql).',
      'V1__a.sql rollback/incomplete: The undo does not drop the table ${other}.t (U1__a.sql).',
    ]);
  });

  it('rules of safety know what was made under the other name', () => {
    const texts = {
      'V1__a.sql': 'CREATE TABLE core.t (id int PRIMARY KEY, n varchar(10));',
      'V2__b.sql':
        'ALTER TABLE t ALTER n TYPE varchar(20);\nALTER TABLE ${flyway:defaultSchema}.t ALTER id TYPE bigint;',
    };
    assert.deepEqual(
      found(texts, { defaultSchema: 'core' }, 'safety/change-column-type', 'safety/many-locks').map(
        (line) => /Changing \S+ from \S+ to \S+/.exec(line)?.[0] ?? line,
      ),
      ['Changing core.t.id from integer to bigint'],
    );
  });
});
