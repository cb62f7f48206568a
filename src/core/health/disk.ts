import { formatBytes, formatDays, formatDuration } from '../format/quantities';
import { formatPercent } from '../format/numbers';
import type { Trend } from '../history/trend';
import type { Limits } from './check-run';
import { measured } from './finding';
import type { Finding, SignalAbout, SignalOutcome } from './signal';
import { standardOf } from './standard-limits';

/** A disk as far as it is known. SQL does not see it: the capacity is a setting, or a metric tells all of it. */
export interface DiskState {
  /** Which of several; '' where the capacity is a setting. Text of a metric: escape it. */
  readonly subject: string;
  readonly capacityBytes: number;
  /** Null where not everything that lies on it is told. */
  readonly usedBytes: number | null;
  /** What `usedBytes` counts, and what it does not. */
  readonly counted: readonly string[];
}

export const diskAbout: SignalAbout = {
  id: 'disk',
  group: 'size',
  title: 'Disk',
  explanation: 'A full disk stops the server. How fast it fills is taken from the history kept on this machine.',
  runbook: 'scaling',
  tierMs: 60_000,
};

/** What grows by less than this a day is steady. In bytes. */
const steadyBytes = 1024 ** 2;
/** A trend over less time is told and raises no alarm: a load of some hours is no growth. In ms. */
const trustedMs = 86_400_000;

/** How full the disk is and for how long it lasts; `trend` of the used bytes is undefined where too little is known. */
export function diskFindings(state: DiskState, trend: Trend | undefined, limits: Limits): readonly Finding[] {
  const { subject, capacityBytes, usedBytes, counted } = state;
  const used = usedBytes === null ? null : usedBytes / capacityBytes;
  const growth = growthOf(state, trend);
  const words =
    used === null
      ? `unknown part of ${formatBytes(capacityBytes)} disk`
      : [`${formatPercent(100 * used)} of disk`, ...(growth.short === '' ? [] : [growth.short])].join(' · ');
  const findings = [
    measured('disk.used', subject, used, 'ratio', limits('disk.used', standardOf('disk.used')), {
      words,
      lines: [
        ...(usedBytes === null ? [] : [`${formatBytes(usedBytes)} of ${formatBytes(capacityBytes)} in use.`]),
        ...counted,
        growth.line,
      ],
    }),
    measured('disk.bytes', subject, usedBytes, 'bytes', null, {
      words: usedBytes === null ? 'disk usage unknown' : `${formatBytes(usedBytes)} on disk`,
    }),
  ];
  if (growth.days === null) return findings;
  const trusted = trend !== undefined && trend.overMs >= trustedMs;
  const left = measured(
    'disk.days-left',
    subject,
    growth.days,
    'days',
    limits('disk.days-left', standardOf('disk.days-left')),
    {
      ...(trusted ? {} : { severity: 'ok' as const }),
      words: growth.days === 0 ? 'disk full' : `disk ${growth.short}`,
      lines: [growth.line, ...(trusted ? [] : ['Less than a day of history: no alarm is raised by it yet.'])],
    },
  );
  return [...findings, left];
}

interface Growth {
  /** Until the disk is full; null: not known, or it does not fill. */
  readonly days: number | null;
  /** `full in 23 days`; '' where there is nothing to say. */
  readonly short: string;
  readonly line: string;
}

function growthOf({ usedBytes, capacityBytes }: DiskState, trend: Trend | undefined): Growth {
  if (usedBytes !== null && usedBytes >= capacityBytes) return { days: 0, short: 'full', line: 'The disk is full.' };
  if (!trend || usedBytes === null) {
    return { days: null, short: '', line: 'How fast it fills is not known yet: that takes six hours of history.' };
  }
  const over = `seen over ${formatDuration(trend.overMs / 1000)}`;
  if (Math.abs(trend.perDay) < steadyBytes) return { days: null, short: '', line: `Its use is steady, ${over}.` };
  const daily = formatBytes(Math.abs(trend.perDay));
  if (trend.perDay < 0) return { days: null, short: '', line: `Its use falls by ${daily} a day, ${over}.` };
  const days = (capacityBytes - usedBytes) / trend.perDay;
  const short = days * 24 < 1 ? 'full within the hour' : days > 3650 ? '' : `full in ${formatDays(days)}`;
  return { days, short, line: `Its use grows by ${daily} a day, ${over}.` };
}

/**
 * The disk of a server whose capacity is a setting: what its own checks say lies on it. Whatever else is there is not
 * counted; on a role that does not see every size the sum is unknown.
 * @param checks as the server's snapshot holds them
 */
export function diskOfDatabases(
  capacityBytes: number,
  checks: readonly SignalOutcome[],
): DiskState & { at: number | null } {
  const check = (id: string): SignalOutcome | undefined =>
    checks.find(({ about, problem }) => about.id === id && problem === null);
  const valueOf = (id: string, signal: string): number | null =>
    check(id)?.findings.find((finding) => finding.signal === signal)?.value ?? null;
  const databases = valueOf('database-sizes', 'database-sizes.all');
  const wal = valueOf('wal-backlog', 'wal-backlog.bytes');
  return {
    subject: '',
    capacityBytes,
    usedBytes: databases === null ? null : databases + (wal ?? 0),
    counted: [
      databases === null
        ? 'Not every database tells this role its size: grant pg_monitor, or read the disk from Prometheus.'
        : wal === null
          ? 'Counted are the databases; WAL is hidden from this role.'
          : `Counted are the databases (${formatBytes(databases)}) and WAL (${formatBytes(wal)}).`,
      'The capacity is from dbOps.disks; logs and other files on the disk are not counted.',
    ],
    at: check('database-sizes')?.at ?? null,
  };
}
