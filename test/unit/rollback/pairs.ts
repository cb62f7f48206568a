import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Catalog } from '../../../src/core/rollback/catalog/catalog';
import { runScript, type RunScript } from '../../../src/core/rollback/catalog/run-script';
import { compareUndo } from '../../../src/core/rollback/compare-undo';
import type { Discrepancy } from '../../../src/core/rollback/discrepancy';
import type { Grammar } from '../../../src/core/sql/grammar';
import { splitScript } from '../../../src/core/sql/splitter';
import { projectRoot } from '../../lab/project-root';

export const fixture = (name: string): string =>
  readFileSync(path.join(projectRoot, 'test/fixtures/rollback', name), 'utf8');

/** The lines `V ### U` of a fixture. */
export function pairsOf(name: string): [string, string][] {
  return fixture(name)
    .split('\n')
    .filter((line) => line.includes(' ### '))
    .map((line) => line.split(' ### ') as [string, string]);
}

export function toRun(sql: string, grammar: Grammar): RunScript {
  const parsed = splitScript(sql).statements.map((split) => ({
    split,
    outcome: grammar.parse(sql.slice(split.start, split.end)),
  }));
  return {
    sql,
    restore: (text) => text,
    statements: parsed.flatMap(({ split, outcome }) =>
      outcome.ok ? [{ type: outcome.type, node: outcome.node, start: split.start, end: split.end, split }] : [],
    ),
    broken: parsed.flatMap(({ split, outcome }) => (outcome.ok ? [] : [split])),
  };
}

/** V and U compared on the schema of some scripts; what only may be is left out. */
export function compare(base: string, v: string, u: string, grammar: Grammar): Discrepancy[] {
  const catalog = new Catalog();
  runScript(catalog, toRun(base, grammar), 'before', grammar);
  return compareUndo(catalog, toRun(v, grammar), toRun(u, grammar), grammar);
}

export const shown = (found: readonly Discrepancy[]): string =>
  found.map(({ kind, message }) => `${kind}: ${message}`).join('\n');

/** Kinds that tell of a risk, not of a difference. */
export const isRisk = ({ kind }: Discrepancy): boolean => ['may-fail', 'may-over-drop', 'not-compared'].includes(kind);
