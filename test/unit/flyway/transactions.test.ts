import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { flywayStatements } from '../../../src/core/flyway/flyway-statements';
import { isTransactional, isTransactionalStatement } from '../../../src/core/flyway/transactions';
import { splitScript } from '../../../src/core/sql/splitter';
import { projectRoot } from '../../lab/project-root';

const read = (file: string): string => readFileSync(path.join(projectRoot, 'test/fixtures/flyway', file), 'utf8');

describe('statements that Flyway runs outside of a transaction, against the real thing', () => {
  const scripts = new Map(
    read('flyway-split-vectors-input.txt')
      .split(/^@@@ /m)
      .slice(1)
      .map((part) => [part.slice(0, part.indexOf('\n')), part.slice(part.indexOf('\n') + 1)]),
  );
  for (const part of read('flyway-split-vectors-output.txt').split(/^## /m).slice(1)) {
    const name = /^\S+/.exec(part)?.[0] ?? '';
    const expected = [...part.matchAll(/^ {3}\[\d+\] line \d+ (NON-TX )?:/gm)].map((match) => match[1] === undefined);
    it(name, () => {
      const script = scripts.get(name) ?? '';
      const others = flywayStatements(script);
      const got = others
        ? others.map(({ text, head, behindPsql }) => behindPsql || isTransactionalStatement(text, head))
        : splitScript(script).statements.map((statement) => isTransactionalStatement(script, statement));
      assert.deepEqual(got, expected);
    });
  }

  for (const [script, transactional] of [
    ['PREPARE p AS SELECT $1; CREATE INDEX CONCURRENTLY i ON t (c);', true],
    ['PREPARE p AS SELECT $1, $2; SELECT $1, $3; CREATE INDEX CONCURRENTLY i ON t (c);', false],
    ['SELECT a$1; CREATE INDEX CONCURRENTLY i ON t (c);', false],
    ["SELECT '$1'; CREATE INDEX CONCURRENTLY i ON t (c);", false],
    ["SELECT e'a\\'; CREATE INDEX CONCURRENTLY i ON t (c); --'", false],
    ["SELECT E'a\\'; CREATE INDEX CONCURRENTLY i ON t (c); --'", true],
    ["SELECT e'a\\'; b'; CREATE INDEX CONCURRENTLY i ON t (c);", true],
    ['\\connect foo\nCREATE INDEX CONCURRENTLY i ON t (c);', true],
    ['\\connect foo\nSELECT 1;\nCREATE INDEX CONCURRENTLY i ON t (c);', false],
    ['SELECT (1; CREATE INDEX CONCURRENTLY i ON t (c);', true],
    ['DO $x$ BEGIN PERFORM $1; END $x$; VACUUM;', false],
  ] as const)
    it(`where the splitter differs: ${JSON.stringify(script)}`, () => {
      assert.equal(isTransactional(script, splitScript(script).statements), transactional);
    });
});
