import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { isTransactionalStatement } from '../../../src/core/flyway/transactions';
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
      const got = splitScript(script).statements.map((statement) => isTransactionalStatement(script, statement));
      // Where Flyway splits otherwise than PostgreSQL, it takes several statements for one.
      assert.deepEqual(got.length === expected.length ? got : [got.every(Boolean)], expected);
    });
  }
});
