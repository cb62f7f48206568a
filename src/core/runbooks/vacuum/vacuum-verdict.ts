import { formatInteger, formatPercent } from '../../format/numbers';
import { formatCount, formatDuration } from '../../format/quantities';
import type { VacuumProgress } from '../../health/checks/vacuum-progress';
import type { FreezeAge } from '../../health/checks/wraparound';
import { isSeriousHolder, nameHolder, wayOut, type HorizonHolder } from '../../reports/bloat/horizon';
import type { Verdict } from '../verdict';
import { isDue, isNeverVacuumed, ratioOf, tableLabel, type VacuumTable } from './vacuum-tables';

export interface VacuumEvidence {
  /** Oldest first. */
  readonly holders: readonly HorizonHolder[];
  /** False: transactions of others are hidden from this role. */
  readonly seesAll: boolean;
  readonly inRecovery: boolean;
  readonly database: string;
  readonly tables: readonly VacuumTable[];
  readonly running: readonly VacuumProgress[];
  readonly freeze: readonly FreezeAge[];
}

export type VacuumCause =
  | 'standby'
  | 'wraparound'
  | 'held-back'
  | 'hidden'
  | 'autovacuum-off'
  | 'running'
  | 'behind'
  | 'never-vacuumed'
  | 'none';

/** Tables this far on their way to wraparound need a vacuum now; the field's usual first alarm. */
const wraparoundPart = 0.5;
/** At this age the server takes no new transaction any more. */
const stopAt = 2 ** 31 - 3_000_000;

/** What keeps dead rows from being removed; the horizon comes before every vacuum. */
export function vacuumVerdict(evidence: VacuumEvidence): {
  readonly main: Verdict<VacuumCause>;
  readonly others: readonly Verdict<VacuumCause>[];
} {
  const found = evidence.inRecovery ? [onStandby] : causes(evidence);
  const [main = nothing(evidence), ...others] = found;
  return { main, others };
}

/** The tables with dead rows beyond their threshold, worst first. */
export function dueTables({ tables }: Pick<VacuumEvidence, 'tables'>): readonly VacuumTable[] {
  return tables.filter(isDue).toSorted((a, b) => ratioOf(b) - ratioOf(a));
}

/**
 * Who keeps the dead rows of these tables: proved by a vacuum that came after its transaction had begun and left more
 * dead rows than the threshold; else it stands for long already. A slot that keeps catalog rows only is none.
 */
export function heldBackBy({ holders, tables }: Pick<VacuumEvidence, 'holders' | 'tables'>): HorizonHolder | undefined {
  const due = dueTables({ tables });
  return holders.find((holder) => {
    if (holder.age === 0 || keepsOnlyCatalog(holder)) return false;
    const { openS } = holder;
    const proved = due.some(({ vacuumAgeS }) => openS !== null && vacuumAgeS !== null && vacuumAgeS < openS);
    return proved || isSeriousHolder(holder);
  });
}

function keepsOnlyCatalog({ kind, detail }: HorizonHolder): boolean {
  return kind === 'slot' && detail?.includes('catalog tables only') === true;
}

function causes(evidence: VacuumEvidence): readonly Verdict<VacuumCause>[] {
  const { tables, seesAll, running, database } = evidence;
  const due = dueTables(evidence);
  const holder = heldBackBy(evidence);
  const found: Verdict<VacuumCause>[] = [];
  const wrap = wraparoundOf(evidence, holder);
  if (wrap) found.push(wrap);
  const held = holder && heldBack(holder, due);
  if (held && due.length > 0) found.push(held);
  if (!seesAll && !holder && due.length > 0) found.push(hidden(due));
  const off = switchedOff(tables, due);
  if (off) found.push(off);
  const visited = due.filter((table) => running.some((run) => run.database === database && run.oid === table.oid));
  const rest = due.filter((table) => !visited.includes(table) && !table.disabled && !table.serverOff);
  if (visited.length > 0) found.push(isRunning(visited));
  if (rest.length > 0 && !holder && seesAll) found.push(behind(rest));
  if (held && due.length === 0) found.push(held);
  const never = tables.filter((table) => isNeverVacuumed(table) && !isDue(table));
  if (never.length > 0) found.push(neverVacuumed(never));
  return found;
}

const onStandby: Verdict<VacuumCause> = {
  cause: 'standby',
  headline: 'This is a standby: vacuum runs on its primary',
  lines: [
    'Dead rows are not counted here. A long query here can hold vacuum back on the primary, where hot_standby_feedback is on.',
  ],
  next: { step: 'why', words: 'Open this runbook on the primary.' },
};

function wraparoundOf({ freeze, database }: VacuumEvidence, holder?: HorizonHolder): Verdict<VacuumCause> | undefined {
  const oldest = freeze
    .map((row) => ({ row, part: Math.max(row.transactions, row.multixacts) / stopAt }))
    .toSorted((a, b) => b.part - a.part)[0];
  if (!oldest || oldest.part < wraparoundPart) return undefined;
  const { row, part } = oldest;
  const here = row.database === database;
  return {
    cause: 'wraparound',
    headline: `Wraparound is near: database ${row.database} is ${formatPercent(100 * part)} of the way to the stop`,
    lines: [
      `Its oldest row that is not frozen is ${formatInteger(row.transactions)} transactions old (${formatInteger(row.multixacts)} multixacts); at ${formatInteger(stopAt)} the server takes no more writes.`,
      ...(holder ? [`${nameHolder(holder)} keeps rows from being frozen: it goes first.`] : []),
    ],
    next: !here
      ? {
          step: 'wraparound',
          words: `Open this runbook on database ${row.database}: a session vacuums its own database only.`,
        }
      : holder
        ? { step: 'holder', words: `End what holds it back: ${wayOut[holder.kind]}` }
        : { step: 'vacuum', words: 'Vacuum the oldest tables with FREEZE, the oldest first.' },
  };
}

function heldBack(holder: HorizonHolder, due: readonly VacuumTable[]): Verdict<VacuumCause> {
  const open = holder.openS === null ? '' : `, open for ${formatDuration(holder.openS)}`;
  const { openS } = holder;
  const proved = due.filter(({ vacuumAgeS }) => openS !== null && vacuumAgeS !== null && vacuumAgeS < openS);
  return {
    cause: 'held-back',
    headline: `Vacuum is held back by ${nameHolder(holder)}`,
    lines: [
      `${formatInteger(holder.age)} transactions back${open}. What was deleted since then stays, whatever VACUUM does.`,
      ...(proved.length > 0
        ? [`A vacuum came after it had begun to ${list(proved)}, and the dead rows are still there: that proves it.`]
        : []),
      ...(due.length > 0 ? [`Beyond the threshold: ${list(due)}.`] : ['No table is beyond its threshold yet.']),
    ],
    next: { step: 'holder', words: wayOut[holder.kind] },
  };
}

function hidden(due: readonly VacuumTable[]): Verdict<VacuumCause> {
  return {
    cause: 'hidden',
    headline: `${formatCount(due.length, 'table')} beyond the threshold; what holds vacuum back is hidden from this role`,
    lines: ['Grant the role pg_monitor, or ask one who has it, before anything is vacuumed.', `Tables: ${list(due)}.`],
  };
}

function switchedOff(tables: readonly VacuumTable[], due: readonly VacuumTable[]): Verdict<VacuumCause> | undefined {
  if (tables.some(({ serverOff }) => serverOff))
    return {
      cause: 'autovacuum-off',
      headline: 'Autovacuum is off on this server',
      lines: [
        'autovacuum or track_counts is off: nobody comes to any table but to prevent wraparound.',
        'To switch it on: ALTER SYSTEM SET autovacuum = on; ALTER SYSTEM SET track_counts = on; SELECT pg_reload_conf();',
        ...(due.length > 0 ? [`Beyond the threshold: ${list(due)}.`] : []),
      ],
      ...(due.length > 0
        ? { next: { step: 'vacuum', words: `Switch it on, then vacuum ${firstLabel(due)} by hand.` } }
        : {}),
    };
  const off = due.filter(({ disabled }) => disabled);
  if (off.length === 0) return undefined;
  return {
    cause: 'autovacuum-off',
    headline: `Autovacuum is off for ${list(off)}`,
    lines: ['The option autovacuum_enabled of the table is off, often left from a bulk load.'],
    next: { step: 'tune', words: `Let autovacuum come to ${firstLabel(off)} again.` },
  };
}

function isRunning(tables: readonly VacuumTable[]): Verdict<VacuumCause> {
  return {
    cause: 'running',
    headline: `A vacuum is at work on ${list(tables)}`,
    lines: ['A second one would wait for it.'],
    next: { step: 'running', words: 'Watch its progress; wait for its end.' },
  };
}

function behind(due: readonly VacuumTable[]): Verdict<VacuumCause> {
  return {
    cause: 'behind',
    headline: `Autovacuum is behind: ${formatCount(due.length, 'table')} beyond the threshold`,
    lines: [
      `${list(due)}.`,
      'Nothing holds vacuum back: a vacuum now removes these rows. Where it happens again, let autovacuum come earlier to these tables.',
    ],
    next: { step: 'vacuum', words: `VACUUM (ANALYZE) ${firstLabel(due)}.` },
  };
}

function neverVacuumed(tables: readonly VacuumTable[]): Verdict<VacuumCause> {
  return {
    cause: 'never-vacuumed',
    headline: `${formatCount(tables.length, 'table')} with dead rows never vacuumed, all below the threshold`,
    lines: [`${list(tables)}. Since the statistics began: a crash or a reset begins them anew.`],
    next: { step: 'vacuum', words: 'Nothing presses; vacuum them in a quiet hour, or leave them to autovacuum.' },
  };
}

function nothing({ seesAll }: VacuumEvidence): Verdict<VacuumCause> {
  return {
    cause: 'none',
    headline: 'No table is beyond its threshold',
    lines: [
      seesAll
        ? 'Nothing holds vacuum back for long, and autovacuum keeps up.'
        : 'Autovacuum keeps up. Whether a transaction holds it back is hidden from this role.',
    ],
  };
}

function firstLabel(tables: readonly VacuumTable[]): string {
  const [first] = tables;
  return first ? tableLabel(first) : '';
}

function list(tables: readonly VacuumTable[]): string {
  const named = tables.slice(0, 3).map((table) => `${tableLabel(table)} (${formatInteger(table.dead)} dead)`);
  return `${named.join(', ')}${tables.length > 3 ? ` and ${tables.length - 3} more` : ''}`;
}
