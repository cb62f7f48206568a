import { textOf } from '../../../rollback/tree';
import type { StatementRule } from '../../rule';

export const enumValueOrder: StatementRule = {
  id: 'types/enum-value-order',
  title: 'ALTER TYPE ADD VALUE without BEFORE or AFTER',
  inUndo: false,
  on: ['AlterEnumStmt'],
  *check(context) {
    const { node } = context;
    if (textOf(node, 'oldVal') !== undefined || textOf(node, 'newValNeighbor') !== undefined) return;
    yield {
      ...context.head,
      message: 'The value is put last, and its place decides how rows are sorted. Say BEFORE or AFTER which one.',
    };
  },
};
