import type { Rule } from '../rule';
import { addColumnReferences } from './safety/add-column-references';
import { addColumnRewrite } from './safety/add-column-rewrite';
import { addColumnUnique } from './safety/add-column-unique';
import { addNotNullColumn } from './safety/add-not-null-column';
import { attachPartition } from './safety/attach-partition';
import { cascade } from './safety/cascade';
import { changeColumnType } from './safety/change-column-type';
import { checkNotValid } from './safety/check-not-valid';
import { combineAlters } from './safety/combine-alters';
import { concurrentlyIfNotExists } from './safety/concurrently-if-not-exists';
import { createIndex } from './safety/create-index';
import { createPartition } from './safety/create-partition';
import { detachPartition } from './safety/detach-partition';
import { domainConstraint } from './safety/domain-constraint';
import { dropColumn } from './safety/drop-column';
import { dropDatabase } from './safety/drop-database';
import { dropForeignKey } from './safety/drop-foreign-key';
import { dropIndex } from './safety/drop-index';
import { dropNotNull } from './safety/drop-not-null';
import { dropSchema } from './safety/drop-schema';
import { dropTable } from './safety/drop-table';
import { dropType } from './safety/drop-type';
import { duplicateIndex } from './safety/duplicate-index';
import { enumValueUsed } from './safety/enum-value-used';
import { excludeConstraint } from './safety/exclude-constraint';
import { foreignKeyNotValid } from './safety/foreign-key-not-valid';
import { identifierTooLong } from './safety/identifier-too-long';
import { lockTimeout } from './safety/lock-timeout';
import { manyLocks } from './safety/many-locks';
import { missingWhere } from './safety/missing-where';
import { refreshMaterializedView } from './safety/refresh-materialized-view';
import { reindex } from './safety/reindex';
import { rename } from './safety/rename';
import { replicaIdentity } from './safety/replica-identity';
import { rewriteTable } from './safety/rewrite-table';
import { robustForm } from './safety/robust-form';
import { rowSecurityWithoutPolicy } from './safety/row-security-without-policy';
import { securityDefinerSearchPath } from './safety/security-definer-search-path';
import { setNotNull } from './safety/set-not-null';
import { setOutlivesTransaction } from './safety/set-outlives-transaction';
import { tableWithoutPrimaryKey } from './safety/table-without-primary-key';
import { transactionControl } from './safety/transaction-control';
import { trigger } from './safety/trigger';
import { truncate } from './safety/truncate';
import { uniqueUsingIndex } from './safety/unique-using-index';
import { validateInSameTransaction } from './safety/validate-in-same-transaction';
import { wideGrant } from './safety/wide-grant';
import { workUnderLock } from './safety/work-under-lock';
import { concurrentlyHangs } from './flyway/concurrently-hangs';
import { mixedTransaction } from './flyway/mixed-transaction';
import { refusedInTransaction } from './flyway/refused-in-transaction';
import { avoidMoney } from './types/avoid-money';
import { domainWithCheck } from './types/domain-with-check';
import { enumValueOrder } from './types/enum-value-order';
import { preferBigintKey } from './types/prefer-bigint-key';
import { preferIdentity } from './types/prefer-identity';
import { preferJsonb } from './types/prefer-jsonb';
import { preferText } from './types/prefer-text';
import { preferTimestamptz } from './types/prefer-timestamptz';

/** The rules that look at statements one by one, in the order in which their findings of one place are shown. */
export const allRules: readonly Rule[] = [
  addColumnReferences,
  addColumnRewrite,
  addColumnUnique,
  addNotNullColumn,
  attachPartition,
  cascade,
  changeColumnType,
  checkNotValid,
  combineAlters,
  concurrentlyIfNotExists,
  createIndex,
  createPartition,
  detachPartition,
  domainConstraint,
  dropColumn,
  dropDatabase,
  dropForeignKey,
  dropIndex,
  dropNotNull,
  dropSchema,
  dropTable,
  dropType,
  duplicateIndex,
  enumValueUsed,
  excludeConstraint,
  foreignKeyNotValid,
  identifierTooLong,
  lockTimeout,
  manyLocks,
  missingWhere,
  refreshMaterializedView,
  reindex,
  rename,
  replicaIdentity,
  rewriteTable,
  robustForm,
  rowSecurityWithoutPolicy,
  securityDefinerSearchPath,
  setNotNull,
  setOutlivesTransaction,
  tableWithoutPrimaryKey,
  transactionControl,
  trigger,
  truncate,
  uniqueUsingIndex,
  validateInSameTransaction,
  wideGrant,
  workUnderLock,
  concurrentlyHangs,
  mixedTransaction,
  refusedInTransaction,
  avoidMoney,
  domainWithCheck,
  enumValueOrder,
  preferBigintKey,
  preferIdentity,
  preferJsonb,
  preferText,
  preferTimestamptz,
];
