import { parseQuantity, unitExamples } from '../format/parse-quantity';
import { formatValue } from '../format/values';
import type { Limits } from './check-run';
import type { Threshold } from './signal';
import { standardLimits, type LimitName, type StandardLimit } from './standard-limits';
import { defaultThresholds, type Levels, type Thresholds } from './thresholds';

/** One entry of `dbOps.thresholds`: what is not given stays as it is. */
export interface LimitOverride {
  /** A connection's id; missing for all. */
  readonly connection?: string;
  readonly signal: LimitName;
  readonly warning?: number;
  readonly critical?: number;
}

/** The limits as a person has set them, for all connections and for single ones. */
export class OwnLimits {
  constructor(readonly overrides: readonly LimitOverride[]) {}

  /** For `Taker` and whoever else grades a signal of this connection. */
  of(connectionId: string): Limits {
    return (signal, standard) => this.levels(connectionId, signal, standard);
  }

  /** The limits of what every poll reads. */
  thresholds(connectionId: string): Thresholds {
    const of = (signal: LimitName, levels: Levels): Levels => this.levels(connectionId, signal, levels);
    return {
      sessionsUsed: of('sessions.used', defaultThresholds.sessionsUsed),
      idleInTransactionS: of('sessions.oldest-idle-in-transaction', defaultThresholds.idleInTransactionS),
      lagS: of('standby.lag-seconds', defaultThresholds.lagS),
      lagBytes: of('standby.lag-bytes', defaultThresholds.lagBytes),
      receiverLagS: of('receiver.lag-seconds', defaultThresholds.receiverLagS),
      receiverLagBytes: of('receiver.lag-bytes', defaultThresholds.receiverLagBytes),
      lockWaitS: of('locks.longest-wait', defaultThresholds.lockWaitS),
    };
  }

  /** Those for all connections, then the connection's own, each level for itself. */
  private levels<T extends Levels>(connectionId: string, signal: string, standard: T): T {
    const mine = this.overrides.filter((one) => one.signal === signal);
    const general = mine.filter(({ connection }) => connection === undefined);
    const special = mine.filter(({ connection }) => connection === connectionId);
    return [...general, ...special].reduce((levels, one) => applied(levels, one), standard);
  }
}

function applied<T extends Levels>(levels: T, { warning, critical }: LimitOverride): T {
  return {
    ...levels,
    ...(warning === undefined ? {} : { warning }),
    ...(critical === undefined ? {} : { critical }),
    own: true,
  };
}

/** Reads `dbOps.thresholds`. What cannot be used is named and left out; the rest counts all the same. */
export function readLimits(setting: unknown): {
  readonly overrides: readonly LimitOverride[];
  readonly problems: readonly string[];
} {
  if (setting === undefined || setting === null) return { overrides: [], problems: [] };
  if (!Array.isArray(setting)) return { overrides: [], problems: ['dbOps.thresholds must be a list.'] };
  const problems: string[] = [];
  const read = (setting as unknown[]).map((entry, index) => ({ index, entry: readOverride(entry) }));
  const complain = (index: number, problem: string): void => {
    problems.push(`Entry ${index + 1} of dbOps.thresholds: ${problem}`);
  };
  const general: LimitOverride[] = [];
  const special: LimitOverride[] = [];
  // Those for all connections come first: the others are compared with what they leave.
  for (const { index, entry } of [...read].sort((a, b) => rankOf(a.entry) - rankOf(b.entry))) {
    if (typeof entry === 'string') {
      complain(index, entry);
      continue;
    }
    const list = entry.connection === undefined ? general : special;
    const twice = list.some((one) => one.signal === entry.signal && one.connection === entry.connection);
    const wrong = twice ? `"${entry.signal}" stands there twice.` : wrongOrder(entry, general);
    if (wrong === undefined) list.push(entry);
    else complain(index, wrong);
  }
  return { overrides: [...general, ...special], problems };
}

function rankOf(entry: LimitOverride | string): number {
  return typeof entry === 'string' || entry.connection === undefined ? 0 : 1;
}

const fields = ['connection', 'signal', 'warning', 'critical'];

function readOverride(entry: unknown): LimitOverride | string {
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) return 'it must be an object.';
  const { connection, signal, ...given } = entry as Readonly<Record<string, unknown>>;
  const stranger = Object.keys(entry).find((key) => !fields.includes(key));
  if (stranger !== undefined) return `"${stranger}" is not known; known are ${fields.join(', ')}.`;
  if (connection !== undefined && (typeof connection !== 'string' || connection === ''))
    return '"connection" must be the name of a connection.';
  if (typeof signal !== 'string') return '"signal" must be the name of a signal.';
  if (!Object.hasOwn(standardLimits, signal)) {
    return `"${signal}" is no signal with a threshold; there are ${Object.keys(standardLimits).join(', ')}.`;
  }
  const name = signal as LimitName;
  const levels: { warning?: number; critical?: number } = {};
  for (const level of ['warning', 'critical'] as const) {
    if (given[level] === undefined) continue;
    const value = readLevel(given[level], standardLimits[name]);
    if (typeof value === 'string') return `"${level}" of ${name} ${value}`;
    levels[level] = value;
  }
  if (Object.keys(levels).length === 0) return `"warning" or "critical" of ${name} is missing.`;
  return { ...(connection === undefined ? {} : { connection }), signal: name, ...levels };
}

function readLevel(given: unknown, { unit, least = 0, most }: StandardLimit): number | string {
  const value = parseQuantity(given, unit);
  if (value === undefined) return `must be ${unitExamples[unit]}, not ${JSON.stringify(given)}.`;
  const highest = most ?? (unit === 'ratio' ? 1 : Number.MAX_SAFE_INTEGER);
  if (value >= least && value <= highest) return value;
  if (unit === 'ratio' && most === undefined) return `must be a part from 0 to 1 (0.8 or "80 %"), not ${value}.`;
  return `must be ${formatValue(least, unit)} to ${formatValue(highest, unit)}, not ${formatValue(value, unit)}.`;
}

/** A warning beyond what is critical would never be seen. Not known where a level depends on the server. */
function wrongOrder(entry: LimitOverride, general: readonly LimitOverride[]): string | undefined {
  const { unit, threshold }: StandardLimit = standardLimits[entry.signal];
  const base = general.find(({ signal }) => signal === entry.signal);
  const warning = entry.warning ?? base?.warning ?? threshold?.warning;
  const critical = entry.critical ?? base?.critical ?? threshold?.critical;
  if (warning === undefined || critical === undefined) return undefined;
  const direction: Threshold['direction'] = threshold?.direction ?? 'above';
  if (direction === 'above' ? warning <= critical : warning >= critical) return undefined;
  const side = direction === 'above' ? 'above' : 'below';
  return `the warning of ${entry.signal} (${formatValue(warning, unit)}) lies ${side} its critical level (${formatValue(critical, unit)}); give both.`;
}
