import { isTransactionalStatement } from '../../../flyway/transactions';
import { flagOf, listOf, namesOf, nodeOf, textOf } from '../../../rollback/tree';
import { codeOf, endsTransaction } from '../../../sql/block-pieces';
import { keyOfNames } from '../../../sql/replay/scope';
import { isPartitioned } from '../../impact/impact';
import { hasOption } from '../../impact/impact-of-statement';
import type { Issue, StatementRule } from '../../rule';
import type { StatementContext } from '../../statement-context';

/** What PostgreSQL refuses in a transaction; test/fixtures/lint/not-in-transaction-pg15.txt is the measured list. */
export const refusedInTransaction: StatementRule = {
  id: 'flyway/refused-in-transaction',
  title: 'A statement that PostgreSQL refuses in the transaction that Flyway runs it in',
  inUndo: true,
  on: [
    'IndexStmt',
    'DropStmt',
    'ReindexStmt',
    'AlterTableStmt',
    'ClusterStmt',
    'VacuumStmt',
    'AlterDatabaseStmt',
    'AlterSystemStmt',
    'CreatedbStmt',
    'DropdbStmt',
    'CreateTableSpaceStmt',
    'DropTableSpaceStmt',
    'CreateSubscriptionStmt',
    'AlterSubscriptionStmt',
    'DiscardStmt',
    'CallStmt',
    'DoStmt',
  ],
  *check(context): Generator<Issue> {
    const { transaction, script, scope } = context;
    // In a script that Flyway refuses, the statement it knows is told by flyway/mixed-transaction.
    if (transaction === undefined) return;
    if (script.transactions.mode === 'refused' && !scope.isInBlock && !knownToFlyway(context)) return;
    const what = refused(context);
    if (what === undefined) return;
    const advice = scope.isInBlock
      ? 'A DO block is always in one: take the statement out of it, into a script of its own.'
      : transaction === 0
        ? 'Flyway does not know that, and runs it in one: give it a script of its own with executeInTransaction=false in its .conf.'
        : 'The script itself has begun one: take BEGIN and COMMIT away.';
    yield { ...context.head, message: `PostgreSQL refuses ${what} in a transaction. ${advice}` };
  },
};

function knownToFlyway({ statement, scope }: StatementContext): boolean {
  return isTransactionalStatement(scope.sql, statement.split);
}

/** The words for a statement that is refused, else undefined. */
function refused(context: StatementContext): string | undefined {
  const { node, type } = context;
  switch (type) {
    case 'IndexStmt':
      return flagOf(node, 'concurrent') ? 'CREATE INDEX CONCURRENTLY' : undefined;
    case 'DropStmt':
      return flagOf(node, 'concurrent') ? 'DROP INDEX CONCURRENTLY' : undefined;
    case 'ReindexStmt':
      return ofReindex(context);
    case 'AlterTableStmt':
      return context
        .commands('AT_DetachPartition')
        .some(({ command }) => flagOf(nodeOf(nodeOf(command, 'def'), 'PartitionCmd'), 'concurrent'))
        ? 'DETACH PARTITION … CONCURRENTLY'
        : undefined;
    case 'ClusterStmt':
      return nodeOf(node, 'relation')
        ? isPartitioned(context.relation)
          ? 'CLUSTER of a partitioned table'
          : undefined
        : 'CLUSTER of all tables';
    case 'VacuumStmt':
      return flagOf(node, 'is_vacuumcmd') ? 'VACUUM' : undefined;
    case 'AlterDatabaseStmt':
      return hasOption(listOf(node, 'options'), 'tablespace') ? 'ALTER DATABASE … SET TABLESPACE' : undefined;
    case 'DiscardStmt':
      return textOf(node, 'target') === 'DISCARD_ALL' ? 'DISCARD ALL' : undefined;
    case 'AlterSubscriptionStmt':
      return textOf(node, 'kind') === 'ALTER_SUBSCRIPTION_REFRESH_PUBLICATION' ||
        textOf(node, 'kind') === 'ALTER_SUBSCRIPTION_REFRESH'
        ? 'ALTER SUBSCRIPTION … REFRESH PUBLICATION'
        : undefined;
    case 'CallStmt':
      return callsCommit(context) ? 'CALL of a procedure that commits' : undefined;
    case 'DoStmt':
      return endsTransaction(codeOf(context) ?? '') ? 'COMMIT and ROLLBACK of a DO block' : undefined;
    case 'CreateSubscriptionStmt':
      return makesSlot(context) ? 'CREATE SUBSCRIPTION with a slot' : undefined;
    default:
      return others[type];
  }
}

const others: Readonly<Record<string, string>> = {
  AlterSystemStmt: 'ALTER SYSTEM',
  CreatedbStmt: 'CREATE DATABASE',
  DropdbStmt: 'DROP DATABASE',
  CreateTableSpaceStmt: 'CREATE TABLESPACE',
  DropTableSpaceStmt: 'DROP TABLESPACE',
};

function ofReindex(context: StatementContext): string | undefined {
  const { node } = context;
  const kind = textOf(node, 'kind') ?? '';
  if (hasOption(listOf(node, 'params'), 'concurrently')) return 'REINDEX CONCURRENTLY';
  if (!['REINDEX_OBJECT_INDEX', 'REINDEX_OBJECT_TABLE'].includes(kind))
    return `REINDEX ${kind.replace('REINDEX_OBJECT_', '')}`;
  const key = context.keyIn() ?? '';
  const table = context.schema.relation(context.schema.index(key)?.table ?? key);
  return isPartitioned(table) ? 'REINDEX of a partitioned table' : undefined;
}

/** Whether every procedure of the called name, as far as the scripts make them, ends its transaction. */
function callsCommit({ node, schema, scope }: StatementContext): boolean {
  const called = namesOf(listOf(nodeOf(node, 'funccall'), 'funcname'));
  const found = schema.routines(keyOfNames(scope, called)).filter(({ type }) => type === 'procedure');
  return found.length > 0 && found.every((routine) => routine.endsTransaction);
}

function makesSlot(context: StatementContext): boolean {
  const off = (name: string): boolean =>
    listOf(context.node, 'options').some((item) => {
      const option = nodeOf(item, 'DefElem');
      return textOf(option, 'defname') === name && textOf(nodeOf(nodeOf(option, 'arg'), 'String'), 'sval') === 'false';
    });
  return !off('create_slot') && !off('connect');
}
