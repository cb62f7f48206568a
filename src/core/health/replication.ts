/** One standby as the primary sees it, or saw it last. Bytes; null where the server told nothing. */
export interface StandbyState {
  /** Stable over reconnects: slot name, else application name and address. */
  readonly key: string;
  readonly name: string;
  readonly clientAddress: string | null;
  readonly slotName: string | null;
  /** `pg_stat_replication.state`, or `disconnected` for one seen before and absent now. */
  readonly state: 'streaming' | 'catchup' | 'stopping' | 'disconnected' | 'unknown';
  readonly syncState: string | null;
  /** Written by the primary, not sent yet. */
  readonly pendingBytes: number | null;
  /** Sent, not flushed by the standby. */
  readonly networkBytes: number | null;
  /** Flushed, not replayed. */
  readonly applyBytes: number | null;
  readonly totalBytes: number | null;
  /** By the LSN history of this client; null while the history does not reach back far enough. */
  readonly lagSeconds: number | null;
  readonly replyAgeS: number | null;
  /** ms since the epoch; only when disconnected. */
  readonly disconnectedSince?: number;
}

/** The standby's own side. */
export interface ReceiverState {
  /** A WAL receiver runs. False: disconnected, and no lag number may be shown as current. */
  readonly connected: boolean;
  readonly senderHost: string | null;
  readonly slotName: string | null;
  /** Received, not replayed. */
  readonly applyBytes: number | null;
  readonly lagSeconds: number | null;
  /** Null before 14, where only "paused or not" is known. */
  readonly pauseState: 'not paused' | 'pause requested' | 'paused' | null;
}

export type ReplicationState =
  | { readonly role: 'primary'; readonly standbys: readonly StandbyState[]; readonly limited: boolean }
  | {
      readonly role: 'standby';
      readonly receiver: ReceiverState;
      readonly standbys: readonly StandbyState[];
      readonly limited: boolean;
    };
