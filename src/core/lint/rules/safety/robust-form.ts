import { flagOf, listOf, textOf } from '../../../rollback/tree';
import { referenceOf } from '../../../sql/replay/object-reference';
import type { Issue, ScriptRule } from '../../rule';
import type { StatementContext } from '../../statement-context';

const creates: Readonly<Record<string, string>> = {
  CreateStmt: 'CREATE TABLE IF NOT EXISTS',
  CreateSchemaStmt: 'CREATE SCHEMA IF NOT EXISTS',
  CreateSeqStmt: 'CREATE SEQUENCE IF NOT EXISTS',
  CreateExtensionStmt: 'CREATE EXTENSION IF NOT EXISTS',
};

export const robustForm: ScriptRule = {
  id: 'safety/robust-form',
  title: 'A script outside of a transaction that cannot be run again when it fails half way',
  inUndo: true,
  begin(script) {
    if (script.transactions.mode !== 'autocommit' || script.transactions.of.length < 2) return {};
    const dropped = new Set<string>();
    let seen = 0;
    const last = script.transactions.of.length;
    return {
      *statement(context): Generator<Issue> {
        if (context.scope.isInBlock) return;
        seen++;
        remember(context, dropped);
        // Nothing that can fail stands behind the last one.
        if (context.transaction !== undefined || seen >= last) return;
        const advice = fragile(context, dropped);
        if (advice !== undefined)
          yield {
            ...context.headToRelation,
            message: `This script runs outside of a transaction: when a later statement fails, this one has happened, and fails when the script is run again. ${advice}`,
          };
      },
    };
  },
};

function remember(context: StatementContext, dropped: Set<string>): void {
  const { node } = context;
  if (context.type !== 'DropStmt' || !flagOf(node, 'missing_ok')) return;
  for (const object of listOf(node, 'objects')) {
    const key = referenceOf(context.schema, context.scope, textOf(node, 'removeType') ?? '', object)?.key;
    if (key !== undefined) dropped.add(key);
  }
}

function fragile(context: StatementContext, dropped: ReadonlySet<string>): string | undefined {
  const { node, type } = context;
  if (type === 'IndexStmt') {
    const name = context.name(textOf(node, 'idxname'));
    if (flagOf(node, 'if_not_exists') || [...dropped].some((key) => key === name || key.endsWith(`.${name}`)))
      return undefined;
    return `Give it a script of its own, or write DROP INDEX ${flagOf(node, 'concurrent') ? 'CONCURRENTLY ' : ''}IF EXISTS ${name}; before it.`;
  }
  if (type === 'DropStmt') return flagOf(node, 'missing_ok') ? undefined : 'Write DROP … IF EXISTS.';
  const form = creates[type];
  return form === undefined || flagOf(node, 'if_not_exists') ? undefined : `Write ${form}.`;
}
