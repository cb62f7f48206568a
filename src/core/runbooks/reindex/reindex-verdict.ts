import { formatBytes, formatCount, formatDuration } from '../../format/quantities';
import type { DuplicateIndex } from '../../health/checks/duplicate-indexes';
import type { InvalidIndex } from '../../health/checks/invalid-indexes';
import type { Estimate } from '../../reports/bloat/trust';
import type { Measure } from '../measures';
import type { Verdict } from '../verdict';
import type { StandbyScans } from './standby-scans';
import { oldTransactionS, type IndexBuild, type IndexToReview, type OldTransaction } from './index-list';

export interface BloatedIndex {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  readonly table: string;
  readonly bytes: number;
  readonly estimate: Estimate;
}

export interface IndexEvidence {
  readonly inRecovery: boolean;
  /** False: transactions of others are hidden from this role. */
  readonly seesAll: boolean;
  readonly invalid: readonly InvalidIndex[];
  readonly builds: readonly IndexBuild[];
  readonly old: readonly OldTransaction[];
  readonly bloated: readonly BloatedIndex[];
  /** How many indexes that are worth a rebuild cannot be estimated, since this role may not read their statistics. */
  readonly hidden: number;
  readonly duplicates: readonly DuplicateIndex[];
  /** Never used here, nor on a standby that was asked. */
  readonly unused: readonly IndexToReview[];
  /** Never used here, and a standby uses it: with who does. */
  readonly usedElsewhere: readonly { readonly index: string; readonly users: readonly string[] }[];
  /** Standbys that were asked, and how many are connected in all. */
  readonly standbys: readonly StandbyScans[];
  readonly walsenders: number;
  /** Duplicates that somebody has decided to keep, by schema and name, with the reason. */
  readonly kept: ReadonlyMap<string, string>;
}

export type IndexCause = 'standby' | 'building' | 'leftover' | 'bloat' | 'duplicate' | 'unused' | 'none';

/** A rebuild pays from here on: the guide's 30 %, of an index that is worth it. */
const bloatPercent = 30;
const bloatBytes = 1024 ** 2;
/** Over less time than a week a job of the weekend has not come yet. In s. */
export const shortestStatisticsS = 7 * 86_400;

/** Large enough to be worth a rebuild, and its statistics are hidden from this role. */
export function isHidden({ bytes, estimate }: Pick<BloatedIndex, 'bytes' | 'estimate'>): boolean {
  return bytes >= bloatBytes && estimate.doubts.some(({ id }) => id === 'statistics-hidden');
}

/** An estimate that is not trusted at all counts for nothing. */
export function isBloated({ estimate }: Pick<BloatedIndex, 'estimate'>): boolean {
  return (estimate.percent ?? 0) >= bloatPercent && (estimate.wastedBytes ?? 0) >= bloatBytes;
}

/** What is wrong with the indexes, the most urgent first: leftovers cost every write and serve nobody. */
export function indexVerdict(evidence: IndexEvidence): {
  readonly main: Verdict<IndexCause>;
  readonly others: readonly Verdict<IndexCause>[];
} {
  const { invalid, builds, bloated, unused } = evidence;
  const duplicates = openDuplicates(evidence);
  const waiting = waitsFirst(evidence);
  if (evidence.inRecovery) return { main: onStandby, others: [] };
  const found: Verdict<IndexCause>[] = [
    ...(builds.length > 0 ? [building(builds)] : []),
    ...(invalid.length > 0 ? [leftover(invalid, waiting)] : []),
    ...(bloated.length > 0 ? [bloat(bloated, waiting)] : []),
    ...(duplicates.length > 0 ? [duplicate(duplicates, waiting)] : []),
    ...(unused.length > 0 ? [neverUsed(evidence)] : []),
  ];
  const [main = noneOf(evidence), ...others] = found;
  return { main, others };
}

function noneOf({ hidden }: IndexEvidence): Verdict<IndexCause> {
  if (hidden === 0) {
    return {
      cause: 'none',
      headline: 'The indexes are in order',
      lines: ['None is invalid, none is estimated to be bloated by 30 % or more, none repeats another.'],
    };
  }
  return {
    cause: 'none',
    headline: `None is invalid, none repeats another; whether ${formatCount(hidden, 'index is', 'indexes are')} bloated is NOT known`,
    lines: [hiddenWords],
  };
}

/** Why an estimate is missing, and the way out. */
export const hiddenWords =
  'Statistics of columns are shown only to those who may read them: the owner of the table, or a member of pg_read_all_data (14 and later).';

const onStandby: Verdict<IndexCause> = {
  cause: 'standby',
  headline: 'This is a standby: indexes are built and dropped on its primary',
  lines: ['What this standby scans is counted here alone: an index that the primary never uses may be needed here.'],
};

function waitsFirst({ old, seesAll }: IndexEvidence): readonly string[] {
  const [oldest] = old;
  if (oldest)
    return [
      `Session ${oldest.pid} (${oldest.who}) has had a transaction open for ${formatDuration(oldest.openS)}: CONCURRENTLY would wait for it. End it first, with the Lock Contention runbook.`,
    ];
  return seesAll
    ? []
    : [
        `Whether a transaction has been open for more than ${formatDuration(oldTransactionS)} is hidden from this role; CONCURRENTLY would wait for it.`,
      ];
}

function building(builds: readonly IndexBuild[]): Verdict<IndexCause> {
  const waiting = builds.filter(({ lockerPid }) => lockerPid !== null);
  return {
    cause: 'building',
    headline: `${formatCount(builds.length, 'index build')} at work: ${builds[0]?.name ?? ''}, ${builds[0]?.phase ?? ''}`,
    lines: waiting.map(({ name, lockerPid }) => `The build of ${name} waits for session ${lockerPid ?? ''} to end.`),
    next: {
      step: 'builds',
      words: waiting.length > 0 ? 'See whether the session that it waits for may be ended.' : 'Wait for its end.',
    },
  };
}

function leftover(invalid: readonly InvalidIndex[], waiting: readonly string[]): Verdict<IndexCause> {
  const copies = invalid.filter(({ index }) => /_cc(?:new|old)\d*$/.test(index)).length;
  return {
    cause: 'leftover',
    headline: `${formatCount(invalid.length, 'invalid index', 'invalid indexes')}: ${named(invalid.map(({ schema, index }) => `${schema}.${index}`))}`,
    lines: [
      'Every write maintains them, and no query uses them.',
      ...(copies > 0 ? [`${copies} of them are left from a failed REINDEX CONCURRENTLY (_ccnew, _ccold).`] : []),
      ...(copies < invalid.length
        ? [
            'The others are of a failed CREATE INDEX CONCURRENTLY: find out why (a duplicate key?) before you build them again.',
          ]
        : []),
      ...waiting,
    ],
    next: { step: 'drop', words: 'Drop what is left over.' },
  };
}

function bloat(bloated: readonly BloatedIndex[], waiting: readonly string[]): Verdict<IndexCause> {
  const wasted = bloated.reduce((sum, { estimate }) => sum + (estimate.wastedBytes ?? 0), 0);
  const low = bloated.filter(({ estimate }) => estimate.trust !== 'high').length;
  return {
    cause: 'bloat',
    headline: `${formatCount(bloated.length, 'index', 'indexes')} bloated, ${formatBytes(wasted)} by estimate: ${named(bloated.map(({ schema, name }) => `${schema}.${name}`))}`,
    lines: [
      ...(low > 0
        ? [`${low} of the estimates are doubtful: confirm one in the Bloat report before a large rebuild.`]
        : []),
      ...waiting,
    ],
    next: { step: 'rebuild', words: 'Rebuild the worst one concurrently, in a quiet hour.' },
  };
}

function duplicate(duplicates: readonly DuplicateIndex[], waiting: readonly string[]): Verdict<IndexCause> {
  return {
    cause: 'duplicate',
    headline: `${formatCount(duplicates.length, 'index repeats', 'indexes repeat')} another: ${named(duplicates.map(({ schema, index }) => `${schema}.${index}`))}`,
    lines: [
      ...duplicates
        .slice(0, 3)
        .map(
          ({ schema, index, other, exact }) =>
            `${schema}.${index} ${exact ? 'repeats' : 'is the beginning of'} ${other}.`,
        ),
      ...waiting,
    ],
    next: { step: 'drop', words: 'Ask the owner of the table, then drop one.' },
  };
}

/** Duplicates that nobody has decided to keep. */
export function openDuplicates({
  duplicates,
  kept,
}: Pick<IndexEvidence, 'duplicates' | 'kept'>): readonly DuplicateIndex[] {
  return duplicates.filter(({ schema, index }) => !kept.has(`${schema}.${index}`));
}

function neverUsed({ unused, standbys, walsenders }: IndexEvidence): Verdict<IndexCause> {
  return {
    cause: 'unused',
    headline: `${formatCount(unused.length, 'index', 'indexes')} never used on this server: ${named(unused.map(({ schema, index }) => `${schema}.${index}`))}`,
    lines: [standbysAsked(standbys, walsenders), 'Think of jobs of the month before one goes.'],
    next: { step: 'drop', words: 'Drop one only when no standby uses it; the statement that makes it again is kept.' },
  };
}

/** Which standbys have said that they do not use it either: idx_scan counts one server only. */
export function standbysAsked(standbys: readonly StandbyScans[], walsenders: number): string {
  const young = standbys.filter(({ statisticsS }) => statisticsS < shortestStatisticsS);
  const asked = standbys.map(({ connection }) => connection).join(', ');
  const unseen = walsenders - standbys.length;
  return [
    standbys.length === 0
      ? 'No standby was asked: no saved connection leads to one for this database.'
      : `Neither on ${asked}, by its own count.`,
    ...(young.length > 0
      ? [
          `${young.map(({ connection }) => connection).join(', ')} has counted for less than a week: that proves nothing yet.`,
        ]
      : []),
    ...(unseen > 0
      ? [`${formatCount(unseen, 'connected standby', 'connected standbys')} could not be asked: look there first.`]
      : []),
  ].join(' ');
}

function named(names: readonly string[]): string {
  return `${names.slice(0, 3).join(', ')}${names.length > 3 ? ` and ${names.length - 3} more` : ''}`;
}

/** The numbers that must get better. Unused indexes are advice and do not keep it from green. */
export function indexMeasures(evidence: IndexEvidence): readonly Measure[] {
  const { invalid, bloated, hidden, duplicates, builds, inRecovery } = evidence;
  const count = (name: string, items: readonly unknown[]): Measure => ({
    name,
    shown: inRecovery ? null : String(items.length),
    good: inRecovery ? null : items.length === 0,
  });
  const open = openDuplicates(evidence);
  const kept = duplicates.length - open.length;
  return [
    count('Invalid indexes', invalid),
    count('Index builds at work', builds),
    {
      ...count('Bloated indexes, by estimate', bloated),
      ...(hidden > 0 && bloated.length === 0 ? { shown: null, good: null } : {}),
    },
    {
      ...count('Duplicate indexes', open),
      ...(kept === 0 || inRecovery ? {} : { shown: `${open.length}, and ${kept} kept`, kept: open.length === 0 }),
    },
  ];
}
