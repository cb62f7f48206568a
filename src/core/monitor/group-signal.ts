import type { Evaluation } from '../health/evaluation';
import { worst } from '../health/severity';
import { worstFirst, type Finding, type FindingSeverity, type SignalGroup } from '../health/signal';
import type { Severity } from '../health/status';
import type { ServerSnapshot, ShownSignal, Signal } from './snapshot';

/** The signal that a group is built around, read with every poll; the other groups have their checks only. */
export function baseSignal(snapshot: ServerSnapshot, group: SignalGroup): Signal<unknown> | undefined {
  switch (group) {
    case 'pool':
      return snapshot.sessions;
    case 'replication':
    case 'locks':
    case 'size':
      return snapshot[group];
    default:
      return undefined;
  }
}

export function checksOf(snapshot: ServerSnapshot, group: SignalGroup): readonly ShownSignal[] {
  return snapshot.signals.filter(({ about }) => about.group === group);
}

/** What counts against a connection: advice does not, and what is old or could not be read is unknown. */
export function severityOf(shown: ShownSignal): Severity {
  if (shown.absent !== null || (shown.at === null && shown.problem === null)) return 'ok';
  if (shown.stale || shown.problem !== null) return 'unknown';
  return worst(...shown.findings.map(({ severity }) => plain(severity)));
}

/** A group as one signal: its base and its checks together, the worst of them in the first words. */
export function groupSignal(snapshot: ServerSnapshot, group: SignalGroup): Signal<unknown> {
  const base = baseSignal(snapshot, group);
  const checks = checksOf(snapshot, group);
  const read = checks.filter(({ at, absent }) => at !== null && absent === null);
  const current = read.filter((shown) => !shown.stale && shown.problem === null);
  const told = worstFirst(current.flatMap(({ findings }) => findings).filter(({ detail }) => detail !== true));
  const evaluation: Evaluation = {
    severity: worst(base?.evaluation.severity ?? 'ok', ...checks.map(severityOf)),
    summary: summaryOf(base, told, checks),
    lines: [...(base?.evaluation.lines ?? []), ...checks.flatMap(linesOf)],
  };
  if (base) return { reading: base.reading, evaluation };
  const at = Math.max(...read.map((shown) => shown.at ?? 0));
  if (read.length === 0) {
    const absent = checks.length > 0 && checks.every((shown) => shown.absent !== null);
    if (absent) return { reading: { kind: 'value', value: null, at: checks[0]?.at ?? 0, stale: false }, evaluation };
    return { reading: { kind: 'pending' }, evaluation: { severity: 'unknown', summary: 'not read yet', lines: [] } };
  }
  const stale = read.every((shown) => shown.stale);
  return { reading: { kind: 'value', value: null, at, stale }, evaluation };
}

/**
 * A group as it is drawn. Without an archive nothing here tells whether there are backups: that is not known, and not
 * green; the connection as a whole is no worse for it.
 */
export function groupAsShown(snapshot: ServerSnapshot, group: SignalGroup): Signal<unknown> {
  const signal = groupSignal(snapshot, group);
  if (signal.evaluation.severity !== 'ok') return signal;
  const off = checksOf(snapshot, group)
    .flatMap(({ findings }) => findings)
    .find((finding) => finding.signal === 'archiver.mode' && finding.severity === 'hint');
  return off ? { ...signal, evaluation: { ...signal.evaluation, severity: 'unknown', summary: off.words } } : signal;
}

function summaryOf(
  base: Signal<unknown> | undefined,
  told: readonly Finding[],
  checks: readonly ShownSignal[],
): string {
  const [first] = told;
  const bad = told.filter(isBad);
  const failed = checks.find(({ problem }) => problem !== null);
  const baseIsWorse = base && first && worst(base.evaluation.severity, plain(first.severity)) !== plain(first.severity);
  const parts: string[] = [];
  if (first && bad.length > 0 && !baseIsWorse) parts.push(first.words);
  if (base) parts.push(base.evaluation.summary);
  // How full the disk is belongs to the size, also while it is fine.
  const disk = base && told.find(({ signal, severity }) => signal === 'disk.used' && !isBad({ severity }));
  if (disk) parts.push(disk.words);
  if (first && bad.length === 0 && !base) parts.push(headline(told, checks));
  else if (bad.length > 1) parts.push(`${bad.length - (baseIsWorse ? 0 : 1)} more`);
  else if (bad.length === 1 && baseIsWorse) parts.push('1 more');
  if (failed && bad.length === 0) parts.push(`${failed.about.title} ${failed.problem ?? ''}`);
  return parts.join(' · ') || (checks.find(({ absent }) => absent !== null)?.absent ?? 'nothing to tell');
}

function isBad({ severity }: Pick<Finding, 'severity'>): boolean {
  return severity === 'warning' || severity === 'critical';
}

/** What a person wants to know of a group in which nothing is wrong: advice, else what its first check says. */
function headline(told: readonly Finding[], checks: readonly ShownSignal[]): string {
  const hints = told.filter(({ severity }) => severity === 'hint');
  const first = checks
    .flatMap(({ findings }) => findings)
    .find(({ severity }) => severity === 'ok' || severity === 'unknown');
  const calm = first?.words ?? '';
  if (hints.length === 0) return calm;
  const advice = hints.length === 1 ? (hints[0]?.words ?? '') : `${hints.length} hints`;
  return calm === '' ? advice : `${calm} · ${advice}`;
}

/** One line of each check, for the hover of its group. */
function linesOf({ about, absent, problem, findings, stale, at }: ShownSignal): string[] {
  if (absent !== null) return [`${about.title}: ${absent}`];
  if (problem !== null) return [`${about.title}: ${problem}`];
  if (at === null) return [`${about.title}: not read yet.`];
  const sums = findings.filter(({ detail }) => detail !== true);
  const [first] = sums;
  if (!first) return [];
  const more = sums.length > 1 ? ` (and ${sums.length - 1} more)` : '';
  return [`${about.title}: ${stale ? 'stale: ' : ''}${first.words}${more}.`];
}

function plain(severity: FindingSeverity): Severity {
  return severity === 'hint' ? 'ok' : severity;
}
