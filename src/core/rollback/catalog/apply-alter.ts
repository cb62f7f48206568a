import type { TreeNode } from '../../sql/grammar';
import { listOf, namesOf, nodeOf, nodesOf, textOf } from '../tree';
import { moveParts, ownerOf } from './apply-alter-table';
import { addDomainCheck, publish, publishedTables } from './apply-create';
import { canonical } from './canonical';
import type { Catalog } from './catalog';
import type { CatalogObject } from './catalog-object';
import { routineFacets, sequenceFacets } from './option-facets';
import { giveOwner } from './sequence-owner';
import { keyOf, objectName, rangeKey, resolve, routineName } from './object-names';

/** Applies an ALTER that is not of ALTER TABLE's tree; false when the statement is none. */
export function applyAlter(catalog: Catalog, type: string, node: TreeNode): boolean {
  switch (type) {
    case 'RenameStmt':
      rename(catalog, node);
      return true;
    case 'AlterObjectSchemaStmt':
      moveToSchema(catalog, node);
      return true;
    case 'AlterOwnerStmt': {
      const object = named(catalog, textOf(node, 'objectType'), node);
      if (object) catalog.set(object, 'owner', ownerOf(nodeOf(node, 'newowner')));
      return true;
    }
    case 'AlterSeqStmt':
      alterSequence(catalog, node);
      return true;
    case 'AlterEnumStmt':
      alterEnum(catalog, node);
      return true;
    case 'AlterDomainStmt':
      alterDomain(catalog, node);
      return true;
    case 'AlterFunctionStmt': {
      const routine = resolve(catalog, routineName('function', nodeOf(node, 'func')));
      for (const [name, value] of routineFacets(nodesOf(node, 'actions', 'DefElem'))) catalog.set(routine, name, value);
      return true;
    }
    case 'AlterPolicyStmt': {
      const table = catalog.get('relation', rangeKey(nodeOf(node, 'table')) ?? '?', 'table');
      const policy = catalog.get('policy', textOf(node, 'policy_name') ?? '?', 'policy', table);
      for (const part of ['qual', 'with_check', 'roles'])
        if (node[part] !== undefined) catalog.set(policy, part, canonical(node[part]));
      return true;
    }
    case 'AlterPublicationStmt':
      alterPublication(catalog, node);
      return true;
    case 'AlterRoleSetStmt':
    case 'AlterDatabaseSetStmt': {
      const setting = nodeOf(node, 'setstmt');
      const isRole = type === 'AlterRoleSetStmt';
      const key = isRole ? ownerOf(nodeOf(node, 'role')) : (textOf(node, 'dbname') ?? '?');
      const reset =
        (textOf(setting, 'kind') ?? '').startsWith('VAR_RESET') || textOf(setting, 'kind') === 'VAR_SET_DEFAULT';
      const object = catalog.get(isRole ? 'role' : 'database', key, isRole ? 'role' : 'database');
      catalog.set(
        object,
        `setting ${textOf(setting, 'name') ?? ''} ${textOf(node, 'database') ?? ''}`.trim(),
        reset ? '' : canonical(setting?.['args'] ?? ''),
      );
      return true;
    }
    case 'AlterRoleStmt': {
      const role = catalog.get('role', ownerOf(nodeOf(node, 'role')), 'role');
      for (const option of nodesOf(node, 'options', 'DefElem'))
        if (textOf(option, 'defname') !== 'password')
          catalog.set(role, `option ${textOf(option, 'defname') ?? ''}`, canonical(option['arg'] ?? ''));
      return true;
    }
    case 'AlterStatsStmt': {
      const statistics = catalog.get('statistics', keyOf(namesOf(listOf(node, 'defnames'))), 'statistics');
      catalog.set(statistics, 'target', canonical(node['stxstattarget'] ?? ''));
      return true;
    }
    default:
      return false;
  }
}

function named(catalog: Catalog, objectType: string | undefined, node: TreeNode): CatalogObject | undefined {
  const range = nodeOf(node, 'relation');
  const onRelation =
    objectType !== undefined &&
    [
      'OBJECT_TABLE',
      'OBJECT_VIEW',
      'OBJECT_MATVIEW',
      'OBJECT_SEQUENCE',
      'OBJECT_INDEX',
      'OBJECT_FOREIGN_TABLE',
    ].includes(objectType);
  if (onRelation && range) {
    const kind = objectName(objectType, { String: { sval: 'x' } })?.kind ?? 'table';
    return catalog.get('relation', rangeKey(range) ?? '?', kind);
  }
  const name = objectName(objectType ?? '', nodeOf(node, 'object'));
  return name && resolve(catalog, name);
}

function rename(catalog: Catalog, node: TreeNode): void {
  const kind = textOf(node, 'renameType') ?? '';
  const to = textOf(node, 'newname') ?? '?';
  const from = textOf(node, 'subname');
  const onTable: Readonly<Record<string, string>> = {
    OBJECT_COLUMN: 'column',
    OBJECT_TABCONSTRAINT: 'constraint',
    OBJECT_POLICY: 'policy',
    OBJECT_TRIGGER: 'trigger',
    OBJECT_RULE: 'rule',
    OBJECT_ATTRIBUTE: 'attribute',
  };
  const space = onTable[kind];
  if (space !== undefined && from !== undefined) {
    const on = rangeKey(nodeOf(node, 'relation')) ?? '?';
    const holder = kind === 'OBJECT_ATTRIBUTE' ? catalog.get('type', on, 'type') : catalog.get('relation', on, 'table');
    if (!catalog.find(space, from, holder) && catalog.lastDropped(space, from)?.parent === holder) {
      catalog.refuse('missing', `the ${space} ${from} on ${on} is not there any more`);
      return;
    }
    const part = catalog.get(space, from, space, holder);
    catalog.rename(part, to);
    if (space === 'column') renameInParts(catalog, holder, from, to);
    return;
  }
  if (kind === 'OBJECT_DOMCONSTRAINT' && from !== undefined) {
    const domain = catalog.get(
      'type',
      keyOf(namesOf(listOf(nodeOf(nodeOf(node, 'object'), 'List'), 'items'))),
      'domain',
    );
    catalog.rename(catalog.get('constraint', from, 'constraint', domain), to);
    return;
  }
  if (
    kind === 'OBJECT_SCHEMA' ||
    kind === 'OBJECT_ROLE' ||
    kind === 'OBJECT_DATABASE' ||
    kind === 'OBJECT_TABLESPACE'
  ) {
    const word = kind.replace('OBJECT_', '').toLowerCase();
    catalog.rename(catalog.get(word, from ?? '?', word), to);
    return;
  }
  const indexKey = kind === 'OBJECT_INDEX' ? rangeKey(nodeOf(node, 'relation')) : undefined;
  const constraint =
    indexKey === undefined || catalog.find('relation', indexKey) ? undefined : catalog.constraintOfIndex(indexKey);
  if (constraint) {
    catalog.rename(constraint, to);
    return;
  }
  const object = named(catalog, kind, node);
  if (!object) return;
  const [, signature = ''] = /^[^(]*(\(.*)?$/s.exec(object.key) ?? [];
  const bare = object.key.slice(0, object.key.length - signature.length);
  const schema = bare.includes('.') ? bare.slice(0, bare.lastIndexOf('.') + 1) : '';
  catalog.rename(object, `${schema}${to}${signature}`);
}

/** Constraints and indexes follow the new name of their column. */
function renameInParts(catalog: Catalog, table: CatalogObject, from: string, to: string): void {
  for (const part of catalog.childrenOf(table))
    if (part.columns.includes(from))
      catalog.setColumns(
        part,
        part.columns.map((column) => (column === from ? to : column)),
      );
}

function moveToSchema(catalog: Catalog, node: TreeNode): void {
  const object = named(catalog, textOf(node, 'objectType'), node);
  if (!object) return;
  const schema = textOf(node, 'newschema') ?? 'public';
  const [, signature = ''] = /^[^(]*(\(.*)?$/s.exec(object.key) ?? [];
  const bare = object.key.slice(0, object.key.length - signature.length);
  const name = bare.slice(bare.lastIndexOf('.') + 1) + signature;
  catalog.rename(object, schema === 'public' ? name : `${schema}.${name}`);
  moveParts(catalog, object);
}

function alterSequence(catalog: Catalog, node: TreeNode): void {
  const sequence = catalog.get('relation', rangeKey(nodeOf(node, 'sequence')) ?? '?', 'sequence');
  const options = nodesOf(node, 'options', 'DefElem');
  for (const [name, value] of sequenceFacets(options)) catalog.set(sequence, name, value);
  giveOwner(catalog, sequence, options);
}

function alterPublication(catalog: Catalog, node: TreeNode): void {
  const name = textOf(node, 'pubname') ?? '?';
  const publication = catalog.get('publication', name, 'publication');
  const tables = publishedTables(node);
  const action = textOf(node, 'action') ?? 'AP_SetObjects';
  if (action === 'AP_SetObjects' && tables.length > 0)
    for (const published of publication.facets.keys())
      if (published.startsWith('publishes ') && !tables.includes(published.slice('publishes '.length)))
        catalog.set(publication, published, '');
  for (const table of tables) publish(catalog, name, table, action === 'AP_DropObjects' ? '' : 'yes');
  for (const option of nodesOf(node, 'options', 'DefElem'))
    catalog.set(publication, `option ${textOf(option, 'defname') ?? ''}`, canonical(option['arg'] ?? ''));
}

function alterEnum(catalog: Catalog, node: TreeNode): void {
  const type = catalog.get('type', keyOf(namesOf(listOf(node, 'typeName'))), 'type');
  const old = textOf(node, 'oldVal');
  const label = textOf(node, 'newVal') ?? '?';
  if (old !== undefined) {
    catalog.rename(catalog.get('label', old, 'label', type), label);
    return;
  }
  if (node['skipIfNewValExists'] === true && catalog.find('label', label, type)) return;
  catalog.create({ space: 'label', kind: 'label', key: label, parent: type });
}

function alterDomain(catalog: Catalog, node: TreeNode): void {
  const domain = catalog.get('type', keyOf(namesOf(listOf(node, 'typeName'))), 'domain');
  const name = textOf(node, 'name') ?? '?';
  switch (textOf(node, 'subtype')) {
    case 'C':
      addDomainCheck(catalog, domain, nodeOf(nodeOf(node, 'def'), 'Constraint'));
      return;
    case 'X':
      catalog.drop(catalog.get('constraint', name, 'constraint', domain));
      return;
    case 'O':
      catalog.set(domain, 'NOT NULL', 'yes');
      return;
    case 'N':
      catalog.set(domain, 'NOT NULL', '');
      return;
    case 'T':
      catalog.set(domain, 'default', node['def'] === undefined ? '' : canonical(node['def']));
      return;
    default:
      return;
  }
}
