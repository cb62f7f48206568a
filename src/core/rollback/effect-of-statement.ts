import type { TreeNode } from '../sql/grammar';
import { quoteIdentifier } from '../sql/identifier';
import type { PlainEffect } from './effect';
import { sqlName } from './effect-of-alter-table';
import { flagOf, listOf, namesOf, nodeOf, relationOf, textOf } from './tree';

const nothing: PlainEffect = { reversibility: 'none', what: 'changes nothing that stays', undo: undefined };

/** Statements that leave nothing behind in the schema or the data. */
const harmless = new Set([
  'VariableSetStmt',
  'VariableShowStmt',
  'TransactionStmt',
  'VacuumStmt',
  'ExplainStmt',
  'NotifyStmt',
  'ListenStmt',
  'UnlistenStmt',
  'CheckPointStmt',
  'LockStmt',
  'RefreshMatViewStmt',
  'PrepareStmt',
  'DeallocateStmt',
  'DiscardStmt',
  'ReindexStmt',
  'ClusterStmt',
  'ConstraintsSetStmt',
  'DeclareCursorStmt',
  'FetchStmt',
  'ClosePortalStmt',
  'LoadStmt',
]);

/** What a dropped kind of object is called, and whether data goes with it. */
const droppedKinds: Readonly<Record<string, [string, boolean]>> = {
  OBJECT_TABLE: ['table', true],
  OBJECT_SCHEMA: ['schema', true],
  OBJECT_DATABASE: ['database', true],
  OBJECT_SEQUENCE: ['sequence', false],
  OBJECT_VIEW: ['view', false],
  OBJECT_MATVIEW: ['materialized view', false],
  OBJECT_INDEX: ['index', false],
  OBJECT_FOREIGN_TABLE: ['foreign table', false],
  OBJECT_TYPE: ['type', false],
  OBJECT_DOMAIN: ['domain', false],
  OBJECT_FUNCTION: ['function', false],
  OBJECT_PROCEDURE: ['procedure', false],
  OBJECT_TRIGGER: ['trigger', false],
  OBJECT_EXTENSION: ['extension', false],
};

/** Kinds that columns may depend on: dropped with CASCADE, the columns and their data go too. */
const columnsDependOn = new Set([
  'OBJECT_TYPE',
  'OBJECT_DOMAIN',
  'OBJECT_EXTENSION',
  'OBJECT_SCHEMA',
  'OBJECT_COLLATION',
]);

/**
 * What a statement does that is not ALTER TABLE. `savedTables` collects the tables of which the script has made a copy: an
 * UPDATE or DELETE after that can be undone from it.
 */
export function classifyStatement(type: string, node: TreeNode, savedTables: Set<string>): PlainEffect {
  if (harmless.has(type)) return nothing;
  switch (type) {
    case 'DropStmt':
      return dropped(node);
    case 'DropdbStmt':
    case 'DropOwnedStmt':
    case 'DropTableSpaceStmt':
      return irreversible('drops a database, a tablespace or all that a role owns');
    case 'TruncateStmt': {
      const tables = listOf(node, 'relations').map((item) => relationOf(nodeOf(item, 'RangeVar'))?.name ?? '?');
      return tables.every((table) => savedTables.has(table))
        ? fromCopy('empties', tables.join(', '))
        : irreversible(`empties ${tables.join(', ')}`);
    }
    case 'UpdateStmt':
    case 'DeleteStmt':
    case 'MergeStmt': {
      const table = relationOf(nodeOf(node, 'relation'))?.name ?? '?';
      const verb = type === 'DeleteStmt' ? 'deletes rows of' : 'overwrites values of';
      return savedTables.has(table)
        ? fromCopy(verb, table)
        : irreversible(`${verb} ${table}, of which the script keeps no copy`);
    }
    case 'InsertStmt':
      return {
        reversibility: 'reversible',
        what: `inserts rows into ${relationOf(nodeOf(node, 'relation'))?.name ?? '?'}`,
        undo: undefined,
      };
    case 'CopyStmt':
      return flagOf(node, 'is_from') ? { reversibility: 'unknown', what: 'loads data', undo: undefined } : nothing;
    case 'DoStmt':
      return { reversibility: 'unknown', what: 'runs a DO block, which cannot be looked into', undo: undefined };
    case 'CallStmt':
      return { reversibility: 'unknown', what: 'calls a procedure, which cannot be looked into', undo: undefined };
    case 'SelectStmt':
      return selected(node, savedTables);
    case 'AlterEnumStmt':
      return textOf(node, 'oldVal') === undefined
        ? irreversible(`adds the value ${textOf(node, 'newVal') ?? ''} to an enum, which cannot be taken out again`)
        : reversible('renames a value of an enum');
    case 'CreateTableAsStmt':
      for (const table of tablesRead(nodeOf(nodeOf(node, 'query'), 'SelectStmt'))) savedTables.add(table);
      return created(
        'TABLE',
        nodeOf(nodeOf(nodeOf(node, 'into'), 'rel') ? { r: nodeOf(nodeOf(node, 'into'), 'rel') } : undefined, 'r'),
        flagOf(node, 'if_not_exists'),
        textOf(node, 'objtype') === 'OBJECT_MATVIEW' ? 'MATERIALIZED VIEW' : 'TABLE',
      );
    case 'CreateStmt':
      return created('TABLE', nodeOf(node, 'relation'), flagOf(node, 'if_not_exists'));
    case 'CreateSeqStmt':
      return created('SEQUENCE', nodeOf(node, 'sequence'), flagOf(node, 'if_not_exists'));
    case 'ViewStmt':
      return created('VIEW', nodeOf(node, 'view'), flagOf(node, 'replace'));
    case 'IndexStmt': {
      const name = textOf(node, 'idxname');
      const table = relationOf(nodeOf(node, 'relation'));
      const certain = name !== undefined && !flagOf(node, 'if_not_exists');
      const qualified = name === undefined ? '' : sqlName({ schema: table?.schema, name });
      return reversible(
        `creates an index on ${table?.name ?? '?'}`,
        certain ? `DROP INDEX ${flagOf(node, 'concurrent') ? 'CONCURRENTLY ' : ''}${qualified}` : undefined,
      );
    }
    case 'CreateSchemaStmt': {
      const name = textOf(node, 'schemaname');
      return reversible(
        `creates the schema ${name ?? ''}`,
        name === undefined || flagOf(node, 'if_not_exists') ? undefined : `DROP SCHEMA ${quoteIdentifier(name)}`,
      );
    }
    case 'CreateEnumStmt':
    case 'CompositeTypeStmt':
    case 'CreateDomainStmt': {
      const range = relationOf(nodeOf(node, 'typevar'));
      const names = range
        ? [...(range.schema === undefined ? [] : [range.schema]), range.name]
        : namesOf(listOf(node, type === 'CreateDomainStmt' ? 'domainname' : 'typeName'));
      const kind = type === 'CreateDomainStmt' ? 'DOMAIN' : 'TYPE';
      return reversible(
        `creates the ${kind.toLowerCase()} ${names.join('.')}`,
        names.length === 0 ? undefined : `DROP ${kind} ${names.map(quoteIdentifier).join('.')}`,
      );
    }
    case 'CreateTrigStmt': {
      const table = relationOf(nodeOf(node, 'relation'));
      const name = textOf(node, 'trigname');
      const certain = table && name !== undefined && !flagOf(node, 'replace');
      return reversible(
        `creates the trigger ${name ?? ''}`,
        certain ? `DROP TRIGGER ${quoteIdentifier(name)} ON ${sqlName(table)}` : undefined,
      );
    }
    case 'CreateExtensionStmt': {
      const name = textOf(node, 'extname');
      return reversible(
        `creates the extension ${name ?? ''}`,
        name === undefined || flagOf(node, 'if_not_exists') ? undefined : `DROP EXTENSION ${quoteIdentifier(name)}`,
      );
    }
    case 'RenameStmt':
      return renamed(node);
    default:
      return reversible(
        `runs ${type
          .replace(/Stmt$/, '')
          .replace(/([a-z])([A-Z])/g, '$1 $2')
          .toUpperCase()}`,
      );
  }
}

function irreversible(what: string): PlainEffect {
  return { reversibility: 'irreversible', what, undo: undefined };
}

function reversible(what: string, undo?: string): PlainEffect {
  return { reversibility: 'reversible', what, undo };
}

function fromCopy(verb: string, table: string): PlainEffect {
  return reversible(`${verb} ${table}, of which the script keeps a copy`);
}

function created(kind: string, range: TreeNode | undefined, uncertain: boolean, shown = kind): PlainEffect {
  const relation = relationOf(range);
  if (!relation) return reversible(`creates a ${shown.toLowerCase()}`);
  if (textOf(range, 'relpersistence') === 't') return nothing;
  return reversible(
    `creates the ${shown.toLowerCase()} ${relation.name}`,
    uncertain ? undefined : `DROP ${shown} ${sqlName(relation)}`,
  );
}

function dropped(node: TreeNode): PlainEffect {
  const kind = textOf(node, 'removeType') ?? '';
  const [name, data] = droppedKinds[kind] ?? [kind.replace('OBJECT_', '').replaceAll('_', ' ').toLowerCase(), false];
  const cascade = textOf(node, 'behavior') === 'DROP_CASCADE';
  if (data) return irreversible(`drops a ${name} and its data`);
  if (cascade && columnsDependOn.has(kind))
    return irreversible(`drops a ${name} with CASCADE, and with it every column that depends on it`);
  return reversible(`drops a ${name}`);
}

function renamed(node: TreeNode): PlainEffect {
  const kind = textOf(node, 'renameType');
  const relation = relationOf(nodeOf(node, 'relation'));
  const to = textOf(node, 'newname');
  if (!relation || to === undefined) return reversible('renames something');
  const from = textOf(node, 'subname');
  if (kind === 'OBJECT_TABLE')
    return reversible(
      `renames the table ${relation.name}`,
      `ALTER TABLE ${sqlName({ ...relation, name: to })} RENAME TO ${quoteIdentifier(relation.name)}`,
    );
  if (kind === 'OBJECT_COLUMN' && from !== undefined) {
    return reversible(
      `renames the column ${relation.name}.${from}`,
      `ALTER TABLE ${sqlName(relation)} RENAME COLUMN ${quoteIdentifier(to)} TO ${quoteIdentifier(from)}`,
    );
  }
  return reversible(`renames a part of ${relation.name}`);
}

/** A SELECT changes nothing by itself, but a function it calls may. SELECT INTO makes a table. */
function selected(node: TreeNode, savedTables: Set<string>): PlainEffect {
  const into = nodeOf(nodeOf(node, 'intoClause'), 'rel');
  if (into) {
    for (const table of tablesRead(node)) savedTables.add(table);
    return created('TABLE', into, false);
  }
  const calls = listOf(node, 'targetList').some(
    (item) => nodeOf(nodeOf(nodeOf(item, 'ResTarget'), 'val'), 'FuncCall') !== undefined,
  );
  return calls
    ? { reversibility: 'unknown', what: 'calls a function, which cannot be looked into', undo: undefined }
    : nothing;
}

function tablesRead(select: TreeNode | undefined): string[] {
  return listOf(select, 'fromClause').flatMap((item) => relationOf(nodeOf(item, 'RangeVar'))?.name ?? []);
}
