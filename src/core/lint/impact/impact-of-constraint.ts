import { flagOf, textOf } from '../../rollback/tree';
import type { TreeNode } from '../../sql/grammar';
import { relationOrUnknown, schemaPrefix } from '../../sql/replay/change-relation';
import { constraintOf } from '../../sql/replay/constraint-definition';
import type { Schema } from '../../sql/replay/schema';
import type { StatementScope } from '../../sql/replay/scope';
import { locked, partitionsOf, type Effects } from './impact';
import { isProven } from './proven-not-null';

/** ADD CONSTRAINT. `brief` is ACCESS EXCLUSIVE on the table and its partitions. */
export function constraintEffects(
  schema: Schema,
  scope: StatementScope,
  key: string,
  constraint: TreeNode,
  brief: Effects,
): Effects {
  const late = flagOf(constraint, 'skip_validation');
  switch (textOf(constraint, 'contype')) {
    case 'CONSTR_FOREIGN': {
      const target = constraintOf(scope, key, constraint)?.references?.table;
      return {
        locks: locked(
          [target, ...(late ? [] : (['RowShare'] as const)), 'ShareRowExclusive'],
          ...[key, ...partitionsOf(schema, key)].map((table) => [table, 'ShareRowExclusive'] as const),
        ),
        work: late ? 'brief' : 'scan',
        rewrites: [],
      };
    }
    case 'CONSTR_PRIMARY':
    case 'CONSTR_UNIQUE': {
      const using = textOf(constraint, 'indexname');
      if (using === undefined) return built(key, brief);
      const index = schema.index(schemaPrefix(key) + scope.restore(using));
      const nullable =
        textOf(constraint, 'contype') === 'CONSTR_PRIMARY' &&
        index?.parts.some(({ what }) => !isProven(schema, key, what)) !== false;
      return { ...brief, work: nullable ? 'scan' : 'brief' };
    }
    case 'CONSTR_EXCLUSION':
      return built(key, brief);
    default:
      return { ...brief, work: late ? 'brief' : 'scan' };
  }
}

function built(key: string, brief: Effects): Effects {
  return { ...brief, locks: [...brief.locks, ...locked([key, 'Share'])], work: 'build' };
}

/** DROP CONSTRAINT of a foreign key takes its triggers from the other table, and locks it as hard. */
export function dropConstraintEffects(schema: Schema, key: string, name: string, brief: Effects): Effects {
  const found = relationOrUnknown(schema, key).constraints.find((one) => one.name === name);
  return { ...brief, locks: [...brief.locks, ...locked([found?.references?.table, 'AccessExclusive'])] };
}
