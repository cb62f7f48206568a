import { formatBytes, formatCount, formatDuration } from '../format/quantities';
import type { Evaluation } from './evaluation';
import type { ReceiverState, ReplicationState, StandbyState } from './replication';
import { grade, worst } from './severity';
import type { Severity } from './status';
import { defaultThresholds, ownNote, type Levels, type Thresholds } from './thresholds';

/** One standby: where the WAL stands and for how long, or since when it is gone. `now` in ms. */
export function evaluateStandby(
  standby: StandbyState,
  now: number,
  thresholds: Thresholds = defaultThresholds,
): Evaluation {
  if (standby.state === 'disconnected') {
    const since =
      standby.disconnectedSince === undefined ? '' : ` ${formatDuration((now - standby.disconnectedSince) / 1000)}`;
    return {
      severity: 'critical',
      summary: `DISCONNECTED${since === '' ? '' : ` for${since}`}`,
      lines: [
        `No walsender serves this standby${since === '' ? '' : `, as seen from here for${since}`}.`,
        ...(standby.slotName === null
          ? []
          : [`Its slot ${standby.slotName} keeps WAL on the primary until it comes back.`]),
      ],
    };
  }
  if (standby.totalBytes === null) {
    return {
      severity: 'unknown',
      summary: standby.state === 'unknown' ? 'state hidden · limited view' : `${standby.state} · position not told yet`,
      lines: [
        standby.state === 'unknown'
          ? 'Limited view: this role is not told how far the standby is. Grant pg_monitor.'
          : 'It has not reported yet how far it is.',
      ],
    };
  }
  const bytes = grade(standby.totalBytes, thresholds.lagBytes);
  const seconds = standby.totalBytes === 0 ? 'ok' : gradeLag(standby, thresholds.lagS);
  const { stage, amount } = mainStage(standby);
  const summary = [standby.state as string];
  if (stage === null) summary.push('up to date');
  else summary.push(`${stage} ${formatBytes(amount)}`, lagText(standby, thresholds.lagS));
  const part = (name: string, value: number | null): string =>
    `${name} ${value === null ? 'unknown' : formatBytes(value)}`;
  return {
    severity: worst(bytes, seconds),
    summary: summary.join(' · '),
    lines: [
      `Behind by ${formatBytes(standby.totalBytes)}, ${lagText(standby, thresholds.lagS)}. Warning above ${formatBytes(thresholds.lagBytes.warning)} or ${formatDuration(thresholds.lagS.warning)}, critical above ${formatBytes(thresholds.lagBytes.critical)} or ${formatDuration(thresholds.lagS.critical)}${ownNote(thresholds.lagBytes, thresholds.lagS)}.`,
      `${part('Not sent', standby.pendingBytes)}, ${part('not flushed there', standby.networkBytes)}, ${part('not replayed', standby.applyBytes)}.`,
      ...(standby.totalBytes > 0 && isUncertain(standby, thresholds.lagS)
        ? ['What is missing was written since the reading before; its age counts from the next one on.']
        : []),
      ...(standby.syncState === null ? [] : [`Synchronous state: ${standby.syncState}.`]),
      ...(standby.replyAgeS === null ? [] : [`Last reply ${formatDuration(standby.replyAgeS)} ago.`]),
    ],
  };
}

/** The standby's own side: its receiver. */
export function evaluateReceiver(receiver: ReceiverState, thresholds: Thresholds = defaultThresholds): Evaluation {
  const paused = receiver.pauseState === 'paused' || receiver.pauseState === 'pause requested';
  const pause = paused ? [`replay ${receiver.pauseState}`] : [];
  if (receiver.archiveOnly === true) {
    return {
      severity: 'unknown',
      summary: ['restores from an archive', ...pause].join(' · '),
      lines: ['primary_conninfo is empty: this standby has no primary to compare itself with, so its lag is unknown.'],
    };
  }
  if (receiver.connected === false) {
    return {
      severity: 'critical',
      summary: ['receiver DISCONNECTED', ...pause].join(' · '),
      lines: [
        'No WAL receiver runs: this standby gets nothing from its primary, and how far it is behind cannot be known here.',
      ],
    };
  }
  const behind = receiver.applyBytes === null ? null : receiver.applyBytes + (receiver.pendingBytes ?? 0);
  const { receiverLagBytes: bytesLimit, receiverLagS: ageLimit } = thresholds;
  const bytes = grade(behind, bytesLimit);
  const seconds = behind === 0 ? 'ok' : gradeLag(receiver, ageLimit);
  const amount =
    behind === null
      ? 'lag unknown'
      : behind === 0
        ? 'up to date'
        : (receiver.pendingBytes ?? 0) > (receiver.applyBytes ?? 0)
          ? `network ${formatBytes(receiver.pendingBytes ?? 0)}`
          : `apply ${formatBytes(receiver.applyBytes ?? 0)}`;
  const age = behind === null || behind === 0 ? [] : [lagText(receiver, ageLimit)];
  return {
    severity: worst(bytes, seconds, paused ? 'warning' : 'ok'),
    summary: [amount, ...age, ...pause].join(' · '),
    lines: [
      `Receives from ${receiver.senderHost ?? 'a host that this role is not told'}${receiver.slotName === null ? '' : ` through slot ${receiver.slotName}`}.`,
      `Received and not replayed: ${receiver.applyBytes === null ? 'unknown' : formatBytes(receiver.applyBytes)}${age.length === 0 ? '' : `, ${age.join('')}`}. Warning above ${formatBytes(bytesLimit.warning)} or ${formatDuration(ageLimit.warning)}, critical above ${formatBytes(bytesLimit.critical)} or ${formatDuration(ageLimit.critical)}${ownNote(bytesLimit, ageLimit)}.`,
      ...(paused ? ['Replay is paused: reads here grow older until pg_wal_replay_resume().'] : []),
    ],
  };
}

/** All of a server's replication. */
export function evaluateReplication(
  state: ReplicationState,
  now: number,
  thresholds: Thresholds = defaultThresholds,
): Evaluation {
  const standbys = state.standbys.map((standby) => evaluateStandby(standby, now, thresholds));
  const lines: string[] = state.standbys.map((standby, index) => `${standby.name}: ${standbys[index]?.summary ?? ''}`);
  const summary: string[] = [];
  const severities = standbys.map((evaluation) => evaluation.severity);
  if (state.role === 'standby') {
    const receiver = evaluateReceiver(state.receiver, thresholds);
    severities.push(receiver.severity);
    summary.push(receiver.summary);
    lines.unshift(...receiver.lines);
  }
  if (state.standbys.length > 0) {
    summary.push(formatCount(state.standbys.length, 'standby', 'standbys'));
    const gone = state.standbys.filter((standby) => standby.state === 'disconnected').length;
    if (gone > 0) summary.push(`${gone} DISCONNECTED`);
    const furthest = Math.max(...state.standbys.map((standby) => standby.totalBytes ?? 0));
    const oldest = Math.max(...state.standbys.map((standby) => standby.lagSeconds ?? standby.lagAtLeastSeconds ?? 0));
    if (furthest > 0) summary.push(formatBytes(furthest));
    if (oldest > 0) summary.push(formatDuration(oldest));
  } else if (state.role === 'primary') {
    summary.push('no standby');
    lines.push('No standby is connected, and none was seen since this panel watches.');
  }
  if (state.limited) {
    severities.push('unknown');
    summary.push('limited view');
    lines.push('Limited view: this role is not told all of replication. Grant pg_monitor.');
  }
  return { severity: worst(...severities), summary: summary.join(' · '), lines };
}

/** The stage that holds the most. */
function mainStage(standby: StandbyState): { stage: 'send' | 'network' | 'apply' | null; amount: number } {
  const stages = [
    ['send', standby.pendingBytes ?? 0],
    ['network', standby.networkBytes ?? 0],
    ['apply', standby.applyBytes ?? 0],
  ] as const;
  const [stage, amount] = stages.reduce((a, b) => (b[1] > a[1] ? b : a));
  return amount > 0 ? { stage, amount } : { stage: null, amount: 0 };
}

interface KnownLag {
  readonly lagSeconds: number | null;
  readonly lagAtLeastSeconds?: number;
}

/** Only what is certain counts: WAL that is on its way at the moment of a reading is no lag of a whole interval. */
function gradeLag(lag: KnownLag, levels: Levels): Severity {
  const certain = grade(lag.lagAtLeastSeconds ?? lag.lagSeconds, levels);
  return certain === 'ok' && lag.lagSeconds === null ? 'unknown' : certain;
}

function isUncertain(lag: KnownLag, levels: Levels): boolean {
  return lag.lagAtLeastSeconds === 0 && (lag.lagSeconds ?? 0) > levels.warning;
}

function lagText(lag: KnownLag, levels: Levels): string {
  if (lag.lagSeconds !== null) {
    return `${isUncertain(lag, levels) ? 'about ' : ''}${formatDuration(lag.lagSeconds)}`;
  }
  const atLeast = lag.lagAtLeastSeconds ?? 0;
  return atLeast > 0 ? `more than ${formatDuration(atLeast)}` : 'for an unknown time';
}
