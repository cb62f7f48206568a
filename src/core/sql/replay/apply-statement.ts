import { flagOf, listOf, namesOf, nodeOf, textOf } from '../../rollback/tree';
import type { TreeNode } from '../grammar';
import { applyAlterTable } from './apply-alter-table';
import { applyCreateOther, applyCreateTable, applyQueryTable } from './apply-create-table';
import { applyComment, applyGrant, applyOwner } from './apply-description';
import { applyDrop } from './apply-drop';
import { applyCreateIndex } from './apply-index';
import { putNamed, putOnTable } from './apply-named';
import { applyRename, applySetSchema } from './apply-rename';
import { applyAlterDomain, applyAlterEnum, applyCreateRoutine, applyCreateType } from './apply-types';
import type { Schema } from './schema';
import type { StatementScope } from './scope';

type Apply = (schema: Schema, scope: StatementScope, node: TreeNode) => void;

/** What follows a statement of each type; others change nothing that the replay follows. */
const followed: Readonly<Record<string, Apply>> = {
  CreateStmt: applyCreateTable,
  CreateForeignTableStmt: (schema, scope, node) => applyCreateTable(schema, scope, nodeOf(node, 'base') ?? {}, true),
  CreateTableAsStmt: applyQueryTable,
  SelectStmt: (schema, scope, node) => {
    if (nodeOf(node, 'intoClause')) applyQueryTable(schema, scope, node);
  },
  ViewStmt: (schema, scope, node) =>
    applyCreateOther(schema, scope, nodeOf(node, 'view'), 'view', flagOf(node, 'replace')),
  CreateSeqStmt: (schema, scope, node) =>
    applyCreateOther(schema, scope, nodeOf(node, 'sequence'), 'sequence', flagOf(node, 'if_not_exists')),
  IndexStmt: applyCreateIndex,
  CreateEnumStmt: applyCreateType,
  CreateRangeStmt: applyCreateType,
  CompositeTypeStmt: applyCreateType,
  CreateDomainStmt: applyCreateType,
  CreateFunctionStmt: applyCreateRoutine,
  AlterTableStmt: applyAlterTable,
  AlterEnumStmt: applyAlterEnum,
  AlterDomainStmt: applyAlterDomain,
  DropStmt: applyDrop,
  RenameStmt: applyRename,
  AlterObjectSchemaStmt: applySetSchema,
  CommentStmt: applyComment,
  AlterOwnerStmt: applyOwner,
  GrantStmt: applyGrant,
  CreateSchemaStmt: (schema, scope, node) => {
    putNamed(schema, scope, 'schema', textOf(node, 'schemaname'));
    applyElements(schema, scope, node);
  },
  CreateExtensionStmt: (schema, scope, node) => putNamed(schema, scope, 'extension', textOf(node, 'extname')),
  CreatePublicationStmt: (schema, scope, node) => putNamed(schema, scope, 'publication', textOf(node, 'pubname')),
  CreateStatsStmt: (schema, scope, node) =>
    putNamed(schema, scope, 'statistics', namesOf(listOf(node, 'defnames')).at(-1)),
  CreateTrigStmt: (schema, scope, node) => putOnTable(schema, scope, 'trigger', textOf(node, 'trigname'), 'relation'),
  CreatePolicyStmt: (schema, scope, node) => putOnTable(schema, scope, 'policy', textOf(node, 'policy_name'), 'table'),
  RuleStmt: (schema, scope, node) => putOnTable(schema, scope, 'rule', textOf(node, 'rulename'), 'relation'),
};

/** Changes the schema as the statement does. What it does not follow (DO blocks, dynamic SQL) it leaves as it is. */
export function applyStatement(schema: Schema, scope: StatementScope): void {
  followed[scope.statement.type]?.(schema, scope, scope.statement.node);
}

/** What stands inside a CREATE SCHEMA is made in that schema. */
function applyElements(schema: Schema, scope: StatementScope, node: TreeNode): void {
  for (const element of listOf(node, 'schemaElts')) {
    const [type, inner] = Object.entries(element)[0] ?? [];
    if (type === undefined) continue;
    const statement = { ...scope.statement, type, node: inner as TreeNode };
    applyStatement(schema, { ...scope, statement, searched: textOf(node, 'schemaname') });
  }
}
