import { formatCount, formatDuration } from '../../format/quantities';
import { flag, number, text, textOrNull, type RawRow } from '../../ports/row';
import { quoteLiteral } from '../../sql/identifier';
import type { GuardedAction } from '../guarded-action';
import { statementAction } from '../statement-action';

interface PreparedNow {
  readonly xid: string;
  readonly preparedAt: string;
  readonly database: string;
  readonly here: boolean;
  readonly owner: string | null;
  readonly may: boolean;
  readonly ageS: number;
  /** Sessions that wait for any prepared transaction: the server does not say for which. */
  readonly waiting: number;
}

/** Text of the action for the cell. */
export const rollbackPreparedSql = "ROLLBACK PREPARED '<the chosen one>'";

/** Rolls a prepared transaction back, which nobody can undo. */
export function rollbackPrepared(gid: string): GuardedAction {
  return statementAction<PreparedNow>({
    name: `roll back the prepared transaction ${gid}`,
    question: `Roll back the prepared transaction ${gid}`,
    button: 'Roll Back',
    whether: `the prepared transaction ${gid} was rolled back`,
    readAgain: 'Read the prepared transactions again.',
    gone: `There is no prepared transaction ${gid} any more.`,
    preflight: {
      name: 'prepared transaction before the action',
      text: `
SELECT p.transaction::text AS xid, p.prepared::text AS prepared_at, p.database::text AS datname, p.owner::text AS owner,
  p.database = current_database() AS here, extract(epoch FROM clock_timestamp() - p.prepared)::float8 AS age_s,
  (SELECT r.rolsuper OR r.rolname = p.owner FROM pg_catalog.pg_roles AS r WHERE r.rolname = current_user) AS may,
  (SELECT count(*) FROM (SELECT DISTINCT w.pid FROM pg_catalog.pg_locks AS w WHERE NOT w.granted LIMIT 500) AS waiters
    WHERE 0 = ANY (pg_catalog.pg_blocking_pids(waiters.pid)))::int AS waiting
FROM pg_catalog.pg_prepared_xacts AS p WHERE p.gid = $1`,
      values: [gid],
      row: (raw: RawRow) => ({
        xid: text(raw, 'xid'),
        preparedAt: text(raw, 'prepared_at'),
        database: text(raw, 'datname'),
        owner: textOrNull(raw, 'owner'),
        here: flag(raw, 'here'),
        may: flag(raw, 'may'),
        ageS: number(raw, 'age_s'),
        waiting: number(raw, 'waiting'),
      }),
    },
    refusal: ({ here, database, may, owner }) => {
      if (!here)
        return `It belongs to the database ${database}: only a session there can end it. Save a connection to that database.`;
      return may ? undefined : `Only its owner ${owner ?? 'unknown'} or a superuser may end it.`;
    },
    describe: ({ owner, database, ageS, waiting }) => [
      `Prepared by ${owner ?? 'an unknown role'} in ${database} ${formatDuration(ageS)} ago; ${formatCount(waiting, 'session')} waiting for a prepared transaction now.`,
      'Ask its transaction manager first: when the other side has committed, rolling back here tears the data of the two apart.',
    ],
    risk: 'what it has written is lost. It cannot be undone.',
    frozen: ({ xid, preparedAt }) => [xid, preparedAt],
    statement: () => ({
      name: 'ROLLBACK PREPARED',
      text: `ROLLBACK PREPARED ${quoteLiteral(gid)}`,
      row: () => true,
      alone: true,
    }),
    ownSession: true,
    done: `The prepared transaction ${gid} is rolled back; its locks are free.`,
  });
}
