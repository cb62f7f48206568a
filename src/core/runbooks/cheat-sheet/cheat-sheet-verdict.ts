import { formatBytes, formatCount, formatDuration } from '../../format/quantities';
import type { LockState } from '../../health/blocking';
import type { LongQuery } from '../../health/checks/long-queries';
import type { ReplicationState } from '../../health/replication';
import type { SessionsState } from '../../health/sessions';
import { defaultThresholds } from '../../health/thresholds';
import type { Verdict } from '../verdict';

export interface CheatSheetEvidence {
  readonly sessions: SessionsState;
  /** Running for longer than the guide's 30 s, the oldest first. */
  readonly long: readonly LongQuery[];
  readonly replication: ReplicationState;
  readonly locks: LockState;
}

export type CheatSheetCause = 'full' | 'locks' | 'disconnected' | 'lag' | 'long-queries' | 'hidden' | 'none';

/** What of the sheet wants a runbook, in the order of the guide's immediate actions. */
export function cheatSheetVerdict(evidence: CheatSheetEvidence): {
  readonly main: Verdict<CheatSheetCause>;
  readonly others: readonly Verdict<CheatSheetCause>[];
} {
  const [main, ...others] = [...full(evidence), ...lagging(evidence), ...waiting(evidence), ...slow(evidence)];
  return main ? { main, others } : { main: nothing(evidence), others: [] };
}

function full({ sessions: { used, usable } }: CheatSheetEvidence): readonly Verdict<CheatSheetCause>[] {
  if (usable > 0 && used < defaultThresholds.sessionsUsed.warning * usable) return [];
  return [
    {
      cause: 'full',
      headline: `${used} of ${usable} usable slots are taken`,
      lines: ['The Pool Exhaustion runbook finds who holds them, and why.'],
      next: { step: 'queries', words: 'See what runs for long; then open the Pool Exhaustion runbook.' },
    },
  ];
}

function lagging({ replication }: CheatSheetEvidence): readonly Verdict<CheatSheetCause>[] {
  const { warning } = defaultThresholds.lagBytes;
  const found: Verdict<CheatSheetCause>[] = [];
  const gone = replication.standbys.filter(({ state }) => state === 'disconnected');
  if (gone.length > 0 || (replication.role === 'standby' && replication.receiver.connected === false))
    found.push({
      cause: 'disconnected',
      headline:
        gone.length > 0
          ? `Disconnected: ${gone.map(({ name }) => name).join(', ')}`
          : 'This standby receives nothing from its primary',
      lines: ['What a standby that is away lags is not known. The Replication Lag runbook looks at both sides.'],
      next: { step: 'lag', words: 'Open the Replication Lag runbook.' },
    });
  const late = replication.standbys.filter(
    ({ state, totalBytes }) => state !== 'disconnected' && (totalBytes ?? 0) > warning,
  );
  const own = replication.role === 'standby' ? (replication.receiver.applyBytes ?? 0) : 0;
  if (late.length > 0 || own > warning)
    found.push({
      cause: 'lag',
      headline:
        late.length > 0
          ? late.map(({ name, totalBytes }) => `${name} is ${formatBytes(totalBytes ?? 0)} behind`).join(', ')
          : `This standby has ${formatBytes(own)} to replay`,
      lines: ['The Replication Lag runbook names the stage that holds it up.'],
      next: { step: 'lag', words: 'Open the Replication Lag runbook.' },
    });
  return found;
}

function waiting({ locks }: CheatSheetEvidence): readonly Verdict<CheatSheetCause>[] {
  if (locks.waiting === 0) return [];
  return [
    {
      cause: 'locks',
      headline: `${formatCount(locks.waiting, 'session waits', 'sessions wait')} for a lock, behind ${locks.roots.join(', ')}`,
      lines: ['Ending one that waits helps nobody; the Lock Contention runbook says which one is to be ended.'],
      next: { step: 'kill', words: 'End the root, if that is safe; the Lock Contention runbook says why.' },
    },
  ];
}

function slow({ long }: CheatSheetEvidence): readonly Verdict<CheatSheetCause>[] {
  const [oldest] = long;
  if (!oldest) return [];
  return [
    {
      cause: 'long-queries',
      headline: `${formatCount(long.length, 'query runs', 'queries run')} for more than 30 s, session ${oldest.pid} for ${formatDuration(oldest.ageS)}`,
      lines: [oldest.waits === null ? 'It is at work.' : `It waits: ${oldest.waits}.`],
      next: { step: 'kill', words: 'Cancel it if that is safe, before it uses up the connections.' },
    },
  ];
}

function nothing({ sessions, replication }: CheatSheetEvidence): Verdict<CheatSheetCause> {
  if (sessions.limited || replication.limited)
    return {
      cause: 'hidden',
      headline: 'Nothing that this role sees calls for an action; what others do is hidden from it',
      lines: ['Grant it pg_monitor: without that neither queries nor locks of others are shown.'],
    };
  return {
    cause: 'none',
    headline: 'No query is long, nobody waits for a lock, no standby lags, and there are free slots',
    lines: ['DB Ops: What Now? reads all signals, these are only the five of the cheat sheet.'],
  };
}
