import type { TreeNode } from '../../sql/grammar';
import { flagOf, nodeOf, nodesOf, textOf } from '../tree';
import { addColumn, dropColumn, sequenceOf, typeText } from './apply-columns';
import { addConstraint, setNotNull, withSchemaOf } from './apply-constraint';
import { addAttribute } from './apply-create';
import { dropWithDependents } from './apply-drop';
import { canonical } from './canonical';
import type { Catalog } from './catalog';
import { nameOf, type CatalogObject } from './catalog-object';
import { rangeKey } from './object-names';
import { neededBy, typeNeeded } from './references';

const kinds: Readonly<Record<string, string>> = {
  OBJECT_TABLE: 'table',
  OBJECT_FOREIGN_TABLE: 'table',
  OBJECT_VIEW: 'view',
  OBJECT_MATVIEW: 'materialized view',
  OBJECT_INDEX: 'index',
  OBJECT_SEQUENCE: 'sequence',
};

/** What PostgreSQL does not make again by itself when the type of a column changes. */
const fixesType = new Set(['view', 'materialized view', 'rule', 'policy']);

/** Applies one subcommand of ALTER TABLE, or of its kin that share the tree. */
export function applySubcommand(catalog: Catalog, statement: TreeNode, command: TreeNode | undefined): void {
  const key = rangeKey(nodeOf(statement, 'relation'));
  if (key === undefined) return;
  const type = textOf(statement, 'objtype') ?? 'OBJECT_TABLE';
  if (type === 'OBJECT_TYPE') {
    alterComposite(catalog, catalog.get('type', key, 'type'), command);
    return;
  }
  const present = catalog.find('relation', key);
  if (!present && catalog.lastDropped('relation', key)) {
    if (!flagOf(statement, 'missing_ok')) catalog.refuse('missing', `${key} is not there any more`);
    return;
  }
  const table = present ?? catalog.get('relation', key, kinds[type] ?? 'table');
  const name = textOf(command, 'name');
  const subtype = textOf(command, 'subtype') ?? '';
  const cascade = textOf(command, 'behavior') === 'DROP_CASCADE';
  const column = (): CatalogObject => columnOf(catalog, table, name ?? '?');
  switch (subtype) {
    case 'AT_AddColumn': {
      const definition = nodeOf(nodeOf(command, 'def'), 'ColumnDef');
      const added = textOf(definition, 'colname') ?? '?';
      if (flagOf(command, 'missing_ok') && catalog.find('column', added, table)) return;
      const made = addColumn(catalog, table, definition);
      if (made && flagOf(command, 'missing_ok') && !table.known) catalog.set(made, 'may have been there', 'yes');
      return;
    }
    case 'AT_DropColumn':
      dropColumnOf(catalog, table, name ?? '?', flagOf(command, 'missing_ok'), cascade);
      return;
    case 'AT_AlterColumnType': {
      const definition = nodeOf(nodeOf(command, 'def'), 'ColumnDef');
      const retyped = column();
      const [user] = catalog.dependentsOf(retyped).filter(({ kind }) => fixesType.has(kind));
      if (user) catalog.refuse('depends', `${nameOf(user)} needs the type of ${nameOf(retyped)} as it is`);
      catalog.set(retyped, 'type', typeText(nodeOf(definition, 'typeName'), nodeOf(definition, 'collClause')));
      for (const need of typeNeeded(catalog, nodeOf(definition, 'typeName'))) catalog.addNeed(retyped, need);
      return;
    }
    case 'AT_ColumnDefault': {
      const expression = command?.['def'];
      const changed = column();
      catalog.set(changed, 'default', expression === undefined ? '' : canonical(expression));
      // What the default before has called is not needed any more.
      const others = [...changed.needs].filter(({ kind, space }) => kind !== 'sequence' && space !== 'routine');
      catalog.setNeeds(changed, [...others, ...(expression === undefined ? [] : neededBy(catalog, expression))]);
      return;
    }
    case 'AT_SetNotNull':
      setNotNull(catalog, table, name ?? '?');
      return;
    case 'AT_DropNotNull':
      catalog.set(column(), 'NOT NULL', '');
      return;
    case 'AT_AddIdentity':
      catalog.set(column(), 'identity', textOf(nodeOf(nodeOf(command, 'def'), 'Constraint'), 'generated_when') ?? 'd');
      return;
    case 'AT_DropIdentity':
      catalog.set(column(), 'identity', '');
      dropIfThere(catalog, sequenceOf(table, name ?? '?'));
      return;
    case 'AT_SetIdentity':
      for (const option of nodesOf(nodeOf(nodeOf(command, 'def'), 'List'), 'items', 'DefElem'))
        catalog.set(column(), `identity ${textOf(option, 'defname') ?? ''}`, canonical(option['arg'] ?? ''));
      return;
    case 'AT_SetExpression':
    case 'AT_DropExpression':
      catalog.set(column(), 'generated', command?.['def'] === undefined ? '' : canonical(command['def']));
      return;
    case 'AT_SetStatistics':
      catalog.set(column(), 'statistics target', plainNumber(command, '-1'));
      return;
    case 'AT_SetStorage':
    case 'AT_SetCompression':
      catalog.set(
        column(),
        subtype === 'AT_SetStorage' ? 'storage' : 'compression',
        (textOf(nodeOf(nodeOf(command, 'def'), 'String'), 'sval') ?? '').toLowerCase().replace(/^default$/, ''),
      );
      return;
    case 'AT_SetOptions':
    case 'AT_ResetOptions':
      setOptions(catalog, column(), command, subtype === 'AT_SetOptions');
      return;
    case 'AT_SetRelOptions':
    case 'AT_ResetRelOptions':
      setOptions(catalog, table, command, subtype === 'AT_SetRelOptions');
      return;
    case 'AT_AddConstraint':
    case 'AT_AddIndexConstraint':
      addConstraint(catalog, table, nodeOf(nodeOf(command, 'def'), 'Constraint') ?? {});
      return;
    case 'AT_DropConstraint':
      dropConstraint(catalog, table, name ?? '?', flagOf(command, 'missing_ok'), cascade);
      return;
    case 'AT_ValidateConstraint':
      validated(catalog, table, name ?? '?');
      return;
    case 'AT_AlterConstraint': {
      const changed = nodeOf(nodeOf(command, 'def'), 'ATAlterConstraint');
      catalog.set(
        catalog.get('constraint', textOf(changed, 'conname') ?? '?', 'constraint', table),
        'deferral',
        canonical([changed?.['deferrable'] ?? false, changed?.['initdeferred'] ?? false]).replace('[false,false]', ''),
      );
      return;
    }
    case 'AT_ChangeOwner':
      catalog.set(table, 'owner', ownerOf(nodeOf(command, 'newowner')));
      return;
    case 'AT_AttachPartition':
    case 'AT_DetachPartition': {
      const partition = nodeOf(nodeOf(command, 'def'), 'PartitionCmd');
      const attached = rangeKey(nodeOf(partition, 'name')) ?? '?';
      // ALTER INDEX … ATTACH PARTITION has the same form.
      const part = catalog.get('relation', attached, type === 'OBJECT_INDEX' ? 'index' : 'table');
      const attaches = subtype === 'AT_AttachPartition';
      catalog.set(part, 'partition of', attaches ? `${key} ${canonical(partition?.['bound'])}` : '');
      needParent(catalog, part, table, attaches);
      return;
    }
    case 'AT_AddInherit':
    case 'AT_DropInherit': {
      const parent = rangeKey(nodeOf(nodeOf(command, 'def'), 'RangeVar')) ?? '?';
      const inherits = subtype === 'AT_AddInherit';
      catalog.set(table, `inherits ${parent}`, inherits ? 'yes' : '');
      needParent(catalog, table, catalog.get('relation', parent, 'table'), inherits);
      return;
    }
    default:
      applyTableSwitch(catalog, table, subtype, name, command);
      return;
  }
}

/** A partition goes with its parent, and what inherits stands in the way: from here on, or no longer. */
function needParent(catalog: Catalog, child: CatalogObject, parent: CatalogObject, from: boolean): void {
  const others = [...child.needs].filter((need) => need !== parent);
  catalog.setNeeds(child, from ? [...others, parent] : others);
}

/** Switches of the table as a whole: [property, value], an empty value being the default. */
const switches: Readonly<Record<string, readonly [string, string]>> = {
  AT_EnableRowSecurity: ['row level security', 'yes'],
  AT_DisableRowSecurity: ['row level security', ''],
  AT_ForceRowSecurity: ['forced row level security', 'yes'],
  AT_NoForceRowSecurity: ['forced row level security', ''],
  AT_DropCluster: ['clustered on', ''],
  AT_SetLogged: ['unlogged', ''],
  AT_SetUnLogged: ['unlogged', 'yes'],
};

function applyTableSwitch(
  catalog: Catalog,
  table: CatalogObject,
  subtype: string,
  name: string | undefined,
  command: TreeNode | undefined,
): void {
  const plain = switches[subtype];
  if (plain) {
    catalog.set(table, plain[0], plain[1]);
    return;
  }
  const [, verb, what] =
    /^AT_(Enable|EnableAlways|EnableReplica|Disable)(Trig|TrigAll|TrigUser|Rule)$/.exec(subtype) ?? [];
  if (verb !== undefined) {
    const object =
      what === 'Rule'
        ? catalog.get('rule', name ?? '?', 'rule', table)
        : name === undefined
          ? table
          : catalog.get('trigger', name, 'trigger', table);
    const state = verb === 'Enable' ? '' : verb;
    catalog.set(
      object,
      what?.startsWith('Trig') === true && name === undefined ? `triggers ${what}` : 'enabled',
      state,
    );
    return;
  }
  if (subtype === 'AT_ClusterOn') {
    catalog.set(table, 'clustered on', name ?? '');
    return;
  }
  if (subtype === 'AT_SetTableSpace') {
    catalog.set(table, 'tablespace', name === 'pg_default' ? '' : (name ?? ''));
    return;
  }
  if (subtype === 'AT_SetAccessMethod') {
    catalog.set(table, 'access method', name ?? '');
    return;
  }
  if (subtype === 'AT_ReplicaIdentity') {
    const identity = nodeOf(nodeOf(command, 'def'), 'ReplicaIdentityStmt');
    const kind = textOf(identity, 'identity_type') ?? 'd';
    catalog.set(table, 'replica identity', kind === 'd' ? '' : `${kind} ${textOf(identity, 'name') ?? ''}`.trim());
    return;
  }
  catalog.set(table, `other ${subtype}`, canonical(command));
}

function columnOf(catalog: Catalog, table: CatalogObject, name: string): CatalogObject {
  const present = catalog.find('column', name, table);
  if (!present && table.alive && isGone(catalog, table, name))
    catalog.refuse('missing', `the column ${table.key}.${name} is not there any more`);
  return present ?? catalog.get('column', name, 'column', table);
}

function isGone(catalog: Catalog, table: CatalogObject, name: string): boolean {
  return catalog.lastDropped('column', name)?.parent === table;
}

function dropColumnOf(catalog: Catalog, table: CatalogObject, name: string, lenient: boolean, cascade: boolean): void {
  const present = catalog.find('column', name, table);
  if (!present && isGone(catalog, table, name)) {
    if (!lenient) catalog.refuse('missing', `the column ${table.key}.${name} is not there any more`);
    return;
  }
  if (!present && lenient) {
    catalog.missed('column', name, `column ${table.key}.${name}`);
    return;
  }
  const column = present ?? catalog.get('column', name, 'column', table);
  const own = catalog.childrenOf(table).filter((part) => part.columns.includes(name));
  dropWithDependentsOf(catalog, column, own, cascade);
  if (column.alive) dropColumn(catalog, table, name);
  else for (const part of own) catalog.drop(part, column);
}

/** A view that shows the column is in the way; an index of the column is not. */
function dropWithDependentsOf(
  catalog: Catalog,
  column: CatalogObject,
  own: readonly CatalogObject[],
  cascade: boolean,
): void {
  const others = catalog.dependentsOf(column).filter((other) => !own.includes(other));
  if (others.length === 0) return;
  dropWithDependents(catalog, column, cascade, own);
}

function dropConstraint(
  catalog: Catalog,
  table: CatalogObject,
  name: string,
  lenient: boolean,
  cascade: boolean,
): void {
  const present = catalog.find('constraint', name, table);
  const gone = catalog.lastDropped('constraint', name);
  if (!present && gone?.parent === table) {
    if (!lenient) catalog.refuse('missing', `the constraint ${name} on ${table.key} is not there any more`);
    return;
  }
  if (!present && lenient) {
    catalog.missed('constraint', name, `constraint ${name} on ${table.key}`);
    return;
  }
  dropWithDependents(catalog, present ?? catalog.get('constraint', name, 'constraint', table), cascade);
}

function validated(catalog: Catalog, table: CatalogObject, name: string): void {
  const constraint = catalog.find('constraint', name, table);
  // What was proven once may stay: nothing refuses it, and nothing breaks when the constraint is taken back.
  if (constraint) catalog.set(constraint, 'validated', '');
}

function dropIfThere(catalog: Catalog, key: string): void {
  const object = catalog.find('relation', key);
  if (object) catalog.drop(object);
}

function setOptions(catalog: Catalog, object: CatalogObject, command: TreeNode | undefined, set: boolean): void {
  for (const option of nodesOf(nodeOf(nodeOf(command, 'def'), 'List'), 'items', 'DefElem'))
    catalog.set(object, `option ${textOf(option, 'defname') ?? ''}`, set ? canonical(option['arg'] ?? 'true') : '');
}

function plainNumber(command: TreeNode | undefined, fallback: string): string {
  const holder = nodeOf(nodeOf(command, 'def'), 'Integer');
  const value = holder ? (holder['ival'] ?? 0) : undefined;
  const text = typeof value === 'number' ? String(value) : '';
  return text === fallback ? '' : text;
}

function alterComposite(catalog: Catalog, type: CatalogObject, command: TreeNode | undefined): void {
  const subtype = textOf(command, 'subtype');
  const definition = nodeOf(nodeOf(command, 'def'), 'ColumnDef');
  const name = textOf(command, 'name') ?? '?';
  if (subtype === 'AT_AddColumn') addAttribute(catalog, type, definition);
  else if (subtype === 'AT_DropColumn') catalog.drop(catalog.get('attribute', name, 'attribute', type));
  else if (subtype === 'AT_AlterColumnType')
    catalog.set(
      catalog.get('attribute', name, 'attribute', type),
      'type',
      typeText(nodeOf(definition, 'typeName'), nodeOf(definition, 'collClause')),
    );
  else if (subtype === 'AT_ChangeOwner') catalog.set(type, 'owner', ownerOf(nodeOf(command, 'newowner')));
}

/** A role of OWNER TO or TO. */
export function ownerOf(role: TreeNode | undefined): string {
  return textOf(role, 'rolename') ?? (textOf(role, 'roletype') ?? '').replace('ROLESPEC_', '');
}

/** `SET SCHEMA` and `RENAME` of a table carry its indexes and sequences along in the schema. */
export function moveParts(catalog: Catalog, table: CatalogObject): void {
  for (const part of catalog.childrenOf(table)) {
    if (part.space === 'relation')
      catalog.rename(part, withSchemaOf(table, part.key.slice(part.key.lastIndexOf('.') + 1)));
    moveParts(catalog, part);
  }
}
