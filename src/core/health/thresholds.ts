/**
 * When a value is a warning and when critical. The defaults are the operations guide's where it names one, else those
 * usual in the field; each says which.
 */
export interface Thresholds {
  /** Part of the usable slots in use. Guide: alert above 80 %; 95 % leaves room for a handful of logins. */
  readonly sessionsUsed: Levels;
  /** Seconds idle in an open transaction. Field: 5 and 15 minutes. */
  readonly idleInTransactionS: Levels;
  /** Seconds that a standby lags, as its primary sees it. Guide: above 1 s is an issue, above 5 s route reads to the primary. */
  readonly lagS: Levels;
  /** Bytes of the same. Guide: above 10 MB; ten times that is critical. */
  readonly lagBytes: Levels;
  /** The same, as the standby itself sees it. */
  readonly receiverLagS: Levels;
  readonly receiverLagBytes: Levels;
  /** Seconds that a session has waited for a lock. Guide: queries above 30 s are to be investigated. */
  readonly lockWaitS: Levels;
}

/** A value above `warning` is one, a value above `critical` is critical; at the level itself it is not yet. */
export interface Levels {
  readonly warning: number;
  readonly critical: number;
  /** Set by the person, and not the product's. */
  readonly own?: true;
}

const lagS: Levels = { warning: 1, critical: 5 };
const lagBytes: Levels = { warning: 10 * 1024 ** 2, critical: 100 * 1024 ** 2 };

export const defaultThresholds: Thresholds = {
  sessionsUsed: { warning: 0.8, critical: 0.95 },
  idleInTransactionS: { warning: 300, critical: 900 },
  lagS,
  lagBytes,
  receiverLagS: lagS,
  receiverLagBytes: lagBytes,
  lockWaitS: { warning: 5, critical: 30 },
};

/** What a hover adds to limits that the person has set. */
export function ownNote(...levels: readonly Levels[]): string {
  return levels.some(({ own }) => own === true) ? ' (set in dbOps.thresholds)' : '';
}
