import { formatBytes } from '../../format/quantities';
import type { Clock } from '../../ports/clock';
import { flag, number, text, textOrNull, type RawRow } from '../../ports/row';
import type { Session, Statement } from '../../ports/session';
import type { GuardedAction, Inspection } from '../guarded-action';
import type { Outcome } from '../outcome';
import { statementAction } from '../statement-action';

interface WalNow {
  readonly inRecovery: boolean;
  readonly archives: boolean;
  readonly segment: string | null;
  readonly segmentBytes: number;
  readonly may: boolean;
}

const switchText = 'SELECT pg_catalog.pg_switch_wal()::text AS lsn WHERE NOT pg_catalog.pg_is_in_recovery()';

/** Text of the action for the cell. */
export const switchSql = switchText;

/** Closes the present segment, so that it is archived now, and waits until it is. */
export function switchWal(clock: Clock): GuardedAction {
  return {
    name: 'switch to a new WAL segment',
    inspect: async (session, abort): Promise<Inspection> => {
      let segment: string | null = null;
      let archives = false;
      const action = statementAction<WalNow>({
        name: 'switch to a new WAL segment',
        question: 'Switch to a new WAL segment',
        button: 'Switch Segment',
        whether: 'the segment was switched and archived',
        readAgain: 'Read the archive again.',
        preflight: walNow,
        gone: 'The server told nothing of its WAL.',
        refusal: ({ inRecovery, may }) => {
          if (inRecovery) return 'This server is in recovery: its primary writes the WAL.';
          return may
            ? undefined
            : 'This role may not switch. A superuser may, or one who was granted EXECUTE on pg_switch_wal().';
        },
        describe: (now) => {
          ({ segment, archives } = now);
          return [
            `Present segment: ${now.segment ?? 'unknown'}, ${formatBytes(now.segmentBytes)} in the archive whatever is in it.`,
            archives ? 'It is archived next; that is looked for.' : 'WAL is not archived here (archive_mode is off).',
            'Where nothing was written since the last switch, nothing happens.',
          ];
        },
        risk: 'small. Done often it fills the archive with segments that hold little.',
        frozen: ({ inRecovery, archives: mode }) => ({ inRecovery, mode }),
        statement: () => ({ name: 'switch WAL', text: switchText, row: (raw) => text(raw, 'lsn') }),
        outcome: (rows) =>
          rows.length === 0
            ? { kind: 'already-gone', message: 'The server is in recovery by now. Nothing was done.' }
            : { kind: 'done', message: 'The segment is switched.' },
        look: (own, signal) => lookAt(own, archives ? segment : null, clock, signal),
      });
      return action.inspect(session, abort);
    },
  };
}

const walNow: Statement<WalNow> = {
  name: 'WAL before the action',
  text: `
SELECT r.recovers AS in_recovery, current_setting('archive_mode') <> 'off' AS archives,
  CASE WHEN NOT r.recovers THEN pg_catalog.pg_walfile_name(pg_catalog.pg_current_wal_lsn()) END AS segment,
  (SELECT c.setting::float8 FROM pg_catalog.pg_settings AS c WHERE c.name = 'wal_segment_size') AS segment_bytes,
  pg_catalog.has_function_privilege('pg_catalog.pg_switch_wal()', 'EXECUTE') AS may
FROM (SELECT pg_catalog.pg_is_in_recovery() AS recovers) AS r`,
  row: (raw: RawRow) => ({
    inRecovery: flag(raw, 'in_recovery'),
    archives: flag(raw, 'archives'),
    segment: textOrNull(raw, 'segment'),
    segmentBytes: number(raw, 'segment_bytes'),
    may: flag(raw, 'may'),
  }),
};

/** Names of one timeline are in the order of their positions; a label follows its segment. */
const archivedSince: Statement<{ readonly last: string | null; readonly failing: boolean }> = {
  name: 'last archived segment',
  text: `
SELECT left(a.last_archived_wal, 24) AS last_segment,
  coalesce(a.last_failed_time > coalesce(a.last_archived_time, '-infinity'), false) AS failing
FROM pg_catalog.pg_stat_archiver AS a`,
  row: (raw: RawRow) => ({ last: textOrNull(raw, 'last_segment'), failing: flag(raw, 'failing') }),
};

/** How long it is looked whether the segment has arrived, in ms. */
const lookForMs = 10_000;
const lookAgainMs = 100;

async function lookAt(session: Session, segment: string | null, clock: Clock, abort?: AbortSignal): Promise<Outcome> {
  if (segment === null) return { kind: 'done', message: 'The segment is switched; nothing is archived here.' };
  const end = clock.now() + lookForMs;
  for (;;) {
    const [now] = await session.read(archivedSince, abort);
    if ((now?.last ?? '') >= segment) return { kind: 'done', message: `The segment ${segment} is archived.` };
    if (clock.now() > end)
      return {
        kind: 'still-there',
        message:
          now?.failing === true
            ? `The segment ${segment} is switched, and archiving FAILS: see the log of the server.`
            : `The segment ${segment} is switched, and after ${lookForMs / 1000} s it is not archived yet. Read the archive again.`,
      };
    await new Promise<void>((resolve) => void clock.after(lookAgainMs, resolve));
  }
}
