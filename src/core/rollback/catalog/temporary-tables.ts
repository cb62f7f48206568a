import type { TreeNode } from '../../sql/grammar';
import { listOf, namesOf, nodeOf, textOf } from '../tree';
import { rangeKey } from './object-names';

/** The temporary tables of a script: they are gone with its session, and what is done to them leaves nothing behind. */
export class TemporaryTables {
  private readonly keys = new Set<string>();

  /** The part of a statement that outlasts the session; undefined where nothing does. */
  lasting(type: string, node: TreeNode): TreeNode | undefined {
    const range =
      type === 'CreateTableAsStmt'
        ? nodeOf(nodeOf(node, 'into'), 'rel')
        : nodeOf(node, type === 'ViewStmt' ? 'view' : 'relation');
    const key = rangeKey(range);
    if (key !== undefined && textOf(range, 'relpersistence') === 't') {
      this.keys.add(key);
      return undefined;
    }
    if (this.keys.size === 0) return node;
    if (type === 'DropStmt') {
      const named = (item: TreeNode): string[] => namesOf(listOf(nodeOf(item, 'List'), 'items'));
      const left = this.without(node, 'objects', named);
      // The name may be that of a lasting table from here on.
      for (const item of listOf(node, 'objects')) if (named(item).length === 1) this.keys.delete(named(item)[0] ?? '');
      return left;
    }
    if (type === 'TruncateStmt')
      return this.without(node, 'relations', (item) => [rangeKey(nodeOf(item, 'RangeVar')) ?? '']);
    return key !== undefined && this.keys.has(key) ? undefined : node;
  }

  private without(node: TreeNode, field: string, namesIn: (item: TreeNode) => readonly string[]): TreeNode | undefined {
    const all = listOf(node, field);
    const left = all.filter((item) => {
      const names = namesIn(item);
      return names.length !== 1 || !this.keys.has(names[0] ?? '');
    });
    return left.length === 0 ? undefined : left.length === all.length ? node : { ...node, [field]: left };
  }
}
