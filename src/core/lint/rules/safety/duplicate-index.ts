import type { Index } from '../../../sql/replay/schema-object';
import { indexOf } from '../../../sql/replay/apply-index';
import type { Issue, StatementRule } from '../../rule';

export const duplicateIndex: StatementRule = {
  id: 'safety/duplicate-index',
  title: 'An index that another one covers already',
  inUndo: false,
  on: ['IndexStmt'],
  *check(context): Generator<Issue> {
    const made = indexOf(context.scope, context.node);
    const table = made && context.schema.relation(made.table);
    if (!made || !table || context.schema.index(made.key)) return;
    const others = context.schema.indexesOf(table).filter((other) => comparable(made, other));
    const same = others.find((other) => covers(other, made) && covers(made, other) && (other.unique || !made.unique));
    const wider = others.find((other) => !made.unique && covers(other, made));
    const narrower = others.find((other) => !other.unique && other.constraint === undefined && covers(made, other));
    if (same)
      yield {
        ...context.headToRelation,
        message: `${nameOf(same)} has the same columns already: every write would keep both up to date. Leave this one out.`,
      };
    else if (wider)
      yield {
        ...context.headToRelation,
        severity: 'information',
        message: `${nameOf(wider)} begins with the same columns, and serves what this one would. Leave this one out, unless its size matters.`,
      };
    else if (narrower)
      yield {
        ...context.headToRelation,
        severity: 'information',
        message: `This index begins with the columns of ${narrower.key}, which is of no more use then: drop it in a later script.`,
      };
  },
};

function comparable(a: Index, b: Index): boolean {
  return a.method === 'btree' && b.method === 'btree' && (a.predicate ?? '') === (b.predicate ?? '');
}

/** Whether an index begins with all the columns of another, and has what it includes. */
function covers(wide: Index, narrow: Index): boolean {
  return (
    narrow.parts.every((part, at) => wide.parts[at]?.what === part.what && wide.parts[at].how === part.how) &&
    narrow.included.every((column) => wide.included.includes(column) || wide.parts.some(({ what }) => what === column))
  );
}

function nameOf(index: Index): string {
  return index.constraint === undefined ? `The index ${index.key}` : `The constraint ${index.constraint}`;
}
