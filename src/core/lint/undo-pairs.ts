import { versionKey } from '../flyway/version';
import type { RunScript } from '../rollback/catalog/run-script';
import type { ScriptPair } from '../rollback/undo-comparison';
import type { TreeNode } from '../sql/grammar';
import type { LintScript } from './lint-script';
import { inFlywayOrder } from './script-order';

/** A V script, or the baseline that the project begins with, and the U script of its version. */
export interface UndoPair extends ScriptPair {
  readonly versioned: LintScript;
  readonly undo: LintScript | undefined;
}

/** The V scripts in the order in which Flyway runs them, each with its U script. */
export function undoPairs(scripts: readonly LintScript[]): UndoPair[] {
  const undos = new Map<string, LintScript>();
  for (const script of scripts)
    if (script.meaning.kind === 'undo') undos.set(versionKey(script.meaning.version), script);
  return inFlywayOrder(scripts)
    .filter(({ script, forward }) => forward && 'version' in script.meaning)
    .map(({ script }) => {
      const { meaning } = script;
      const undo = meaning.kind === 'versioned' ? undos.get(versionKey(meaning.version)) : undefined;
      return { versioned: script, undo, run: (which) => runOf(which === 'versioned' ? script : undo) };
    });
}

function runOf(script: LintScript | undefined): RunScript | undefined {
  if (!script || script.isUnreadable) return undefined;
  const statements: RunScript['statements'][number][] = [];
  const broken: RunScript['broken'][number][] = [];
  for (const part of script.parts()) {
    if ('broken' in part) {
      broken.push(part.broken);
      continue;
    }
    const { statement } = part;
    const plain = !script.isCovered(script.sql.slice(statement.start, statement.end));
    const node = plain ? statement.node : (resolved(statement.node, script.resolve) as TreeNode);
    statements.push(plain ? statement : { ...statement, node });
  }
  return { sql: script.sql, restore: script.restore, statements, broken, searched: script.searchedSchema };
}

/** A tree with the values of placeholders: what covers them is another word in every script. */
function resolved(value: unknown, resolve: (derived: string) => string): unknown {
  if (typeof value === 'string') return resolve(value);
  if (Array.isArray(value)) return value.map((item) => resolved(item, resolve));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([field, inner]) => [field, resolved(inner, resolve)]));
}
