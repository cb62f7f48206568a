import { LsnHistory, parseLsn } from './lsn';
import type { ReceiverState, ReplicationRow, ReplicationState, SenderRow, StandbyState } from './replication';

/**
 * Follows the replication of one server over time: it remembers where the WAL was when, and which standbys there were,
 * so that one that is gone is "disconnected" and never silent.
 */
export class ReplicationTracker {
  private history = new LsnHistory();
  private readonly seen = new Map<string, { standby: StandbyState; disconnectedSince: number | undefined }>();
  private wasInRecovery: boolean | undefined;

  /** Takes the reading of one moment `now` (ms) in. */
  take(row: ReplicationRow, now: number): ReplicationState {
    if (this.wasInRecovery !== undefined && this.wasInRecovery !== row.inRecovery) this.forget();
    this.wasInRecovery = row.inRecovery;
    const lsn = row.lsn === null ? null : parseLsn(row.lsn);
    const reached = row.inRecovery ? this.sourcePosition(row, lsn) : lsn;
    if (reached !== null) this.history.record(now, reached);
    const standbys = this.withMissing(this.present(row, lsn, now), row, now);
    if (!row.inRecovery) return { role: 'primary', standbys, limited: row.limited };
    return { role: 'standby', receiver: this.receiver(row, lsn, now), standbys, limited: row.limited };
  }

  /** After a promotion or on another server the old positions and standbys mean nothing. */
  private forget(): void {
    this.history = new LsnHistory();
    this.seen.clear();
  }

  /** The walsenders of the moment, each with a key of its own: two standbys may share their name and their machine. */
  private present(row: ReplicationRow, lsn: number | null, now: number): StandbyState[] {
    const times = new Map<string, number>();
    const senders = row.senders.filter(isStandby);
    const replying = [...senders.filter((sender) => !isSilent(sender)), ...senders.filter(isSilent)];
    return replying.flatMap((sender) => {
      const base = sender.slotName ?? `${sender.name}@${sender.clientAddress ?? 'local'}`;
      const time = (times.get(base) ?? 0) + 1;
      times.set(base, time);
      const key = time === 1 ? base : `${base}#${time}`;
      // A standby that came back over a broken network, beside the sender of before, which ends by wal_sender_timeout.
      if (time > 1 && isSilent(sender) && !this.seen.has(key)) return [];
      return [this.standby(sender, key, lsn, now)];
    });
  }

  private standby(sender: SenderRow, key: string, lsn: number | null, now: number): StandbyState {
    const sent = position(sender.sentLsn);
    const flushed = position(sender.flushLsn);
    const replayed = position(sender.replayLsn);
    const lag = replayed === null ? null : this.history.lag(now, replayed);
    return {
      key,
      name: sender.name === '' ? (sender.slotName ?? 'standby') : sender.name,
      clientAddress: sender.clientAddress,
      slotName: sender.slotName,
      state: knownState(sender.state),
      syncState: sender.syncState,
      pendingBytes: distance(lsn, sent),
      networkBytes: distance(sent, flushed),
      applyBytes: distance(flushed, replayed),
      totalBytes: distance(lsn, replayed),
      lagSeconds: lag?.estimate ?? null,
      ...(lag ? { lagAtLeastSeconds: lag.atLeast } : {}),
      ...(lag?.estimate === null ? { lagBeyondHistory: true } : {}),
      replyAgeS: sender.replyAgeS,
    };
  }

  /** Adds the ones seen before, and the slots that were in use once and have nobody now. */
  private withMissing(senders: readonly StandbyState[], row: ReplicationRow, now: number): StandbyState[] {
    // One that the role is not told about has no identity to remember it by.
    for (const standby of senders.filter((known) => known.state !== 'unknown' || known.slotName !== null)) {
      this.seen.set(standby.key, { standby, disconnectedSince: undefined });
    }
    for (const slot of row.slots) {
      // On a standby, and for logical replication, a slot at rest is no sign that somebody is missing.
      if (row.inRecovery || !slot.physical || slot.active || !slot.used || this.seen.has(slot.name)) continue;
      this.seen.set(slot.name, { standby: neverSeen(slot.name), disconnectedSince: undefined });
    }
    const present = new Set(senders.map((standby) => standby.key));
    const result = [...senders];
    for (const [key, entry] of this.seen) {
      if (present.has(key)) continue;
      // A slot that was dropped takes its standby along: it was removed on purpose.
      if (entry.standby.slotName !== null && !row.slots.some((slot) => slot.name === entry.standby.slotName)) {
        this.seen.delete(key);
        continue;
      }
      entry.disconnectedSince ??= now;
      result.push({
        ...neverSeen(entry.standby.name),
        ...identity(entry.standby),
        disconnectedSince: entry.disconnectedSince,
      });
    }
    return result.sort((a, b) => a.name.localeCompare(b.name, 'en') || a.key.localeCompare(b.key, 'en'));
  }

  /** What the primary has by the receiver's latest message; the standby cannot know more. */
  private sourcePosition(row: ReplicationRow, received: number | null): number | null {
    if (!isReceiving(row.receiver)) return null;
    const told = [position(row.receiver.latestEndLsn), received, position(row.replayLsn)].filter((lsn) => lsn !== null);
    return told.length === 0 ? null : Math.max(...told);
  }

  private receiver(row: ReplicationRow, received: number | null, now: number): ReceiverState {
    const replayed = position(row.replayLsn);
    const connected = isReceiving(row.receiver);
    const source = this.sourcePosition(row, received);
    const lag = connected && replayed !== null ? this.history.lag(now, replayed) : null;
    return {
      // A role without privilege sees the row with its columns NULL: then nothing but its presence is known.
      connected,
      ...(row.archiveOnly ? { archiveOnly: true } : {}),
      senderHost: row.receiver?.senderHost ?? null,
      slotName: row.receiver?.slotName ?? null,
      pendingBytes: connected ? distance(source, received) : null,
      applyBytes: distance(received, replayed),
      lagSeconds: lag?.estimate ?? null,
      ...(lag ? { lagAtLeastSeconds: lag.atLeast } : {}),
      pauseState:
        row.pauseState === 'paused' || row.pauseState === 'pause requested' || row.pauseState === 'not paused'
          ? row.pauseState
          : null,
    };
  }
}

/** A base backup comes and goes: it streams WAL too, but nobody misses it. */
function isStandby(sender: SenderRow): boolean {
  return sender.name !== 'pg_basebackup';
}

/** A standby replies every ten seconds also when nothing is written (wal_receiver_status_interval). In s. */
const silentS = 15;

function isSilent({ replyAgeS }: SenderRow): boolean {
  return (replyAgeS ?? 0) > silentS;
}

/** While its primary is away, a receiver is started every few seconds and ends again. */
function isReceiving(receiver: ReplicationRow['receiver']): receiver is NonNullable<ReplicationRow['receiver']> {
  return receiver !== null && receiver.status !== 'starting' && receiver.status !== 'stopping';
}

function position(text: string | null): number | null {
  return text === null ? null : parseLsn(text);
}

/** Bytes from `behind` up to `ahead`; a standby that is momentarily ahead of an older reading is not behind. */
function distance(ahead: number | null, behind: number | null): number | null {
  return ahead === null || behind === null ? null : Math.max(0, ahead - behind);
}

function knownState(state: string | null): StandbyState['state'] {
  return state === 'streaming' || state === 'catchup' || state === 'stopping' ? state : 'unknown';
}

function identity(standby: StandbyState): Pick<StandbyState, 'key' | 'name' | 'clientAddress' | 'slotName'> {
  return { key: standby.key, name: standby.name, clientAddress: standby.clientAddress, slotName: standby.slotName };
}

function neverSeen(name: string): StandbyState {
  return {
    key: name,
    name,
    clientAddress: null,
    slotName: name,
    state: 'disconnected',
    syncState: null,
    pendingBytes: null,
    networkBytes: null,
    applyBytes: null,
    totalBytes: null,
    lagSeconds: null,
    replyAgeS: null,
  };
}
