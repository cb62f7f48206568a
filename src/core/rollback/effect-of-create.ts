import type { TreeNode } from '../sql/grammar';
import { quoteIdentifier } from '../sql/identifier';
import { rememberCopy } from './copied-rows';
import { nothing, ofOwn, reversible, type PlainEffect } from './plain-effect';
import type { SchemaFact } from './schema-fact';
import { relationKey, type ScriptMemory } from './script-memory';
import { flagOf, listOf, namesOf, nodeOf, nodesOf, relationOf, sqlName, textOf } from './tree';
import { typeNameOf } from './type-name';

/** CREATE of something; undefined when the statement creates nothing that is known here. */
export function classifyCreate(type: string, node: TreeNode, memory: ScriptMemory): PlainEffect | undefined {
  switch (type) {
    case 'CreateStmt':
      return table(node, memory);
    case 'CreateTableAsStmt':
      return tableFromQuery(node, memory);
    case 'CreateSeqStmt':
      // Dropped with the column that owns it: a DROP of its own would fail, or come too early.
      if (isOfOwnColumn(node, memory)) return ofOwn('creates a sequence for what the script adds');
      return relation('SEQUENCE', nodeOf(node, 'sequence'), flagOf(node, 'if_not_exists'));
    case 'ViewStmt':
      return relation('VIEW', nodeOf(node, 'view'), flagOf(node, 'replace'));
    case 'IndexStmt':
      return index(node, memory);
    case 'CreateSchemaStmt':
      // What is made in it in the same statement would be in the way of a DROP.
      return named(
        'SCHEMA',
        textOf(node, 'schemaname'),
        flagOf(node, 'if_not_exists') || listOf(node, 'schemaElts').length > 0,
      );
    case 'CreateExtensionStmt':
      return named('EXTENSION', textOf(node, 'extname'), flagOf(node, 'if_not_exists'));
    case 'CreateEnumStmt':
    case 'CreateRangeStmt':
      return typeOrDomain('TYPE', namesOf(listOf(node, 'typeName')));
    case 'CompositeTypeStmt': {
      const name = relationOf(nodeOf(node, 'typevar'));
      return typeOrDomain('TYPE', name ? [...(name.schema === undefined ? [] : [name.schema]), name.name] : []);
    }
    case 'CreateDomainStmt':
      return typeOrDomain('DOMAIN', namesOf(listOf(node, 'domainname')));
    case 'CreateTrigStmt':
      return onTable('TRIGGER', textOf(node, 'trigname'), nodeOf(node, 'relation'), memory, flagOf(node, 'replace'));
    case 'CreatePolicyStmt':
      return onTable('POLICY', textOf(node, 'policy_name'), nodeOf(node, 'table'), memory, false);
    case 'RuleStmt':
      return onTable('RULE', textOf(node, 'rulename'), nodeOf(node, 'relation'), memory, flagOf(node, 'replace'));
    default:
      return undefined;
  }
}

function table(node: TreeNode, memory: ScriptMemory): PlainEffect {
  const range = nodeOf(node, 'relation');
  const name = relationOf(range);
  const uncertain = flagOf(node, 'if_not_exists');
  if (name && !uncertain) memory.created(name, textOf(range, 'relpersistence') === 't');
  const effect = relation('TABLE', range, uncertain);
  if (!name || uncertain) return effect;
  const columns = new Map<string, string>();
  for (const item of listOf(node, 'tableElts')) {
    const column = nodeOf(item, 'ColumnDef');
    const type = typeNameOf(nodeOf(column, 'typeName'));
    const columnName = textOf(column, 'colname');
    if (columnName !== undefined && type !== undefined) columns.set(columnName, type);
  }
  const fact: SchemaFact = { kind: 'table', table: relationKey(name), columns };
  return { ...effect, facts: [fact] };
}

function tableFromQuery(node: TreeNode, memory: ScriptMemory): PlainEffect {
  const into = nodeOf(node, 'into');
  const range = nodeOf(into, 'rel');
  const select = nodeOf(nodeOf(node, 'query'), 'SelectStmt');
  const name = relationOf(range);
  const uncertain = flagOf(node, 'if_not_exists');
  const isView = textOf(node, 'objtype') === 'OBJECT_MATVIEW';
  if (name && !uncertain && !isView) {
    memory.created(name, textOf(range, 'relpersistence') === 't');
    if (!flagOf(into, 'skipData')) rememberCopy(select, name, memory);
  }
  return relation(isView ? 'MATERIALIZED VIEW' : 'TABLE', range, uncertain);
}

/** SELECT … INTO makes a table like CREATE TABLE AS. */
export function classifySelectInto(node: TreeNode, memory: ScriptMemory): PlainEffect | undefined {
  const range = nodeOf(nodeOf(node, 'intoClause'), 'rel');
  const name = relationOf(range);
  if (!name) return undefined;
  memory.created(name, textOf(range, 'relpersistence') === 't');
  rememberCopy(node, name, memory);
  return relation('TABLE', range, false);
}

/** Whether CREATE or ALTER SEQUENCE gives the sequence to a column that the script itself has added. */
export function isOfOwnColumn(node: TreeNode, memory: ScriptMemory): boolean {
  const options = nodesOf(node, 'options', 'DefElem');
  const owner = options.find((option) => textOf(option, 'defname') === 'owned_by');
  const names = namesOf(listOf(nodeOf(nodeOf(owner, 'arg'), 'List'), 'items'));
  return names.length > 1 && memory.isOwnColumn({ schema: names.at(-3), name: names.at(-2) ?? '' }, names.at(-1) ?? '');
}

function relation(kind: string, range: TreeNode | undefined, uncertain: boolean): PlainEffect {
  const name = relationOf(range);
  if (!name) return reversible(`creates a ${kind.toLowerCase()}`);
  if (textOf(range, 'relpersistence') === 't') return nothing;
  const what = `creates the ${kind.toLowerCase()} ${name.name}`;
  return {
    ...reversible(what, uncertain ? undefined : `DROP ${kind} ${sqlName(name)}`),
    creates: `${kind} ${relationKey(name)}`,
  };
}

function index(node: TreeNode, memory: ScriptMemory): PlainEffect {
  const name = textOf(node, 'idxname');
  const on = relationOf(nodeOf(node, 'relation'));
  const what = `creates ${name === undefined ? 'an index' : `the index ${name}`} on ${on?.name ?? '?'}`;
  if (on && memory.isOwn(on)) return ofOwn(what);
  if (name === undefined || flagOf(node, 'if_not_exists')) return reversible(what);
  const concurrently = flagOf(node, 'concurrent') ? 'CONCURRENTLY ' : '';
  const made = { schema: on?.schema, name };
  return {
    ...reversible(what, `DROP INDEX ${concurrently}${sqlName(made)}`),
    creates: `INDEX ${relationKey(made)}`,
  };
}

function named(kind: string, name: string | undefined, uncertain: boolean): PlainEffect {
  return reversible(
    `creates the ${kind.toLowerCase()} ${name ?? ''}`.trimEnd(),
    name === undefined || uncertain ? undefined : `DROP ${kind} ${quoteIdentifier(name)}`,
  );
}

function typeOrDomain(kind: 'TYPE' | 'DOMAIN', names: readonly string[]): PlainEffect {
  return reversible(
    `creates the ${kind.toLowerCase()} ${names.join('.')}`,
    names.length === 0 ? undefined : `DROP ${kind} ${names.map(quoteIdentifier).join('.')}`,
  );
}

function onTable(
  kind: string,
  name: string | undefined,
  range: TreeNode | undefined,
  memory: ScriptMemory,
  uncertain: boolean,
): PlainEffect {
  const on = relationOf(range);
  const what = `creates the ${kind.toLowerCase()} ${name ?? ''} on ${on?.name ?? '?'}`;
  if (on && memory.isOwn(on)) return ofOwn(what);
  return reversible(
    what,
    name === undefined || !on || uncertain ? undefined : `DROP ${kind} ${quoteIdentifier(name)} ON ${sqlName(on)}`,
  );
}
