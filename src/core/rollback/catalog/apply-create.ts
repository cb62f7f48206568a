import type { TreeNode } from '../../sql/grammar';
import { flagOf, listOf, namesOf, nodeOf, nodesOf, textOf } from '../tree';
import { typeNameOf } from '../type-name';
import { typeText } from './apply-columns';
import { createFromQuery, createIndex, createStatistics, createTable, createView } from './apply-tables';
import { canonical } from './canonical';
import type { Catalog } from './catalog';
import type { CatalogObject } from './catalog-object';
import { createdRoutine, keyOf, rangeKey } from './object-names';
import { routineFacets, sequenceFacets } from './option-facets';
import { giveOwner } from './sequence-owner';
import { neededBy, typeNeeded } from './references';
import { withSearchedSchema } from './search-path';

/** Applies a CREATE of whatever kind; false when the statement is none. */
export function applyCreate(
  catalog: Catalog,
  type: string,
  node: TreeNode,
  nested: (type: string, node: TreeNode) => void,
): boolean {
  const lenient = flagOf(node, 'if_not_exists');
  const add = (space: string, key: string | undefined, rest: Rest = {}): void =>
    create(catalog, space, key, { ...rest, lenient, replace: flagOf(node, 'replace') });
  switch (type) {
    case 'CreateStmt':
      createTable(catalog, node);
      return true;
    case 'CreateForeignTableStmt':
      createTable(catalog, nodeOf(node, 'base') ?? node, catalog.find('server', textOf(node, 'servername') ?? ''));
      return true;
    case 'CreateTableAsStmt':
      createFromQuery(
        catalog,
        nodeOf(node, 'into'),
        node['query'],
        textOf(node, 'objtype') === 'OBJECT_MATVIEW' ? 'materialized view' : 'table',
        lenient,
      );
      return true;
    case 'ViewStmt':
      createView(catalog, node);
      return true;
    case 'IndexStmt':
      createIndex(catalog, node);
      return true;
    case 'CreateStatsStmt':
      createStatistics(catalog, node);
      return true;
    case 'CreateSeqStmt': {
      const range = nodeOf(node, 'sequence');
      if (textOf(range, 'relpersistence') === 't') return true;
      const options = nodesOf(node, 'options', 'DefElem');
      add('relation', rangeKey(range), { kind: 'sequence', facets: sequenceFacets(options) });
      const made = catalog.find('relation', rangeKey(range) ?? '');
      if (made?.born === catalog.now) giveOwner(catalog, made, options);
      return true;
    }
    case 'CreateSchemaStmt':
      add('schema', textOf(node, 'schemaname'));
      for (const element of listOf(node, 'schemaElts'))
        for (const [kind, inner] of Object.entries(element))
          nested(kind, withSearchedSchema(catalog, kind, inner as TreeNode, textOf(node, 'schemaname') ?? 'public'));
      return true;
    case 'CreateExtensionStmt':
      add('extension', textOf(node, 'extname'));
      return true;
    case 'CreateEnumStmt': {
      const labels = namesOf(listOf(node, 'vals'));
      add('type', keyOf(namesOf(listOf(node, 'typeName'))), { labels });
      return true;
    }
    case 'CreateRangeStmt':
      add('type', keyOf(namesOf(listOf(node, 'typeName'))), { definition: node['params'] });
      return true;
    case 'CompositeTypeStmt': {
      const key = rangeKey(nodeOf(node, 'typevar'));
      add('type', key, { definition: 'composite' });
      const made = key === undefined ? undefined : catalog.find('type', key);
      if (made?.born === catalog.now)
        for (const item of listOf(node, 'coldeflist')) addAttribute(catalog, made, nodeOf(item, 'ColumnDef'));
      return true;
    }
    case 'CreateDomainStmt':
      createDomain(catalog, node);
      return true;
    case 'CreateFunctionStmt':
      createRoutine(catalog, node);
      return true;
    case 'CreateTrigStmt':
      onTable(catalog, 'trigger', textOf(node, 'trigname'), nodeOf(node, 'relation'), node, ['relation', 'trigname']);
      return true;
    case 'CreatePolicyStmt':
      createPolicy(catalog, node);
      return true;
    case 'RuleStmt':
      onTable(catalog, 'rule', textOf(node, 'rulename'), nodeOf(node, 'relation'), node, ['relation', 'rulename']);
      return true;
    default:
      return applyRareCreate(catalog, type, node, add);
  }
}

interface Rest {
  readonly kind?: string;
  readonly definition?: unknown;
  readonly labels?: readonly string[];
  readonly facets?: ReadonlyMap<string, string>;
  readonly needs?: readonly (CatalogObject | undefined)[];
  readonly lenient?: boolean;
  readonly replace?: boolean;
}

function create(catalog: Catalog, space: string, key: string | undefined, rest: Rest): void {
  if (key === undefined) return;
  const present = catalog.find(space, key);
  const definition = canonical(rest.definition ?? '');
  if (present && rest.lenient === true) return;
  if (present && rest.replace === true) {
    catalog.set(present, 'definition', definition);
    return;
  }
  const facets = new Map([['definition', definition], ...(rest.facets ?? [])]);
  if (rest.lenient === true || rest.replace === true) facets.set('may have been there', 'yes');
  const needs = (rest.needs ?? []).filter((need) => need !== undefined);
  const made = catalog.create({ space, kind: rest.kind ?? space, key, facets, needs });
  if (made.born === catalog.now)
    for (const label of rest.labels ?? []) catalog.create({ space: 'label', kind: 'label', key: label, parent: made });
}

function applyRareCreate(
  catalog: Catalog,
  type: string,
  node: TreeNode,
  add: (space: string, key: string | undefined, rest?: Rest) => void,
): boolean {
  const name = (field: string): string | undefined => textOf(node, field);
  switch (type) {
    case 'DefineStmt':
      define(catalog, node, add);
      return true;
    case 'CreateCastStmt':
      add(
        'cast',
        `${typeNameOf(nodeOf(node, 'sourcetype')) ?? '?'} AS ${typeNameOf(nodeOf(node, 'targettype')) ?? '?'}`,
      );
      return true;
    case 'CreateConversionStmt':
      add('conversion', keyOf(namesOf(listOf(node, 'conversion_name'))));
      return true;
    case 'CreateEventTrigStmt':
      add('event trigger', name('trigname'), { definition: [node['eventname'], node['funcname'], node['whenclause']] });
      return true;
    case 'CreatePublicationStmt':
      add('publication', name('pubname'), { definition: [node['options'], node['for_all_tables'] ?? false] });
      for (const table of publishedTables(node)) publish(catalog, name('pubname') ?? '', table, 'yes');
      return true;
    case 'CreateSubscriptionStmt':
      add('subscription', name('subname'));
      return true;
    case 'CreateForeignServerStmt':
      add('server', name('servername'), { needs: [catalog.find('foreign-data wrapper', name('fdwname') ?? '')] });
      return true;
    case 'CreateFdwStmt':
      add('foreign-data wrapper', name('fdwname'));
      return true;
    case 'CreateUserMappingStmt':
      add('user mapping', `${textOf(nodeOf(node, 'user'), 'rolename') ?? 'PUBLIC'} ${name('servername') ?? ''}`, {
        needs: [catalog.find('server', name('servername') ?? '')],
      });
      return true;
    case 'CreateRoleStmt':
      add('role', name('role'));
      return true;
    case 'CreatedbStmt':
      add('database', name('dbname'));
      return true;
    case 'CreateTableSpaceStmt':
      add('tablespace', name('tablespacename'));
      return true;
    case 'CreatePLangStmt':
      add('language', name('plname'));
      return true;
    case 'CreateAmStmt':
      add('access method', name('amname'));
      return true;
    case 'CreateOpClassStmt':
      add('operator class', `${name('amname') ?? ''}.${namesOf(listOf(node, 'opclassname')).join('.')}`);
      return true;
    case 'CreateOpFamilyStmt':
      add('operator family', `${name('amname') ?? ''}.${namesOf(listOf(node, 'opfamilyname')).join('.')}`);
      return true;
    default:
      return false;
  }
}

const definedKinds: Readonly<Record<string, string>> = {
  OBJECT_COLLATION: 'collation',
  OBJECT_TYPE: 'type',
  OBJECT_TSCONFIGURATION: 'text search configuration',
  OBJECT_TSDICTIONARY: 'text search dictionary',
  OBJECT_TSPARSER: 'text search parser',
  OBJECT_TSTEMPLATE: 'text search template',
};

function define(
  catalog: Catalog,
  node: TreeNode,
  add: (space: string, key: string | undefined, rest?: Rest) => void,
): void {
  const kind = textOf(node, 'kind') ?? '';
  const names = namesOf(listOf(node, 'defnames'));
  const definition = node['definition'];
  if (kind === 'OBJECT_AGGREGATE') {
    const parameters = listOf(nodeOf(listOf(node, 'args')[0], 'List'), 'items');
    add('routine', createdRoutine(names, parameters), { kind: 'aggregate', definition });
  } else if (kind === 'OBJECT_OPERATOR') {
    const types = ['leftarg', 'rightarg'].map((side) => {
      const option = listOf(node, 'definition').find((item) => textOf(nodeOf(item, 'DefElem'), 'defname') === side);
      return typeNameOf(nodeOf(nodeOf(nodeOf(option, 'DefElem'), 'arg'), 'TypeName')) ?? 'none';
    });
    add('operator', `${keyOf(names)}(${types.join(',')})`, { definition });
  } else {
    const known = definedKinds[kind];
    if (known !== undefined && !(known === 'type' && catalog.find('type', keyOf(names))))
      add(known, keyOf(names), { definition });
  }
}

function createDomain(catalog: Catalog, node: TreeNode): void {
  const key = keyOf(namesOf(listOf(node, 'domainname')));
  const typeName = nodeOf(node, 'typeName');
  const facets = new Map([['type', typeText(typeName, nodeOf(node, 'collClause'))]]);
  const constraints = nodesOf(node, 'constraints', 'Constraint');
  for (const constraint of constraints) {
    const kind = textOf(constraint, 'contype');
    if (kind === 'CONSTR_NOTNULL') facets.set('NOT NULL', 'yes');
    if (kind === 'CONSTR_DEFAULT') facets.set('default', canonical(nodeOf(constraint, 'raw_expr')));
  }
  const domain = catalog.create({ space: 'type', kind: 'domain', key, facets, needs: typeNeeded(catalog, typeName) });
  if (domain.born !== catalog.now) return;
  for (const constraint of constraints)
    if (textOf(constraint, 'contype') === 'CONSTR_CHECK') addDomainCheck(catalog, domain, constraint);
}

/** A CHECK of a domain; `dm_check`, `dm_check1` … when it has no name. */
export function addDomainCheck(catalog: Catalog, domain: CatalogObject, constraint: TreeNode | undefined): void {
  const wanted = `${domain.key.slice(domain.key.lastIndexOf('.') + 1)}_check`;
  let key = textOf(constraint, 'conname') ?? wanted;
  if (textOf(constraint, 'conname') === undefined)
    for (let number = 1; catalog.find('constraint', key, domain); number++) key = `${wanted}${number}`;
  catalog.create({
    space: 'constraint',
    kind: 'constraint',
    key,
    parent: domain,
    facets: new Map([['definition', canonical(nodeOf(constraint, 'raw_expr'))]]),
  });
}

/** An attribute of a composite type. */
export function addAttribute(catalog: Catalog, type: CatalogObject, definition: TreeNode | undefined): void {
  const key = textOf(definition, 'colname');
  if (key === undefined) return;
  const typeName = nodeOf(definition, 'typeName');
  const facets = new Map([['type', typeText(typeName, nodeOf(definition, 'collClause'))]]);
  catalog.create({
    space: 'attribute',
    kind: 'attribute',
    key,
    parent: type,
    facets,
    needs: typeNeeded(catalog, typeName),
  });
}

/** CREATE [OR REPLACE] FUNCTION or PROCEDURE. A replacement keeps the type that is returned and the names of what goes in. */
function createRoutine(catalog: Catalog, node: TreeNode): void {
  const kind = flagOf(node, 'is_procedure') ? 'procedure' : 'function';
  const parameters = listOf(node, 'parameters');
  const key = createdRoutine(namesOf(listOf(node, 'funcname')), parameters);
  const returns = typeText(nodeOf(node, 'returnType'), undefined);
  const options = nodesOf(node, 'options', 'DefElem');
  const code = options.filter((option) => ['as', 'language'].includes(textOf(option, 'defname') ?? ''));
  const definition = canonical([
    ...code.map((item) => canonical(item)).sort(),
    node['sql_body'] ?? '',
    canonical(parameters),
  ]);
  const present = catalog.find('routine', key);
  const needs = [
    nodeOf(node, 'returnType'),
    ...parameters.map((item) => nodeOf(nodeOf(item, 'FunctionParameter'), 'argType')),
  ].flatMap((type) => typeNeeded(catalog, type));
  if (!present || !flagOf(node, 'replace')) {
    const facets = new Map([['definition', definition], ['returns', returns], ...routineFacets(options)]);
    if (flagOf(node, 'replace')) facets.set('may have been there', 'yes');
    catalog.create({ space: 'routine', kind, key, facets, needs: [...needs, ...neededBy(catalog, node['sql_body'])] });
    return;
  }
  const before = catalog.value(present, 'returns');
  if (before !== undefined && before !== '' && before !== returns)
    catalog.refuse(
      'replace',
      `CREATE OR REPLACE cannot change the type that ${key} returns from ${before} to ${returns}`,
    );
  catalog.set(present, 'definition', definition);
  catalog.set(present, 'returns', returns);
  const own = routineFacets(options);
  const others = [...present.facets.keys()].filter((name) => name.startsWith('option '));
  for (const name of new Set([...own.keys(), ...others])) catalog.set(present, name, own.get(name) ?? '');
}

function onTable(
  catalog: Catalog,
  space: string,
  key: string | undefined,
  range: TreeNode | undefined,
  node: TreeNode,
  left: readonly string[],
): void {
  const on = rangeKey(range);
  if (on === undefined || key === undefined) return;
  const table = catalog.get('relation', on, 'table');
  const rest = Object.fromEntries(Object.entries(node).filter(([field]) => !left.includes(field)));
  const definition = canonical(rest);
  const present = catalog.find(space, key, table);
  if (present && flagOf(node, 'replace')) {
    catalog.set(present, 'definition', definition);
    return;
  }
  const called = keyOf(namesOf(listOf(node, 'funcname')));
  // A trigger calls the one without parameters, whatever others have its name.
  const routine = catalog.find('routine', `${called}()`) ?? catalog.routineNamed(called);
  const needs = [...neededBy(catalog, rest), ...(routine ? [routine] : [])].filter((object) => object !== table);
  catalog.create({ space, kind: space, key, parent: table, facets: new Map([['definition', definition]]), needs });
}

/** The parts of a policy are told apart, since ALTER POLICY changes them one by one. */
function createPolicy(catalog: Catalog, node: TreeNode): void {
  const on = rangeKey(nodeOf(node, 'table'));
  const key = textOf(node, 'policy_name');
  if (on === undefined || key === undefined) return;
  const table = catalog.get('relation', on, 'table');
  const facets = new Map<string, string>();
  for (const part of ['qual', 'with_check', 'roles', 'cmd_name', 'permissive'])
    if (node[part] !== undefined) facets.set(part, canonical(node[part]));
  const needs = neededBy(catalog, [node['qual'], node['with_check']], table);
  catalog.create({ space: 'policy', kind: 'policy', key, parent: table, facets, needs });
}

/** The keys of the tables, or `schema x`, that a publication statement names. */
export function publishedTables(node: TreeNode): string[] {
  return listOf(node, 'pubobjects').flatMap((item) => {
    const spec = nodeOf(item, 'PublicationObjSpec');
    return rangeKey(nodeOf(nodeOf(spec, 'pubtable'), 'relation')) ?? `schema ${textOf(spec, 'name') ?? 'current'}`;
  });
}

export function publish(catalog: Catalog, publication: string, table: string, value: string): void {
  catalog.set(catalog.get('publication', publication, 'publication'), `publishes ${table}`, value);
}
