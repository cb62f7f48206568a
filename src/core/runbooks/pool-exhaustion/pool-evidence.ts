import { formatDuration } from '../../format/quantities';
import { applicationName } from '../action-text';
import { escapeMarkdown, inlineCode, markdownTable, shorten } from '../markdown';
import type { Measure } from '../measures';
import { leftBehindS, type PoolEvidence, type PoolVerdict } from './pool-verdict';
import type { BusySession, SessionGroup } from './session-groups';

/** Each place where connections can run out, from the application to the server. */
export function placesMarkdown({ sessions, layers }: Pick<PoolEvidence, 'sessions' | 'layers'>): string {
  const rows = layers.map(({ kind, words, full }) => [
    kind,
    escapeMarkdown(words),
    full === null ? 'not known' : full ? '**full**' : 'has room',
  ]);
  const part = sessions.usable > 0 ? sessions.used / sessions.usable : 1;
  const server = `${sessions.used} of ${sessions.usable} usable slots (${Math.round(100 * part)} %)`;
  rows.push(['server', server, part >= 0.8 ? '**full**' : 'has room']);
  const none =
    layers.length === 0
      ? '\n\nNo application pool and no pooler is attached: settings `dbOps.applications` and `dbOps.poolers`.'
      : '';
  return `${markdownTable(['Place', 'State', 'Full'], rows)}${none}`;
}

export function groupsMarkdown(groups: readonly SessionGroup[]): string {
  if (groups.length === 0) return 'No client but this panel is connected.';
  const rows = groups.map((group) => [
    escapeMarkdown(applicationName(group.application)),
    escapeMarkdown(group.user ?? ''),
    escapeMarkdown(group.database ?? ''),
    escapeMarkdown(group.clientAddress ?? 'local'),
    ...[group.total, group.active, group.idle, group.inTransaction, group.lockWaiters].map(String),
  ]);
  return markdownTable(
    ['Application', 'Role', 'Database', 'From', 'Sessions', 'Active', 'Idle', 'Idle in transaction', 'Wait for a lock'],
    rows,
  );
}

const longestTable = 30;

export function busyMarkdown(busy: readonly BusySession[]): string {
  if (busy.length === 0) return 'No session has been busy for long.';
  const rows = busy
    .slice(0, longestTable)
    .map((session) => [
      String(session.pid),
      escapeMarkdown(applicationName(session.application)),
      escapeMarkdown(session.user ?? ''),
      `${escapeMarkdown(session.state ?? 'hidden')} ${formatDuration(session.ageS)}`,
      escapeMarkdown(session.waits ?? ''),
      inlineCode(shorten(session.query ?? '', 100)),
    ]);
  const more = busy.length > longestTable ? `\n\n${busy.length - longestTable} more are not shown.` : '';
  return `${markdownTable(['Session', 'Application', 'Role', 'State', 'Waits for', 'Statement'], rows)}${more}`;
}

/** The numbers that must get better. */
export function poolMeasures(evidence: PoolEvidence, verdict: PoolVerdict): readonly Measure[] {
  const { sessions, busy, locks, layers } = evidence;
  const left = busy.filter(
    ({ state, ageS }) => state?.startsWith('idle in transaction') === true && ageS >= leftBehindS,
  );
  const hidden = sessions.limited;
  const full = layers.filter((layer) => layer.full === true).length;
  const unread = layers.filter((layer) => layer.full === null).length;
  return [
    {
      name: 'Slots taken',
      shown: `${sessions.used} of ${sessions.usable}`,
      good: sessions.used < 0.8 * sessions.usable,
    },
    ...(layers.length === 0
      ? []
      : [
          {
            name: 'Pools that are full',
            shown: unread === 0 ? String(full) : `${full}, ${unread} not read`,
            // A pool that could not be read is not known to have room.
            good: full > 0 ? false : unread > 0 ? null : true,
          },
        ]),
    {
      name: 'Sessions that wait for a lock',
      shown: hidden ? null : String(locks.waiting),
      good: hidden ? null : locks.waiting === 0,
    },
    {
      name: 'Sessions left in a transaction',
      shown: hidden ? null : String(left.length),
      good: hidden ? null : left.length === 0,
    },
    { name: 'Cause', shown: verdict.main.cause, good: hidden ? null : verdict.main.cause === 'none' },
  ];
}
