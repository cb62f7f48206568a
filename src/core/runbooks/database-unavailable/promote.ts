import { formatBytes } from '../../format/quantities';
import { flag, numberOrNull, textOrNull, type RawRow } from '../../ports/row';
import type { GuardedAction, Inspection } from '../guarded-action';
import { statementAction } from '../statement-action';
import type { Candidate } from './candidates';

interface Now {
  readonly inRecovery: boolean;
  readonly receivedLsn: string | null;
  readonly replayedLsn: string | null;
  readonly timeline: number | null;
  readonly receiving: boolean;
  readonly may: boolean;
}

/** How long the server waits for the promotion, in s. */
const waitS = 60;

/** Text of the action for the cell. */
export const promoteSql = `SELECT pg_catalog.pg_promote(true, ${waitS}) AS promoted WHERE pg_catalog.pg_is_in_recovery()`;

/**
 * Makes a primary of a standby, which nobody can undo.
 * @param oldPrimary tells of the old primary, at the moment it is asked, why it must not be done; undefined when it is silent
 */
export function promote(candidate: Candidate, oldPrimary: () => Promise<string | undefined>): GuardedAction {
  const { connection, behindBytes } = candidate;
  const action = statementAction<Now>({
    name: `promote ${connection} to primary`,
    question: 'Promote to primary',
    button: 'Promote',
    whether: `${connection} was promoted`,
    readAgain: 'Read the standbys again.',
    gone: 'The server told nothing of itself.',
    preflight: {
      name: 'standby before the promotion',
      text: `
SELECT r.standby AS in_recovery, CASE WHEN r.standby THEN pg_catalog.pg_last_wal_receive_lsn() END::text AS received,
  CASE WHEN r.standby THEN pg_catalog.pg_last_wal_replay_lsn() END::text AS replayed,
  (SELECT c.timeline_id FROM pg_catalog.pg_control_checkpoint() AS c)::int AS timeline,
  EXISTS (SELECT FROM pg_catalog.pg_stat_wal_receiver AS w WHERE w.pid IS NOT NULL AND coalesce(w.status, 'streaming') = 'streaming') AS receiving,
  pg_catalog.has_function_privilege('pg_catalog.pg_promote(boolean, integer)', 'EXECUTE') AS may
FROM (SELECT pg_catalog.pg_is_in_recovery() AS standby) AS r`,
      row: (raw: RawRow) => ({
        inRecovery: flag(raw, 'in_recovery'),
        receivedLsn: textOrNull(raw, 'received'),
        replayedLsn: textOrNull(raw, 'replayed'),
        timeline: numberOrNull(raw, 'timeline'),
        receiving: flag(raw, 'receiving'),
        may: flag(raw, 'may'),
      }),
    },
    refusal: ({ inRecovery, receiving, may }) => {
      if (!inRecovery) return `${connection} is a primary already.`;
      if (receiving)
        return `${connection} still receives WAL: its primary lives. Promoting it would make two primaries.`;
      return may
        ? undefined
        : 'This role may not promote. A superuser may, or one who was granted EXECUTE on pg_promote.';
    },
    describe: ({ receivedLsn, replayedLsn, timeline }) => [
      `Standby on timeline ${timeline ?? 'unknown'}: received up to ${receivedLsn ?? 'an unknown position'}, replayed up to ${replayedLsn ?? 'an unknown position'}.`,
      behindBytes === 0
        ? 'No other saved standby has received more.'
        : `WARNING: another standby has received ${formatBytes(behindBytes)} more. What only it has is lost.`,
      'What the old primary wrote and no standby received is lost.',
    ],
    risk: 'it cannot be undone. The old primary must never take writes again: it has to be rewound (pg_rewind) or built anew as a standby. The other standbys must be pointed here.',
    frozen: ({ receivedLsn, timeline }) => [receivedLsn, timeline],
    statement: () => ({
      name: 'pg_promote',
      text: promoteSql,
      row: (raw: RawRow) => flag(raw, 'promoted'),
      timeoutMs: 1000 * (waitS + 5),
    }),
    ownSession: true,
    leftovers: 'The promotion may go on: read the standbys again.',
    outcome: ([promoted]) =>
      promoted === undefined
        ? { kind: 'already-gone', message: `${connection} was no standby any more. Nothing was done.` }
        : promoted === true
          ? { kind: 'done', message: `${connection} is the primary.` }
          : {
              kind: 'still-there',
              message: `The promotion was asked for, and ${connection} was not a primary after ${waitS} s. Read the standbys again.`,
            },
  });
  return {
    ...action,
    inspect: async (session, abort): Promise<Inspection> => {
      const why = await oldPrimary();
      return why === undefined ? action.inspect(session, abort) : { kind: 'refused', message: why };
    },
  };
}
