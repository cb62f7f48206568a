import { formatBytes } from '../../format/quantities';
import { flag, number, text, type RawRow } from '../../ports/row';
import { quoteIdentifier, quoteQualified } from '../../sql/identifier';
import type { GuardedAction } from '../guarded-action';
import { statementAction } from '../statement-action';
import type { OpenConstraint } from './leftovers';

/** A long statement may take this long, in ms. */
const longMs = 6 * 3_600_000;
/** How long DDL waits for its lock, in ms: behind it everybody waits. */
const lockMs = 2000;

interface ConstraintNow {
  readonly schema: string;
  readonly table: string;
  readonly name: string;
  readonly valid: boolean;
  readonly bytes: number;
  readonly owner: boolean;
  readonly inRecovery: boolean;
}

/** Proves a constraint on the rows that were there before it. */
export function validateConstraint({ oid, name, schema, table }: OpenConstraint): GuardedAction {
  const label = `${name} of ${schema}.${table}`;
  return statementAction<ConstraintNow>({
    name: `validate constraint ${label}`,
    question: `Validate the constraint ${label}`,
    button: 'Validate',
    whether: `the constraint ${label} was validated`,
    readAgain: 'Read what is left behind again.',
    gone: `The constraint ${label} does not exist any more.`,
    preflight: {
      name: 'constraint before the action',
      text: `
SELECT n.nspname::text AS schema_name, c.relname::text AS table_name, k.conname::text AS name, k.convalidated AS valid,
  c.relpages::float8 * current_setting('block_size')::float8 AS bytes, pg_catalog.pg_is_in_recovery() AS in_recovery,
  pg_catalog.pg_has_role(current_user, c.relowner, 'usage') AS owner
FROM pg_catalog.pg_constraint AS k JOIN pg_catalog.pg_class AS c ON c.oid = k.conrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace WHERE k.oid = $1::oid`,
      values: [oid],
      row: (raw: RawRow) => ({
        schema: text(raw, 'schema_name'),
        table: text(raw, 'table_name'),
        name: text(raw, 'name'),
        valid: flag(raw, 'valid'),
        bytes: number(raw, 'bytes'),
        owner: flag(raw, 'owner'),
        inRecovery: flag(raw, 'in_recovery'),
      }),
    },
    refusal: ({ valid, owner, inRecovery }) => {
      if (inRecovery) return 'This is a standby: it is validated on the primary.';
      if (valid) return `The constraint ${label} is valid already.`;
      return owner
        ? undefined
        : `This role does not own ${schema}.${table}: only its owner or a superuser may validate.`;
    },
    describe: ({ bytes }) => [
      `It reads the whole table, about ${formatBytes(bytes)}. SHARE UPDATE EXCLUSIVE: reads and writes go on, other DDL and VACUUM wait.`,
    ],
    risk: 'where a row breaks the rule it fails and changes nothing; then the rows are to be mended first.',
    frozen: ({ schema: s, table: t, name: n, valid }) => [s, t, n, valid],
    statement: (now) => ({
      name: 'VALIDATE CONSTRAINT',
      text: `ALTER TABLE ${quoteQualified(now.schema, now.table)} VALIDATE CONSTRAINT ${quoteIdentifier(now.name)}`,
      row: () => true,
      timeoutMs: longMs,
      lockTimeoutMs: lockMs,
    }),
    ownSession: true,
    done: `The constraint ${label} holds for every row.`,
  });
}

/** Texts of the actions for their cells. */
export const dropIndexSql = 'DROP INDEX CONCURRENTLY <the chosen one>';
export const validateSql = 'ALTER TABLE <its table> VALIDATE CONSTRAINT <the chosen one>';
