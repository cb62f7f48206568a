import { flagOf, listOf, namesOf, nodeOf, relationOf, textOf } from '../../rollback/tree';
import type { TreeNode } from '../../sql/grammar';
import { columnsOfType } from '../../sql/replay/change-relation';
import { constraintOf } from '../../sql/replay/constraint-definition';
import { referenceOf } from '../../sql/replay/object-reference';
import type { Schema } from '../../sql/replay/schema';
import { keyOf, keyOfNames, type StatementScope } from '../../sql/replay/scope';
import { dropEffects } from './impact-of-drop';
import { locked, noEffects, partitionsOf, referringTo, withIndexes, type Effects, type Impact } from './impact';
import { impactsOfAlterTable } from './impact-of-alter-table';
import { around } from './impact-of-partition';
import { lockModes, type LockMode } from './lock-mode';

/** What a statement locks and how long; one impact for each subcommand of ALTER TABLE, else one. */
export function impactsOf(schema: Schema, scope: StatementScope): Impact[] {
  const { type, node, start, end } = scope.statement;
  if (type === 'AlterTableStmt') return impactsOfAlterTable(schema, scope, node);
  return [{ start, end, subtype: '', command: node, ...effectsOf(schema, scope, type, node) }];
}

function effectsOf(schema: Schema, scope: StatementScope, type: string, node: TreeNode): Effects {
  const range = relationOf(nodeOf(node, 'relation'));
  const key = range && keyOf(scope, range);
  const brief = (...modes: readonly LockMode[]): Effects => ({ ...noEffects, locks: locked([key, ...modes]) });
  switch (type) {
    case 'CreateStmt':
      return created(schema, scope, node, key);
    case 'CreateTableAsStmt': {
      const made = relationOf(nodeOf(nodeOf(node, 'into'), 'rel'));
      // Since 17 a materialized view is filled as by REFRESH.
      const filled = (scope.major ?? 0) >= 17 && textOf(node, 'objtype') === 'OBJECT_MATVIEW';
      const modes = filled ? (['AccessExclusive', 'Exclusive', 'Share'] as const) : (['AccessExclusive'] as const);
      return { ...noEffects, work: 'scan', locks: locked([made && keyOf(scope, made), ...modes]) };
    }
    case 'ViewStmt': {
      const view = relationOf(nodeOf(node, 'view'));
      return { ...noEffects, locks: locked([view && keyOf(scope, view), 'AccessExclusive']) };
    }
    case 'IndexStmt':
      return indexed(schema, node, key);
    case 'DropStmt':
      return dropEffects(schema, scope, node);
    case 'CreateTrigStmt': {
      // A trigger for each row is made on every partition.
      const tables = key === undefined ? [] : [key, ...(flagOf(node, 'row') ? partitionsOf(schema, key) : [])];
      return { ...noEffects, locks: locked(...tables.map((table) => [table, 'ShareRowExclusive'] as const)) };
    }
    case 'RuleStmt':
    case 'AlterObjectSchemaStmt':
      return brief('AccessExclusive');
    case 'RenameStmt':
      return ['OBJECT_INDEX', 'OBJECT_SEQUENCE'].includes(textOf(node, 'renameType') ?? '') || schema.index(key ?? '')
        ? noEffects
        : brief('AccessExclusive');
    case 'CreatePolicyStmt':
    case 'AlterPolicyStmt': {
      const table = relationOf(nodeOf(node, 'table'));
      return { ...noEffects, locks: locked([table && keyOf(scope, table), 'AccessExclusive']) };
    }
    case 'InsertStmt':
    case 'UpdateStmt':
    case 'DeleteStmt':
    case 'MergeStmt':
      return { ...brief('RowExclusive'), work: 'scan' };
    case 'CopyStmt':
      return flagOf(node, 'is_from') ? { ...brief('RowExclusive'), work: 'scan' } : noEffects;
    case 'AlterDomainStmt':
      return domain(schema, scope, node);
    default:
      return maintained(schema, scope, type, node, key);
  }
}

function maintained(
  schema: Schema,
  scope: StatementScope,
  type: string,
  node: TreeNode,
  key: string | undefined,
): Effects {
  const listed = (field: string): string[] =>
    listOf(node, field).flatMap((item) => {
      const name = relationOf(nodeOf(item, 'RangeVar') ?? nodeOf(nodeOf(item, 'VacuumRelation'), 'relation'));
      return name ? [keyOf(scope, name)] : [];
    });
  const on = (keys: readonly string[], ...modes: LockMode[]): Effects['locks'] =>
    locked(...keys.map((one) => [one, ...modes] as const));
  switch (type) {
    case 'ReindexStmt':
      return reindexed(schema, node, key);
    case 'ClusterStmt':
      return key === undefined
        ? { ...noEffects, work: 'rewrite' }
        : { locks: on([key], 'AccessExclusive', 'Share'), work: 'rewrite', rewrites: withIndexes(schema, key) };
    case 'VacuumStmt': {
      const tables = listed('rels');
      const full = hasOption(listOf(node, 'options'), 'full') && flagOf(node, 'is_vacuumcmd');
      return full
        ? {
            locks: on(tables, 'AccessExclusive'),
            work: 'rewrite',
            rewrites: tables.flatMap((table) => withIndexes(schema, table)),
          }
        : { locks: on(tables, 'ShareUpdateExclusive'), work: 'scan', rewrites: [] };
    }
    case 'RefreshMatViewStmt':
      return flagOf(node, 'concurrent')
        ? { locks: locked([key, 'Exclusive', 'RowExclusive']), work: 'scan', rewrites: [] }
        : {
            locks: locked([key, 'AccessExclusive', 'Exclusive', 'Share']),
            work: flagOf(node, 'skipData') ? 'brief' : 'rewrite',
            rewrites: key === undefined ? [] : withIndexes(schema, key),
          };
    case 'TruncateStmt': {
      const named = listed('relations');
      const all = textOf(node, 'behavior') === 'DROP_CASCADE' ? [...named, ...referringTo(schema, named)] : named;
      const tables = all.flatMap((table) => [table, ...partitionsOf(schema, table)]);
      return {
        locks: on(tables, 'AccessExclusive', 'Share'),
        work: 'brief',
        rewrites: tables.flatMap((table) => withIndexes(schema, table)),
      };
    }
    case 'LockStmt':
      return {
        ...noEffects,
        locks: on(
          listed('relations').flatMap((table) => [table, ...partitionsOf(schema, table)]),
          lockModes[Number(node['mode'] ?? 8) - 1] ?? 'AccessExclusive',
        ),
      };
    case 'CreateStatsStmt':
      return { ...noEffects, locks: on(listed('relations'), 'ShareUpdateExclusive') };
    case 'CommentStmt': {
      const reference = referenceOf(schema, scope, textOf(node, 'objtype') ?? '', nodeOf(node, 'object'));
      return reference?.kind === 'relation'
        ? { ...noEffects, locks: locked([reference.key, 'ShareUpdateExclusive']) }
        : noEffects;
    }
    default:
      return noEffects;
  }
}

function created(schema: Schema, scope: StatementScope, node: TreeNode, key: string | undefined): Effects {
  if (key === undefined || (flagOf(node, 'if_not_exists') && schema.relation(key))) return noEffects;
  const referenced = listOf(node, 'tableElts').flatMap((item) => {
    const column = nodeOf(item, 'ColumnDef');
    const constraints = column
      ? listOf(column, 'constraints').map((one) => nodeOf(one, 'Constraint'))
      : [nodeOf(item, 'Constraint')];
    return constraints.flatMap((one) => (one && constraintOf(scope, key, one)?.references?.table) ?? []);
  });
  const others = referenced.filter((table) => table !== key);
  const parent = nodeOf(node, 'partbound') && relationOf(nodeOf(listOf(node, 'inhRelations')[0], 'RangeVar'));
  return {
    ...noEffects,
    locks: locked(
      [key, 'AccessExclusive', ...(referenced.length > 0 ? (['ShareRowExclusive'] as const) : [])],
      ...others.map((table) => [table, 'ShareRowExclusive'] as const),
      ...(parent ? around(schema, keyOf(scope, parent)) : []),
    ),
  };
}

function indexed(schema: Schema, node: TreeNode, key: string | undefined): Effects {
  if (key === undefined) return noEffects;
  const tables = flagOf(nodeOf(node, 'relation'), 'inh') ? [key, ...partitionsOf(schema, key)] : [key];
  const mode = flagOf(node, 'concurrent') ? 'ShareUpdateExclusive' : 'Share';
  return { ...noEffects, work: 'build', locks: locked(...tables.map((table) => [table, mode] as const)) };
}

function reindexed(schema: Schema, node: TreeNode, key: string | undefined): Effects {
  const concurrently = hasOption(listOf(node, 'params'), 'concurrently');
  const mode = concurrently ? 'ShareUpdateExclusive' : 'Share';
  if (key === undefined) return { ...noEffects, work: 'build' };
  if (textOf(node, 'kind') !== 'REINDEX_OBJECT_INDEX')
    return { locks: locked([key, mode]), work: 'build', rewrites: schema.relation(key)?.indexes ?? [] };
  return { locks: locked([schema.index(key)?.table, mode]), work: 'build', rewrites: [key] };
}

function domain(schema: Schema, scope: StatementScope, node: TreeNode): Effects {
  const constraint = nodeOf(nodeOf(node, 'def'), 'Constraint');
  if (!['C', 'O', 'V'].includes(textOf(node, 'subtype') ?? '') || flagOf(constraint, 'skip_validation'))
    return noEffects;
  const key = keyOfNames(scope, namesOf(listOf(node, 'typeName')));
  const users = new Set(columnsOfType(schema, key).map(({ relation }) => relation.key));
  return { ...noEffects, work: 'scan', locks: locked(...[...users].map((table) => [table, 'Share'] as const)) };
}

/** Whether an option stands in a list, and is not turned off. */
export function hasOption(options: readonly TreeNode[], name: string): boolean {
  return options.some((item) => textOf(nodeOf(item, 'DefElem'), 'defname') === name);
}
