import { flagOf, listOf, namesOf, nodeOf, textOf } from '../rollback/tree';
import type { TreeNode } from './grammar';

/** A setting that a statement changes. */
export interface ChangedSetting {
  /** Its first value as text; undefined for DEFAULT and RESET. */
  readonly value: string | undefined;
  /** SET LOCAL: until the transaction ends. */
  readonly local: boolean;
}

/** What a SET, a RESET or a call of set_config does to a setting; undefined when it is another statement. */
export function calledSetting(
  statement: { readonly type: string; readonly node: TreeNode },
  name: string,
): ChangedSetting | undefined {
  const { type, node } = statement;
  if (type === 'VariableSetStmt') {
    if (textOf(node, 'kind') === 'VAR_RESET_ALL') return { value: undefined, local: false };
    if (textOf(node, 'name')?.toLowerCase() !== name) return undefined;
    return { value: constantText(listOf(node, 'args')[0]), local: flagOf(node, 'is_local') };
  }
  if (type !== 'SelectStmt') return undefined;
  for (const target of listOf(node, 'targetList')) {
    const call = nodeOf(nodeOf(nodeOf(target, 'ResTarget'), 'val'), 'FuncCall');
    if (namesOf(listOf(call, 'funcname')).at(-1) !== 'set_config') continue;
    const [setting, value, local] = listOf(call, 'args');
    if (constantText(setting)?.toLowerCase() === name)
      return { value: constantText(value), local: flagOf(nodeOf(nodeOf(local, 'A_Const'), 'boolval'), 'boolval') };
  }
  return undefined;
}

/** The schema that a search_path looks in first; undefined for public, and where that depends on who asks. */
export function searchedSchema({ value }: ChangedSetting): string | undefined {
  return value === undefined || ['public', '', '$user', '"$user"'].includes(value) ? undefined : value;
}

/** A constant as text; undefined for any other expression. */
export function constantText(node: TreeNode | undefined): string | undefined {
  const constant = nodeOf(node, 'A_Const');
  if (!constant) return undefined;
  const text = textOf(nodeOf(constant, 'sval'), 'sval') ?? textOf(nodeOf(constant, 'fval'), 'fval');
  if (text !== undefined) return text;
  const integer = nodeOf(constant, 'ival');
  if (!integer) return undefined;
  // A zero is left out of the tree.
  return typeof integer['ival'] === 'number' ? String(integer['ival']) : '0';
}
