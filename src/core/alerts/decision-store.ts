/** What was decided about an incident in one window and holds in all. Times in ms since the epoch. */
export interface Decision {
  /** A person was told; null: not yet, or again when the snooze is over. */
  readonly toldAt: number | null;
  readonly acknowledgedAt: number | null;
  readonly acknowledgedBy: string;
  readonly snoozedUntil: number | null;
}

export const undecided: Decision = { toldAt: null, acknowledgedAt: null, acknowledgedBy: '', snoozedUntil: null };

/**
 * A decision about an incident that no window has seen for this long does not hold for the next one of its kind: better told
 * twice than not at all. In ms.
 */
export const longestUnseenMs = 3_600_000;

/** Decisions that windows share, by the key of the alert. Each call is short; it throws when the store is busy. */
export interface DecisionStore {
  read(now: number): ReadonlyMap<string, Decision>;
  /** This window is to tell of it, since none has. */
  claim(key: string, now: number): boolean;
  decide(key: string, decision: Decision, now: number): void;
  /** The incidents go on. */
  seen(keys: readonly string[], now: number): void;
  end(key: string): void;
  /** Keys that are never told. */
  muted(): ReadonlySet<string>;
  setMuted(key: string, muted: boolean): void;
}

/** Decisions of one window, where nothing is shared. */
export class MemoryDecisions implements DecisionStore {
  private readonly decisions = new Map<string, Decision>();
  private readonly mutedKeys = new Set<string>();

  read(): ReadonlyMap<string, Decision> {
    return this.decisions;
  }

  claim(key: string, now: number): boolean {
    const known = this.decisions.get(key) ?? undecided;
    if (known.toldAt !== null) return false;
    this.decisions.set(key, { ...known, toldAt: now, snoozedUntil: null });
    return true;
  }

  decide(key: string, decision: Decision): void {
    this.decisions.set(key, decision);
  }

  seen(): void {
    // Nobody else looks.
  }

  end(key: string): void {
    this.decisions.delete(key);
  }

  muted(): ReadonlySet<string> {
    return this.mutedKeys;
  }

  setMuted(key: string, muted: boolean): void {
    if (muted) this.mutedKeys.add(key);
    else this.mutedKeys.delete(key);
  }
}
