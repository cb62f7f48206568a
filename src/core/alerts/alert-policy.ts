/** For how long something must be so before it is told, in ms, and how far back it must go before it is over. */
export interface AlertPolicy {
  readonly enabled: boolean;
  readonly warningForMs: number;
  readonly criticalForMs: number;
  /** How long it must be better before an incident improves or ends. */
  readonly clearForMs: number;
  /** The part of a threshold that a value must fall below it to count as better: no flapping around the level. */
  readonly margin: number;
}

export const defaultPolicy: AlertPolicy = {
  enabled: true,
  warningForMs: 60_000,
  criticalForMs: 10_000,
  clearForMs: 60_000,
  margin: 0.1,
};

/** A person's change of the policy, the more special one last. */
export interface PolicyOverride {
  /** A connection's id; missing for all. */
  readonly connection?: string;
  /** `replication.lag`, `replication.*` or missing for all. */
  readonly signal?: string;
  readonly policy: Partial<AlertPolicy>;
}

/** The policy of one signal of one connection: those for all, then the connection's, then the signal's. */
export function policyFor(
  overrides: readonly PolicyOverride[],
  connectionId: string,
  signal: string,
  base: AlertPolicy = defaultPolicy,
): AlertPolicy {
  const special = (one: PolicyOverride): number =>
    (one.connection === undefined ? 0 : 2) + (one.signal === undefined ? 0 : one.signal.endsWith('*') ? 0.5 : 1);
  return overrides
    .filter((one) => one.connection === undefined || one.connection === connectionId)
    .filter((one) => one.signal === undefined || fits(one.signal, signal))
    .sort((a, b) => special(a) - special(b))
    .reduce((policy, one) => ({ ...policy, ...one.policy }), base);
}

function fits(pattern: string, signal: string): boolean {
  return pattern.endsWith('*') ? signal.startsWith(pattern.slice(0, -1)) : pattern === signal;
}

/** Reads `dbOps.alerts.rules`. Seconds in the setting, ms here. What cannot be used is named and left out. */
export function readOverrides(setting: unknown): {
  readonly overrides: readonly PolicyOverride[];
  readonly problems: readonly string[];
} {
  if (setting === undefined || setting === null) return { overrides: [], problems: [] };
  if (!Array.isArray(setting)) return { overrides: [], problems: ['dbOps.alerts.rules must be a list.'] };
  const overrides: PolicyOverride[] = [];
  const problems: string[] = [];
  (setting as unknown[]).forEach((entry, index) => {
    const read = readOverride(entry);
    if (typeof read === 'string') problems.push(`Rule ${index + 1} of dbOps.alerts.rules: ${read}`);
    else overrides.push(read);
  });
  return { overrides, problems };
}

const seconds = {
  warningForSeconds: 'warningForMs',
  criticalForSeconds: 'criticalForMs',
  clearForSeconds: 'clearForMs',
} as const;
const known = new Set(['connection', 'signal', 'enabled', 'margin', ...Object.keys(seconds)]);

function readOverride(entry: unknown): PolicyOverride | string {
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) return 'it must be an object.';
  const rule = entry as Readonly<Record<string, unknown>>;
  const stranger = Object.keys(rule).find((key) => !known.has(key));
  if (stranger !== undefined) return `"${stranger}" is not known; known are ${[...known].join(', ')}.`;
  const { connection, signal, enabled, margin } = rule;
  if (connection !== undefined && typeof connection !== 'string')
    return '"connection" must be the name of a connection.';
  if (signal !== undefined && typeof signal !== 'string') return '"signal" must be the name of a signal.';
  if (enabled !== undefined && typeof enabled !== 'boolean') return '"enabled" must be true or false.';
  if (margin !== undefined && !(typeof margin === 'number' && margin >= 0 && margin < 1)) {
    return '"margin" must be a number from 0 to below 1.';
  }
  const times: Record<string, number> = {};
  for (const [key, target] of Object.entries(seconds)) {
    const value = rule[key];
    if (value === undefined) continue;
    if (!(typeof value === 'number' && value >= 0 && value <= 86_400)) return `"${key}" must be 0 to 86400 seconds.`;
    times[target] = value * 1000;
  }
  return {
    ...(connection === undefined ? {} : { connection }),
    ...(signal === undefined ? {} : { signal }),
    policy: {
      ...(enabled === undefined ? {} : { enabled }),
      ...(margin === undefined ? {} : { margin }),
      ...times,
    },
  };
}
