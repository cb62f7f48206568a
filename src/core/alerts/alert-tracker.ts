import { worstFirst, type SignalOutcome } from '../health/signal';
import { policyFor, type PolicyOverride } from './alert-policy';
import { stepAlert, type AlertState } from './alert-state';
import { openIncident, type Incident } from './incident';
import { alertKey, observationsOf, type Observation } from './observation';

/** Follows the findings of all connections and holds the incidents that come of them. */
export class AlertTracker {
  /** By key: those that are told, and those that may be soon. */
  private readonly states = new Map<string, AlertState>();
  /** Keys by connection and check, so that one that is not reported any more is noticed. */
  private readonly followed = new Map<string, Map<string, Set<string>>>();
  readonly active = new Map<string, Incident>();

  /** @param ended told of each incident that is over */
  constructor(private readonly ended: (incident: Incident) => void) {}

  /** Goes on with an incident of before; nobody watched in between. */
  restore(incident: Incident, now: number): void {
    this.active.set(incident.key, incident);
    const since = { warningSince: undefined, criticalSince: undefined, betterSince: undefined };
    this.states.set(incident.key, { firing: incident.severity, ...since, unknownSince: now, lastAt: now, beyond: 0 });
    this.keysOf(incident.connectionId, incident.check).add(incident.key);
  }

  /** One check of one connection as it stands. Returns whether an incident changed. */
  observe(connectionId: string, outcome: SignalOutcome, overrides: readonly PolicyOverride[], now: number): boolean {
    const keys = this.keysOf(connectionId, outcome.about.id);
    const reported = new Set<string>();
    let changed = false;
    for (const seen of worstFirst(observationsOf(connectionId, outcome))) {
      const key = alertKey(seen);
      // Several findings of one thing are as bad as the worst of them.
      if (reported.has(key)) continue;
      reported.add(key);
      changed = this.take(key, keys, seen, overrides, now) || changed;
    }
    if (outcome.problem !== null || outcome.at === null) return changed;
    for (const key of [...keys])
      if (!reported.has(key)) changed = this.takeAbsent(key, keys, overrides, now) || changed;
    return changed;
  }

  /** The connection was removed: its incidents go with it. */
  drop(connectionId: string, now: number): void {
    for (const keys of this.followed.get(connectionId)?.values() ?? []) {
      for (const key of [...keys]) this.end(key, keys, now);
    }
    this.followed.delete(connectionId);
  }

  private take(
    key: string,
    keys: Set<string>,
    seen: Observation,
    overrides: readonly PolicyOverride[],
    now: number,
  ): boolean {
    const policy = policyFor(overrides, seen.connectionId, seen.signal);
    const before = this.states.get(key);
    if (!policy.enabled) return before !== undefined && this.end(key, keys, now);
    if (before === undefined && seen.severity !== 'warning' && seen.severity !== 'critical') return false;
    const { state, change } = stepAlert(before, seen, policy, now);
    if (state.firing === undefined) {
      if (change === 'cleared' || state.warningSince === undefined) return this.end(key, keys, now);
      this.states.set(key, state);
      keys.add(key);
      return false;
    }
    this.states.set(key, state);
    keys.add(key);
    const base = this.active.get(key) ?? openIncident(seen, state.firing, now);
    const worst = base.worst === 'critical' ? 'critical' : state.firing;
    const bad = seen.severity === 'warning' || seen.severity === 'critical';
    // An incident is told, and remembered, by what was wrong: "the server answers" is none.
    const kept = seen.severity === 'unknown' || (!bad && state.betterSince !== undefined);
    const worse = seen.severity === worst || seen.severity === 'critical';
    const next = {
      ...{ atWorst: worse ? seen.words : base.atWorst },
      ...{ severity: state.firing, worst, words: kept ? base.words : seen.words },
      ...{ unknownSince: state.unknownSince ?? null, betterSince: bad ? undefined : state.betterSince },
    };
    this.active.set(key, { ...base, ...next });
    return (
      change !== undefined ||
      next.words !== base.words ||
      next.unknownSince !== base.unknownSince ||
      next.betterSince !== base.betterSince
    );
  }

  /** What a check does not report any more is over: the slot was dropped, the pool is gone. */
  private takeAbsent(key: string, keys: Set<string>, overrides: readonly PolicyOverride[], now: number): boolean {
    const incident = this.active.get(key);
    if (!incident) return this.end(key, keys, now);
    const fine = { severity: 'ok' as const, value: null, threshold: null };
    const policy = policyFor(overrides, incident.connectionId, incident.signal);
    const { state, change } = stepAlert(this.states.get(key), fine, policy, now);
    this.states.set(key, state);
    return change === 'cleared' && this.end(key, keys, now);
  }

  /** Returns whether an incident ended with it. */
  private end(key: string, keys: Set<string>, now: number): boolean {
    const incident = this.active.get(key);
    this.states.delete(key);
    this.active.delete(key);
    keys.delete(key);
    if (incident) this.ended({ ...incident, clearedAt: now });
    return incident !== undefined;
  }

  private keysOf(connectionId: string, check: string): Set<string> {
    const checks = this.followed.get(connectionId) ?? new Map<string, Set<string>>();
    this.followed.set(connectionId, checks);
    const keys = checks.get(check) ?? new Set<string>();
    checks.set(check, keys);
    return keys;
  }
}
