import { listOf, nodeOf, textOf } from '../../rollback/tree';
import type { TreeNode } from '../../sql/grammar';
import { isSerial, typeKey } from '../../sql/replay/column-definition';
import { constraintOf } from '../../sql/replay/constraint-definition';
import type { Schema } from '../../sql/replay/schema';
import type { StatementScope } from '../../sql/replay/scope';
import { locked, type Effects } from './impact';
import { volatilityOf, type Volatility } from './volatility';

/** Why ADD COLUMN writes the whole table again. */
export type RewriteReason = 'default' | 'serial' | 'identity' | 'stored' | 'domain';

export interface AddedColumn {
  readonly definition: TreeNode;
  readonly name: string;
  readonly reason: RewriteReason | undefined;
  /** Of the default; undefined without one. */
  readonly volatility: Volatility | undefined;
  readonly notNull: boolean;
  /** `CONSTR_UNIQUE`, `CONSTR_FOREIGN` … */
  readonly constraints: ReadonlyMap<string, TreeNode>;
}

/** What an ADD COLUMN asks for. */
export function addedColumn(schema: Schema, scope: StatementScope, command: TreeNode): AddedColumn {
  const definition = nodeOf(nodeOf(command, 'def'), 'ColumnDef') ?? {};
  const typeName = nodeOf(definition, 'typeName');
  const constraints = new Map(
    listOf(definition, 'constraints').map((item) => {
      const constraint = nodeOf(item, 'Constraint') ?? {};
      return [textOf(constraint, 'contype') ?? '', constraint];
    }),
  );
  const standing = constraints.get('CONSTR_DEFAULT');
  const volatility = standing && volatilityOf(nodeOf(standing, 'raw_expr'), schema, scope);
  const domain = schema.type(typeKey(scope, typeName) ?? '');
  const generated = constraints.get('CONSTR_GENERATED');
  const reason: RewriteReason | undefined = isSerial(typeName)
    ? 'serial'
    : constraints.has('CONSTR_IDENTITY')
      ? 'identity'
      : generated && textOf(generated, 'generated_kind') !== 'v'
        ? 'stored'
        : domain?.constrained === true
          ? 'domain'
          : volatility === 'volatile'
            ? 'default'
            : undefined;
  return {
    definition,
    name: scope.restore(textOf(definition, 'colname') ?? '?'),
    reason,
    volatility,
    notNull: constraints.has('CONSTR_NOTNULL') || constraints.has('CONSTR_PRIMARY'),
    constraints,
  };
}

export function addColumnEffects(
  schema: Schema,
  scope: StatementScope,
  key: string,
  command: TreeNode,
  { brief, rewritten }: { readonly brief: Effects; readonly rewritten: () => Effects },
): Effects {
  const { reason, volatility, constraints } = addedColumn(schema, scope, command);
  const base = reason === undefined ? brief : rewritten();
  const foreign = constraints.get('CONSTR_FOREIGN');
  const target = foreign && constraintOf(scope, key, foreign, '?')?.references?.table;
  const builds = constraints.has('CONSTR_UNIQUE') || constraints.has('CONSTR_PRIMARY');
  const scans = constraints.has('CONSTR_CHECK') || (foreign !== undefined && constraints.has('CONSTR_DEFAULT'));
  const locks = [
    ...base.locks,
    ...(foreign ? locked([target, 'ShareRowExclusive'], [key, 'ShareRowExclusive']) : []),
    ...(builds && reason === undefined ? locked([key, 'Share']) : []),
  ];
  if (reason !== undefined) return { ...base, locks };
  const work = volatility === 'unknown' ? 'unknown' : builds ? 'build' : scans ? 'scan' : 'brief';
  return { locks, work, rewrites: [] };
}
