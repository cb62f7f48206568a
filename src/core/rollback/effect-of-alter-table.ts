import { quoteIdentifier, quoteQualified } from '../sql/identifier';
import type { TreeNode } from '../sql/grammar';
import type { PlainEffect } from './effect';
import { flagOf, listOf, nodeOf, relationOf, textOf, type RelationName } from './tree';

/** One effect for each subcommand, in their order. Also for ALTER INDEX, VIEW, SEQUENCE, which share the tree. */
export function classifyAlterTable(node: TreeNode): PlainEffect[] {
  const relation = relationOf(nodeOf(node, 'relation')) ?? { schema: undefined, name: '?' };
  return listOf(node, 'cmds').map((item) => {
    const command = nodeOf(item, 'AlterTableCmd');
    return classify(command, relation, textOf(node, 'objtype') ?? 'OBJECT_TABLE');
  });
}

export function sqlName({ schema, name }: RelationName): string {
  return schema === undefined ? quoteIdentifier(name) : quoteQualified(schema, name);
}

function classify(command: TreeNode | undefined, relation: RelationName, kind: string): PlainEffect {
  const subtype = textOf(command, 'subtype') ?? '';
  const name = textOf(command, 'name');
  const table = `ALTER TABLE ${sqlName(relation)}`;
  const place = `${relation.name}${name === undefined ? '' : `.${name}`}`;
  const reversible = (what: string, undo?: string): PlainEffect => ({ reversibility: 'reversible', what, undo });
  if (kind !== 'OBJECT_TABLE') return reversible(`alters ${relation.name}`);
  switch (subtype) {
    case 'AT_DropColumn':
      return { reversibility: 'irreversible', what: `drops the column ${place} and its data`, undo: undefined };
    case 'AT_AlterColumnType':
      return {
        reversibility: 'unknown',
        what: `changes the type of ${place}: values that the old type cannot hold, or that the change cuts, do not come back`,
        undo: undefined,
      };
    case 'AT_AddColumn': {
      const column = textOf(nodeOf(nodeOf(command, 'def'), 'ColumnDef'), 'colname') ?? '?';
      // With IF NOT EXISTS the column may have been there before: dropping it could destroy what V did not make.
      const certain = !flagOf(command, 'missing_ok');
      return reversible(
        `adds the column ${relation.name}.${column}`,
        certain ? `${table} DROP COLUMN ${quoteIdentifier(column)}` : undefined,
      );
    }
    case 'AT_AddConstraint': {
      const constraint = textOf(nodeOf(nodeOf(command, 'def'), 'Constraint'), 'conname');
      const primary = textOf(nodeOf(nodeOf(command, 'def'), 'Constraint'), 'contype') === 'CONSTR_PRIMARY';
      // A primary key sets NOT NULL, which stays when the constraint goes.
      return reversible(
        `adds a constraint to ${relation.name}`,
        constraint === undefined || primary ? undefined : `${table} DROP CONSTRAINT ${quoteIdentifier(constraint)}`,
      );
    }
    case 'AT_SetNotNull':
      return reversible(
        `makes ${place} NOT NULL`,
        name === undefined ? undefined : `${table} ALTER COLUMN ${quoteIdentifier(name)} DROP NOT NULL`,
      );
    case 'AT_DropNotNull':
      return reversible(`lets ${place} be NULL`);
    case 'AT_ColumnDefault':
      return reversible(`changes the default of ${place}`);
    case 'AT_DropConstraint':
      return reversible(`drops the constraint ${name ?? ''} of ${relation.name}`);
    case 'AT_DropIdentity':
    case 'AT_DropExpression':
      return reversible(`changes how ${place} gets its values`);
    case 'AT_EnableRowSecurity':
      return reversible(`turns on row level security of ${relation.name}`, `${table} DISABLE ROW LEVEL SECURITY`);
    case 'AT_DisableRowSecurity':
      return reversible(`turns off row level security of ${relation.name}`, `${table} ENABLE ROW LEVEL SECURITY`);
    case 'AT_ValidateConstraint':
      return { reversibility: 'none', what: `validates a constraint of ${relation.name}`, undo: undefined };
    default:
      return reversible(`alters ${relation.name}`);
  }
}
