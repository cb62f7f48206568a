import { parseLsn } from '../../health/lsn';
import type { Clock } from '../../ports/clock';
import { text, textOrNull, type RawRow } from '../../ports/row';
import type { Session, Statement } from '../../ports/session';

interface Walsender {
  readonly pid: number;
  readonly name: string;
  readonly slot: string | null;
  readonly state: string | null;
  readonly replayed: string | null;
  /** By the clock of the standby: it tells that something new was said, and no more. */
  readonly replyAt: string | null;
}

interface Positions {
  readonly lsn: string;
  readonly senders: readonly Walsender[];
}

/**
 * What the primary has flushed (what is only written is not sent, and a commit has flushed its own), and where each
 * walsender's client has replayed to. 12 to 18.
 */
export const positionsStatement: Statement<Positions> = {
  name: 'positions of the standbys',
  text: `
SELECT CASE WHEN pg_catalog.pg_is_in_recovery() THEN pg_catalog.pg_last_wal_receive_lsn() ELSE pg_catalog.pg_current_wal_flush_lsn() END::text AS lsn,
  (SELECT coalesce(json_agg(json_build_object('pid', r.pid, 'name', r.application_name, 'slot', s.slot_name, 'state', r.state,
      'replayed', r.replay_lsn, 'replyAt', r.reply_time) ORDER BY r.pid), '[]')
    FROM pg_catalog.pg_stat_replication AS r LEFT JOIN pg_catalog.pg_replication_slots AS s ON s.active_pid = r.pid)::text AS senders`,
  row: (raw: RawRow) => ({
    lsn: text(raw, 'lsn'),
    senders: JSON.parse(text(raw, 'senders')) as readonly Walsender[],
  }),
};

/** A client of a walsender, and how long what the primary had took to be replayed there. */
export interface Follower {
  readonly name: string;
  readonly slot: string | null;
  /** A base backup, or the WAL that goes with it (pg_basebackup, pg_receivewal), replays nothing: it is no standby. */
  readonly kind: 'standby' | 'backup' | 'receives only' | 'hidden';
  /** In ms at most, until it was seen; `longer`: not within `longestMs`. Null: not told within that time. */
  readonly delayMs: number | 'longer' | null;
}

/** A standby that can be asked itself. */
export interface OwnSide {
  readonly slot: string | null;
  readonly name: string | null;
  /** Its replay position, asked of itself. */
  readonly replayed: (signal: AbortSignal) => Promise<string | null>;
}

/** Longer is not waited for: it is more than the guide allows. In ms. */
export const longestMs = 1000;
const lookAgainMs = 25;

/**
 * Measures the lag of each standby: how long until it has replayed what the primary had at the beginning. The server's
 * own replay_lag freezes on an idle server and shows the last good value of a standby whose replay is paused. A standby
 * tells its primary with the next WAL, else once in wal_receiver_status_interval: better is to ask it itself.
 */
export async function followersOf(
  session: Session,
  own: readonly OwnSide[],
  clock: Clock,
  signal: AbortSignal,
): Promise<readonly Follower[]> {
  const [first] = await session.read(positionsStatement, signal);
  if (!first) return [];
  const start = clock.now();
  const target = parseLsn(first.lsn);
  const delays = new Map<number, number>();
  const late = new Set<number>();
  const waiting = (): readonly Walsender[] =>
    first.senders.filter((one) => kindOf(one) === 'standby' && !delays.has(one.pid));
  let latest = first.senders;
  for (;;) {
    for (const one of waiting()) {
      const itself = sideOf(one, own);
      const now = latest.find(({ pid }) => pid === one.pid);
      const replayed = itself ? await itself.replayed(signal).catch(() => null) : (now?.replayed ?? null);
      if (replayed !== null && parseLsn(replayed) >= target) delays.set(one.pid, clock.now() - start);
      else if (itself ? replayed !== null : now?.replyAt !== one.replyAt) late.add(one.pid);
    }
    if (waiting().length === 0 || clock.now() - start >= longestMs) break;
    await new Promise<void>((resolve) => void clock.after(lookAgainMs, resolve));
    latest = (await session.read(positionsStatement, signal))[0]?.senders ?? [];
  }
  return first.senders.map((one) => ({
    name: one.name,
    slot: one.slot,
    kind: kindOf(one),
    delayMs: delays.get(one.pid) ?? (late.has(one.pid) ? 'longer' : null),
  }));
}

/** By its slot, else by the name that a standby gives when it receives. */
function sideOf({ slot, name }: Walsender, own: readonly OwnSide[]): OwnSide | undefined {
  return slot === null
    ? own.find((side) => side.slot === null && side.name === name)
    : own.find((side) => side.slot === slot);
}

function kindOf({ state, replayed }: Walsender): Follower['kind'] {
  if (state === null) return 'hidden';
  if (state === 'backup') return 'backup';
  return replayed === null ? 'receives only' : 'standby';
}

/** The replay position of a standby, asked of itself. */
export const replayedStatement: Statement<string | null> = {
  name: 'replayed position',
  text: `SELECT pg_catalog.pg_last_wal_replay_lsn()::text AS lsn WHERE pg_catalog.pg_is_in_recovery()`,
  row: (raw: RawRow) => textOrNull(raw, 'lsn'),
};

/** In words, for a cell of a table. */
export function delayWords({ delayMs }: Follower): string {
  if (delayMs === null) return 'not told within a second: save a connection to it';
  if (delayMs === 'longer') return 'more than a second';
  return delayMs === 0 ? 'it has everything' : `${Math.ceil(delayMs)} ms at most`;
}

/** Whether it is fit to serve reads; null: not known. */
export function isFit({ delayMs }: Follower, fitMs: number): boolean | null {
  return delayMs === null ? null : delayMs !== 'longer' && delayMs <= fitMs;
}
