import { formatBytes, formatDuration } from '../../format/quantities';
import { isFailing, type Archiver } from '../../health/checks/archiver';
import type { Slot } from '../../health/checks/slots';
import type { ReplicationState, StandbyState } from '../../health/replication';
import { defaultThresholds } from '../../health/thresholds';
import type { BusySession } from '../pool-exhaustion/session-groups';
import type { StandbySide } from '../standby-side';
import type { Verdict } from '../verdict';

/** A standby seen from its own side, by another saved connection or by this one. */
export interface KnownStandby {
  readonly connectionId: string;
  readonly connection: string;
  readonly side: StandbySide;
  /** Its sessions with a snapshot or a transaction, which replay may have to wait for; the oldest first. */
  readonly busy: readonly BusySession[];
}

export interface LagEvidence {
  readonly replication: ReplicationState;
  readonly slots: readonly Slot[];
  /** Null on a standby, where the primary archives. */
  readonly archiver: Archiver | null;
  readonly standbys: readonly KnownStandby[];
  /** WAL that was written since the last reading, per s; null is unknown. */
  readonly limited: boolean;
}

export type LagCause =
  | 'disconnected'
  | 'slot-lost'
  | 'paused'
  | 'apply-delay'
  | 'standby-query'
  | 'apply'
  | 'standby-disk'
  | 'network'
  | 'slot-inactive'
  | 'archiver'
  | 'none'
  | 'hidden';

export interface LagVerdict {
  readonly main: Verdict<LagCause>;
  readonly others: readonly Verdict<LagCause>[];
}

/** The guide: lag is above 10 MB or above a second. */
const lagBytes = defaultThresholds.lagBytes.warning;
const lagS = defaultThresholds.lagS.warning;
/** A slot at rest that keeps more than this is a matter by itself: one segment is always kept. */
const slotBytes = 64 * 1024 ** 2;
/** A query that replay may have to wait for is named from here on, in s. */
const longQueryS = 5;

const rank: readonly LagCause[] = [
  'slot-lost',
  'disconnected',
  'paused',
  'apply-delay',
  'standby-query',
  'apply',
  'standby-disk',
  'network',
  'archiver',
  'slot-inactive',
];

/** Which stage holds the WAL up, and why. What has failed comes before what is slow; the rest is named beside it. */
export function lagVerdict(evidence: LagEvidence): LagVerdict {
  const found = [
    ...lostSlots(evidence.slots),
    ...evidence.replication.standbys.flatMap((standby) => ofStandby(standby, evidence)),
    ...(evidence.replication.role === 'standby' ? ownSide(evidence) : unmatched(evidence)),
    ...archiving(evidence.archiver),
    ...idleSlots(evidence),
  ].sort((a, b) => rank.indexOf(a.cause) - rank.indexOf(b.cause));
  const [main, ...others] = isHidden(evidence) ? [...found, unseen] : found;
  return main ? { main, others } : { main: calm(evidence), others: [] };
}

/** A standby that is gone is known to be gone, whatever it lacked. */
function isHidden({ limited, replication }: LagEvidence): boolean {
  return (
    limited ||
    replication.standbys.some(({ state, totalBytes }) => state !== 'disconnected' && totalBytes === null) ||
    (replication.role === 'standby' && replication.receiver.connected === null)
  );
}

const unseen: Verdict<LagCause> = {
  cause: 'hidden',
  headline: 'How far the standbys are is hidden from this role.',
  lines: ['Connect with a role of pg_monitor; until then nothing here is proof.'],
};

function calm({ replication }: LagEvidence): Verdict<LagCause> {
  const count = replication.standbys.length;
  return {
    cause: 'none',
    headline:
      count === 0 && replication.role === 'primary'
        ? 'No standby is connected, and none is expected by a slot.'
        : 'No standby lags now.',
    lines: ['If reads were stale a moment ago, it has passed: see the history of the lag in the hover of the standby.'],
  };
}

function lostSlots(slots: readonly Slot[]): readonly Verdict<LagCause>[] {
  return slots
    .filter(({ walStatus, invalidation, conflicting }) => walStatus === 'lost' || invalidation !== null || conflicting)
    .map(({ name, invalidation }) => ({
      cause: 'slot-lost',
      headline: `Slot ${name} is LOST: its consumer cannot go on.`,
      lines: [
        invalidation ?? 'The WAL that it needs was removed (max_slot_wal_keep_size).',
        'Build the standby anew (pg_basebackup with a new slot), or let it restore from the archive; then drop this slot.',
      ],
      next: { step: 'slot', words: `drop ${name} when its consumer has been built anew or given up: cell Act, slot.` },
    }));
}

function ofStandby(standby: StandbyState, { standbys }: LagEvidence): readonly Verdict<LagCause>[] {
  const { name, state, totalBytes } = standby;
  if (state === 'disconnected') {
    return [
      {
        cause: 'disconnected',
        headline: `Standby ${name} is DISCONNECTED: no walsender serves it.`,
        lines: [
          'Look at its server: does it run, does its log say why the receiver ends, can it reach the primary, is its password still right?',
          ...(standby.slotName === null
            ? []
            : [`Its slot ${standby.slotName} keeps WAL on the primary meanwhile: watch the disk.`]),
        ],
      },
    ];
  }
  const known = matching(standby, standbys);
  const lagging = (totalBytes ?? 0) > lagBytes || (standby.lagAtLeastSeconds ?? 0) > lagS;
  // Paused is paused, also while nothing is written.
  if (!lagging && known?.side.paused !== true) return [];
  const apply = standby.applyBytes ?? 0;
  const net = standby.networkBytes ?? 0;
  const pending = standby.pendingBytes ?? 0;
  const behind = `${formatBytes(totalBytes ?? 0)} behind${standby.lagSeconds === null ? '' : `, ${formatDuration(standby.lagSeconds)}`}`;
  if (known?.side.paused === true || (apply >= net && apply >= pending)) return [applying(name, behind, apply, known)];
  if (net >= pending) {
    return [
      {
        cause: 'standby-disk',
        headline: `Standby ${name} (${behind}): WAL is sent and not flushed there: ${formatBytes(net)}.`,
        lines: [
          'Its disk is slow or full, or the way back is. Look at iostat and free space there, then at the network.',
        ],
      },
    ];
  }
  return [
    {
      cause: 'network',
      headline: `Standby ${name} (${behind}): WAL waits on the primary to be sent: ${formatBytes(pending)}.`,
      lines: [
        'The network is too slow for what is written, or the walsender has too little CPU. Look for a bulk load on the primary; write in smaller batches.',
      ],
    },
  ];
}

/** On a standby: its own side, where no walsender speaks for it. */
function ownSide({ replication, standbys }: LagEvidence): readonly Verdict<LagCause>[] {
  if (replication.role !== 'standby') return [];
  const { receiver } = replication;
  const own = standbys[0];
  if (receiver.connected === false && receiver.archiveOnly !== true) {
    return [
      {
        cause: 'disconnected',
        headline: 'This standby receives nothing: its WAL receiver does not run.',
        lines: [
          'Look at its log, at primary_conninfo, and at the primary: does it run, does its slot still exist, is pg_hba.conf right?',
        ],
      },
    ];
  }
  const apply = receiver.applyBytes ?? 0;
  const paused = own?.side.paused === true;
  if (apply <= lagBytes && (receiver.lagAtLeastSeconds ?? 0) <= lagS && !paused) return [];
  return [applying(own?.connection ?? 'here', `${formatBytes(apply)} behind`, apply, own)];
}

/** WAL is there and not replayed: paused, told to wait, in the way of a query, or simply too much. */
function applying(name: string, behind: string, apply: number, known: KnownStandby | undefined): Verdict<LagCause> {
  const headline = `Standby ${name} (${behind}): WAL has arrived and is not replayed: ${formatBytes(apply)}.`;
  if (!known) {
    return {
      cause: 'apply',
      headline,
      lines: [
        'Save a connection to this standby, and this runbook will see whether replay is paused there or waits for a query.',
      ],
    };
  }
  const { side, busy, connection } = known;
  if (side.paused) {
    return {
      cause: 'paused',
      headline: `Standby ${name} (${behind}): replay is PAUSED.`,
      lines: [
        'Somebody has called pg_wal_replay_pause(), or a setting of the primary was raised above that of the standby (max_connections and its kin): the log of the standby tells which.',
      ],
      next: { step: 'resume', words: `resume replay on ${connection}: cell Act, resume.` },
    };
  }
  if (side.applyDelayMs > 0) {
    return {
      cause: 'apply-delay',
      headline: `Standby ${name} (${behind}): replay waits by intention, recovery_min_apply_delay is ${formatDuration(side.applyDelayMs / 1000)}.`,
      lines: [
        'A delayed standby is no place for reads. If the delay is not meant, ALTER SYSTEM RESET recovery_min_apply_delay there and reload.',
      ],
    };
  }
  const query = busy.find(({ ageS, transactionAgeS }) => Math.max(ageS, transactionAgeS ?? 0) >= longQueryS);
  if (query) {
    const limit = side.streamingDelayMs < 0 ? 'for ever' : `up to ${formatDuration(side.streamingDelayMs / 1000)}`;
    return {
      cause: 'standby-query',
      headline: `Standby ${name} (${behind}): replay waits for session ${query.pid} there, at work for ${formatDuration(Math.max(query.ageS, query.transactionAgeS ?? 0))}.`,
      lines: [
        `Replay may wait ${limit} for a query (max_standby_streaming_delay). Queries cancelled so far: ${side.conflicts}.`,
      ],
      next: {
        step: 'query',
        words: `end session ${query.pid} on ${connection}, when its owner agrees: cell Act, query.`,
      },
    };
  }
  return {
    cause: 'apply',
    headline,
    lines: [
      'Nothing stops replay: one process replays what many write. Look at the disk of the standby (iostat), then at bulk writes on the primary.',
    ],
  };
}

/** Standbys that no walsender here stands for, as those behind another standby: paused is known all the same. */
function unmatched({ replication, standbys }: LagEvidence): readonly Verdict<LagCause>[] {
  const known = new Set(replication.standbys.map((standby) => matching(standby, standbys)));
  return standbys
    .filter((one) => one.side.paused && !known.has(one))
    .map((one) => {
      const apply = one.side.applyBytes ?? 0;
      return applying(one.connection, `${formatBytes(apply)} received and not replayed`, apply, one);
    });
}

/** The standby's own side, by its slot; where one walsender and one standby are known, they belong together. */
function matching(standby: StandbyState, all: readonly KnownStandby[]): KnownStandby | undefined {
  const bySlot = all.find(({ side }) => side.slotName !== null && side.slotName === standby.slotName);
  return bySlot ?? all.find(({ connection }) => connection === standby.name) ?? (all.length === 1 ? all[0] : undefined);
}

function archiving(archiver: Archiver | null): readonly Verdict<LagCause>[] {
  if (!archiver || archiver.mode === 'off' || !isFailing(archiver)) return [];
  return [
    {
      cause: 'archiver',
      headline: `Archiving fails since ${formatDuration(archiver.archivedS ?? archiver.failedS ?? 0)} ago at least: ${archiver.lastFailed ?? 'a segment'}.`,
      lines: [
        'WAL piles up on the primary, and standbys that restore from the archive stand still. The server log has the message of the command.',
      ],
    },
  ];
}

function idleSlots({ slots, replication }: LagEvidence): readonly Verdict<LagCause>[] {
  return (
    slots
      .filter((slot) => !slot.active && slot.walStatus !== 'lost' && (slot.retainedBytes ?? 0) > slotBytes)
      // A missing standby is told already, and its slot is to stay.
      .filter(({ name }) => !replication.standbys.some(({ slotName }) => slotName === name))
      .map(({ name, logical, retainedBytes, safeBytes }) => ({
        cause: 'slot-inactive',
        headline: `Slot ${name} has no consumer and keeps ${formatBytes(retainedBytes ?? 0)} of WAL.`,
        lines: [
          safeBytes === null
            ? 'Nothing limits it but the disk.'
            : `${formatBytes(Math.max(0, safeBytes))} more may be written before it is lost.`,
          `Let its consumer come back. Dropped, ${logical ? 'every change since is lost to it' : 'its standby must be built anew'}.`,
        ],
        next: { step: 'slot', words: `drop ${name} only when nobody needs it any more: cell Act, slot.` },
      }))
  );
}
