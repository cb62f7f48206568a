import { formatBytes, formatCount, formatDuration } from '../../format/quantities';
import { isFailing, type Archiver } from '../../health/checks/archiver';
import type { Slot } from '../../health/checks/slots';
import type { ReplicationState } from '../../health/replication';
import type { SessionsState } from '../../health/sessions';
import { defaultThresholds } from '../../health/thresholds';
import { escapeMarkdown, inlineCode, markdownTable, shorten } from '../markdown';
import type { Measure } from '../measures';
import type { OtherServer } from '../other-servers';
import type { KnownStandby, LagEvidence } from './lag-verdict';

const bytes = (value: number | null): string => (value === null ? 'not known' : formatBytes(value));

/** Each standby, stage by stage. */
export function stagesMarkdown(state: ReplicationState): string {
  const rows = state.standbys.map((standby) => [
    escapeMarkdown(standby.name),
    standby.state === 'disconnected' ? '**DISCONNECTED**' : standby.state,
    escapeMarkdown(standby.slotName ?? ''),
    bytes(standby.pendingBytes),
    bytes(standby.networkBytes),
    bytes(standby.applyBytes),
    `**${bytes(standby.totalBytes)}**`,
    standby.lagSeconds === null ? 'not known' : formatDuration(standby.lagSeconds),
  ]);
  const table = markdownTable(
    ['Standby', 'State', 'Slot', 'Not sent', 'Sent, not flushed there', 'Flushed, not replayed', 'Behind', 'For'],
    rows,
  );
  const below = rows.length === 0 ? 'No walsender serves a standby here, and no slot expects one.' : table;
  if (state.role === 'primary') return below;
  const { receiver } = state;
  const own = [
    receiver.connected === null
      ? 'The WAL receiver is hidden from this role.'
      : `WAL receiver: ${receiver.connected ? 'receives' : '**DISCONNECTED**'}.`,
    `Received and not replayed: **${bytes(receiver.applyBytes)}**${receiver.pauseState === null ? '' : `; ${receiver.pauseState}`}.`,
  ];
  return `This is a standby. ${own.join(' ')}${rows.length === 0 ? '' : `\n\n${table}`}`;
}

export function slotsMarkdown(slots: readonly Slot[]): string {
  if (slots.length === 0) return 'There is no replication slot.';
  const rows = slots.map((slot) => [
    inlineCode(slot.name),
    slot.logical ? `logical, ${escapeMarkdown(slot.database ?? '')}` : 'physical',
    slot.active ? 'active' : '**no consumer**',
    escapeMarkdown(
      slot.invalidation ?? slot.walStatus ?? (slot.retainedBytes === null ? 'keeps nothing yet' : 'not told before 13'),
    ),
    slot.retainedBytes === null ? 'never used' : formatBytes(slot.retainedBytes),
    slot.unconfirmedBytes === null ? '' : formatBytes(slot.unconfirmedBytes),
    slot.safeBytes === null ? (slot.limited ? 'limited' : 'no limit but the disk') : formatBytes(slot.safeBytes),
  ]);
  return markdownTable(['Slot', 'Kind', 'Consumer', 'WAL status', 'Keeps', 'Not confirmed', 'Before it is lost'], rows);
}

export function archiverMarkdown(archiver: Archiver | undefined): string {
  if (!archiver) return 'Read on the primary only: it archives.';
  if (archiver.mode === 'off') return 'WAL is not archived (archive\\_mode is off).';
  const last =
    archiver.archivedS === null ? 'nothing was archived yet' : `last segment ${formatDuration(archiver.archivedS)} ago`;
  const failure = isFailing(archiver)
    ? ` **It FAILS:** ${inlineCode(archiver.lastFailed ?? 'a segment')}, the last attempt ${formatDuration(archiver.failedS ?? 0)} ago.`
    : '';
  return `Archiving: ${last}.${failure}`;
}

/** The standbys by their own connections. */
export function standbysMarkdown(
  standbys: readonly KnownStandby[],
  unanswered: readonly OtherServer<unknown>[],
): string {
  const rows = standbys.map(({ connection, side, busy }) => {
    const [oldest] = busy;
    return [
      escapeMarkdown(connection),
      side.receiving === null ? 'hidden' : side.receiving ? 'receives' : '**receives nothing**',
      side.paused ? '**PAUSED**' : 'replays',
      bytes(side.applyBytes),
      side.applyDelayMs > 0 ? formatDuration(side.applyDelayMs / 1000) : 'none',
      String(side.conflicts),
      oldest
        ? `${oldest.pid}: ${formatDuration(Math.max(oldest.ageS, oldest.transactionAgeS ?? 0))} ${inlineCode(shorten(oldest.query ?? '', 60))}`
        : '',
    ];
  });
  const table =
    rows.length === 0
      ? 'No other saved connection is a standby of this server: whether replay is paused there cannot be seen from here.'
      : markdownTable(
          ['Standby', 'Receiver', 'Replay', 'Not replayed', 'Delay', 'Cancelled by replay', 'Oldest query'],
          rows,
        );
  const silent = unanswered.map(
    ({ profile, problem }) => `- ${escapeMarkdown(profile.name)}: ${escapeMarkdown(problem ?? '')}`,
  );
  return silent.length === 0 ? table : `${table}\n\nNot answered:\n\n${silent.join('\n')}`;
}

/** May reads go to the primary? What can be read is ticked or not; the rest is for a person. */
export function headroomMarkdown(sessions: SessionsState, inRecovery: boolean, lagging: boolean): string {
  if (inRecovery) return 'This is a standby. Open this runbook on the primary to see its headroom.';
  const tick = (done: boolean, words: string): string => `- ${done ? '☑' : '☐'} ${words}`;
  const free = sessions.usable - sessions.used;
  const room = sessions.used < 0.8 * sessions.usable;
  const waiting = sessions.lockWaiters;
  return [
    lagging
      ? 'The lag is real. The guide: above 5 s route reads to the primary, when all of this holds:'
      : 'Nothing lags now, so reads may stay where they are. For the next time:',
    [
      tick(
        room,
        `The primary has free slots: ${free} of ${sessions.usable}, less than 80 % taken. The pools that would move must fit in.`,
      ),
      tick(
        waiting === 0,
        waiting === null
          ? 'Nobody waits for a lock there (hidden from this role).'
          : `Nobody waits for a lock there${waiting === 0 ? '' : ` (${formatCount(waiting, 'session')} now)`}.`,
      ),
      tick(
        sessions.active !== null && sessions.active < 0.5 * sessions.usable,
        `Few statements run there: ${sessions.active ?? 'hidden'} active.`,
      ),
      tick(
        false,
        'CPU and disk of the primary have room: below 50 %, for it will do the work of the standbys too (not visible in SQL).',
      ),
      tick(
        false,
        'The route is changed in the application or its router, one part of the reads first; a HikariCP pool marked readOnly does not route by itself.',
      ),
      tick(false, 'It is written down who takes the route back when the lag is gone.'),
    ].join('\n'),
  ].join('\n\n');
}

/** The numbers that must get better. */
export function lagMeasures({ replication, slots, standbys, archiver }: LagEvidence): readonly Measure[] {
  const limit = defaultThresholds.lagBytes.warning;
  const paused = standbys.filter(({ side }) => side.paused).length;
  const kept = slots.filter(({ active, retainedBytes }) => !active && (retainedBytes ?? 0) > 64 * 1024 ** 2);
  const lost = slots.filter(({ walStatus, invalidation }) => walStatus === 'lost' || invalidation !== null);
  const own: Measure[] =
    replication.role === 'standby'
      ? [
          {
            name: 'Received and not replayed here',
            shown: replication.receiver.applyBytes === null ? null : bytes(replication.receiver.applyBytes),
            good: replication.receiver.applyBytes === null ? null : replication.receiver.applyBytes <= limit,
          },
          {
            name: 'WAL receiver',
            shown:
              replication.receiver.connected === null
                ? null
                : replication.receiver.connected
                  ? 'receives'
                  : 'DISCONNECTED',
            good: replication.receiver.connected,
          },
        ]
      : [];
  return [
    ...replication.standbys.map(({ name, state, totalBytes }): Measure => ({
      name: `Standby ${name}`,
      shown: state === 'disconnected' ? 'DISCONNECTED' : totalBytes === null ? null : `${bytes(totalBytes)} behind`,
      good: state === 'disconnected' ? false : totalBytes === null ? null : totalBytes <= limit,
    })),
    ...own,
    { name: 'Standbys whose replay is paused', shown: String(paused), good: paused === 0 },
    { name: 'Slots without a consumer that keep WAL', shown: String(kept.length), good: kept.length === 0 },
    ...(archiver === null || archiver.mode === 'off'
      ? []
      : [{ name: 'Archiving', shown: isFailing(archiver) ? 'FAILS' : 'works', good: !isFailing(archiver) }]),
    { name: 'Slots that are lost', shown: String(lost.length), good: lost.length === 0 },
  ];
}
