import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Catalog } from '../../../src/core/rollback/catalog/catalog';
import { runScript, type RunScript } from '../../../src/core/rollback/catalog/run-script';
import { compareUndo } from '../../../src/core/rollback/compare-undo';
import type { Discrepancy } from '../../../src/core/rollback/discrepancy';
import { loadGrammar, type Grammar } from '../../../src/core/sql/grammar';
import { splitScript } from '../../../src/core/sql/splitter';
import { projectRoot } from '../../lab/project-root';

const fixture = (name: string): string => readFileSync(path.join(projectRoot, 'test/fixtures/rollback', name), 'utf8');
/** The measured pairs: V ### U. */
const pairs = fixture('inverse-pairs.txt')
  .split('\n')
  .filter((line) => line.includes(' ### '))
  .map((line) => line.split(' ### ') as [string, string]);
/** Those that a real server did not bring back exactly; both sides may be written with more blanks there. */
const inexact = new Set(
  fixture('inverse-roundtrip-pg15.txt')
    .split('\n')
    .flatMap((line) => /^(?:DIFF|U-ERR)\s+(.*?) ###\s+(.*?) => /.exec(line)?.slice(1, 3).join(' ### ') ?? []),
);

describe('V against U, on the pairs that a real server has run', () => {
  let grammar: Grammar;
  before(async () => {
    grammar = await loadGrammar();
  });

  const script = (sql: string): RunScript => {
    const { statements } = splitScript(sql);
    const parsed = statements.map((split) => ({ split, outcome: grammar.parse(sql.slice(split.start, split.end)) }));
    return {
      sql,
      restore: (text) => text,
      statements: parsed.flatMap(({ split, outcome }) =>
        outcome.ok ? [{ type: outcome.type, node: outcome.node, start: split.start, end: split.end, split }] : [],
      ),
      broken: parsed.flatMap(({ split, outcome }) => (outcome.ok ? [] : [split])),
    };
  };
  const compare = (v: string, u: string): Discrepancy[] => {
    const catalog = new Catalog();
    runScript(catalog, script(fixture('inverse-base.sql')), 'before', grammar);
    return compareUndo(catalog, script(v), script(u), grammar);
  };
  const shown = (found: readonly Discrepancy[]): string =>
    found.map(({ kind, message }) => `${kind}: ${message}`).join('\n');

  for (const [v, u] of pairs) {
    if (inexact.has(`${v} ### ${u}`)) {
      it(`tells that it is not exact: ${v} ### ${u}`, () => assert.notEqual(shown(compare(v, u)), ''));
      continue;
    }
    it(`exact: ${v} ### ${u}`, () => assert.equal(shown(compare(v, u)), ''));
    it(`each statement of U is missed: ${v} ### ${u}`, () => {
      const parts = u.split('; ');
      for (const left of parts) {
        const rest = parts.filter((part) => part !== left).join('; ');
        assert.notEqual(shown(compare(v, rest)), '', `without ${left}`);
      }
    });
  }
});
