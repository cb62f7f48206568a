import { flagOf, listOf, namesOf, nodeOf, relationOf, textOf } from '../../rollback/tree';
import { typeNameOf } from '../../rollback/type-name';
import { codeOf, endsTransaction } from '../block-pieces';
import type { TreeNode } from '../grammar';
import { optionText } from '../parsed-statement';
import type { Schema } from './schema';
import type { Routine, UserType } from './schema-object';
import { definitionOf, keyOf, keyOfNames, type StatementScope } from './scope';

/** CREATE TYPE and CREATE DOMAIN. */
export function applyCreateType(schema: Schema, scope: StatementScope, node: TreeNode): void {
  const put = (names: readonly string[], made: Pick<UserType, 'type' | 'labels' | 'base' | 'constrained'>): void => {
    const part = { key: keyOfNames(scope, names), origin: scope.origin, definition: definitionOf(scope) };
    schema.put({ kind: 'type', ...part, ...made });
  };
  switch (scope.statement.type) {
    case 'CreateEnumStmt': {
      const labels = namesOf(listOf(node, 'vals')).map(scope.restore);
      put(namesOf(listOf(node, 'typeName')), { type: 'enum', labels });
      break;
    }
    case 'CreateRangeStmt':
      put(namesOf(listOf(node, 'typeName')), { type: 'range' });
      break;
    case 'CompositeTypeStmt': {
      const name = relationOf(nodeOf(node, 'typevar'));
      if (name) put(name.schema === undefined ? [name.name] : [name.schema, name.name], { type: 'composite' });
      break;
    }
    case 'CreateDomainStmt': {
      const base = typeNameOf(nodeOf(node, 'typeName'));
      const constrained = listOf(node, 'constraints').some((item) =>
        ['CONSTR_CHECK', 'CONSTR_NOTNULL'].includes(textOf(nodeOf(item, 'Constraint'), 'contype') ?? ''),
      );
      const under = base === undefined ? {} : { base: scope.restore(base) };
      put(namesOf(listOf(node, 'domainname')), { type: 'domain', constrained, ...under });
    }
  }
}

export function applyAlterEnum(schema: Schema, scope: StatementScope, node: TreeNode): void {
  const type = schema.type(keyOfNames(scope, namesOf(listOf(node, 'typeName'))));
  const value = scope.restore(textOf(node, 'newVal') ?? '');
  if (!type) return;
  const labels = [...(type.labels ?? [])];
  const old = textOf(node, 'oldVal');
  const neighbor = textOf(node, 'newValNeighbor');
  if (old !== undefined) {
    schema.put({ ...type, labels: labels.map((label) => (label === scope.restore(old) ? value : label)) });
    return;
  }
  if (labels.includes(value)) return;
  const at = neighbor === undefined ? -1 : labels.indexOf(scope.restore(neighbor));
  if (at === -1) labels.push(value);
  else labels.splice(flagOf(node, 'newValIsAfter') ? at + 1 : at, 0, value);
  schema.put({ ...type, labels });
}

/** ALTER DOMAIN ADD CONSTRAINT and SET NOT NULL; which constraints are left after a DROP is not counted. */
export function applyAlterDomain(schema: Schema, scope: StatementScope, node: TreeNode): void {
  const type = schema.type(keyOfNames(scope, namesOf(listOf(node, 'typeName'))));
  if (type && ['C', 'O'].includes(textOf(node, 'subtype') ?? '')) schema.put({ ...type, constrained: true });
}

/** The key of a routine: its name and the types of the arguments it takes. */
export function routineKey(name: string, types: readonly (string | undefined)[]): string {
  return `${name}(${types.map((type) => type ?? '?').join(', ')})`;
}

export function applyCreateRoutine(schema: Schema, scope: StatementScope, node: TreeNode): void {
  const name = keyOfNames(scope, namesOf(listOf(node, 'funcname')));
  const taken = listOf(node, 'parameters')
    .map((item) => nodeOf(item, 'FunctionParameter'))
    .filter((parameter) => !['FUNC_PARAM_OUT', 'FUNC_PARAM_TABLE'].includes(textOf(parameter, 'mode') ?? ''))
    .map((parameter) => typeNameOf(nodeOf(parameter, 'argType')))
    .map((type) => (type === undefined ? undefined : scope.restore(type)));
  const volatility = listOf(node, 'options')
    .map((item) => nodeOf(item, 'DefElem'))
    .find((option) => textOf(option, 'defname') === 'volatility');
  const key = routineKey(name, taken);
  const before = schema.get('routine', key);
  const described = before?.kind === 'routine' && flagOf(node, 'replace') ? before : undefined;
  const isProcedure = flagOf(node, 'is_procedure');
  schema.put({
    ...described,
    endsTransaction: isProcedure && endsTransaction(codeOf(scope.statement) ?? ''),
    kind: 'routine',
    key,
    name,
    type: isProcedure ? 'procedure' : 'function',
    volatility: (optionText(volatility) as Routine['volatility'] | undefined) ?? 'volatile',
    origin: described?.origin ?? scope.origin,
    definition: definitionOf(scope),
  });
}

/** The key of the routine that DROP, ALTER or COMMENT names; without arguments, the only one of the name. */
export function routineNamed(schema: Schema, scope: StatementScope, object: TreeNode | undefined): string | undefined {
  const names = namesOf(listOf(object, 'objname'));
  const name = keyOfNames(scope, names);
  if (flagOf(object, 'args_unspecified')) return schema.routines(name)[0]?.key;
  const types = listOf(object, 'objargs').map((item) => typeNameOf(nodeOf(item, 'TypeName')));
  return routineKey(
    name,
    types.map((type) => (type === undefined ? undefined : scope.restore(type))),
  );
}

/** The key of a plain relation name. */
export function relationKeyOf(scope: StatementScope, range: TreeNode | undefined): string | undefined {
  const name = relationOf(range);
  return name && keyOf(scope, name);
}
