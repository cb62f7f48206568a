import { listOf, namesOf, textOf } from '../../../rollback/tree';
import { keyOfNames } from '../../../sql/replay/scope';
import type { Issue, ScriptRule } from '../../rule';
import type { StatementContext } from '../../statement-context';
import { literalsIn } from '../../literals';

interface Added {
  readonly type: string;
  readonly value: string;
  readonly transaction: number;
}

export const enumValueUsed: ScriptRule = {
  id: 'safety/enum-value-used',
  title: 'A new value of an enum is used before it is committed',
  inUndo: true,
  begin() {
    const added: Added[] = [];
    return {
      *statement(context): Generator<Issue> {
        const { transaction, node } = context;
        if (transaction === undefined) return;
        if (context.type === 'AlterEnumStmt') {
          if (textOf(node, 'oldVal') === undefined) {
            const type = keyOfNames(context.scope, namesOf(listOf(node, 'typeName')));
            added.push({ type, value: context.name(textOf(node, 'newVal')), transaction });
          }
          return;
        }
        if (added.length === 0 || context.type === 'CommentStmt' || context.type === 'CreateFunctionStmt') return;
        yield* used(
          context,
          added.filter((one) => one.transaction === transaction),
        );
      },
    };
  },
};

function* used(context: StatementContext, added: readonly Added[]): Generator<Issue> {
  const values = new Map(added.map((one) => [one.value, one]));
  for (const literal of literalsIn(context)) {
    const found = values.get(literal.value);
    if (!found || (literal.type !== undefined && literal.type !== found.type && literal.type !== `${found.type}[]`))
      continue;
    yield {
      ...context.tokenAt(literal.location),
      message: `PostgreSQL refuses '${found.value}' here: a value that ALTER TYPE ${found.type} has added cannot be used before it is committed, not even of a type made in the same transaction. Use it in the next script.`,
      ...(literal.type === undefined && { severity: 'warning' as const }),
    };
  }
}
