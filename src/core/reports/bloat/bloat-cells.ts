import { formatAge, formatInteger, formatPercent } from '../../format/numbers';
import { formatBytes } from '../../format/quantities';
import type { Cell, Column } from '../document';
import { confirmedText, type Confirmed } from './confirm';
import type { Estimate } from './trust';

/** From here on the operations guide speaks of bloat, in percent. */
const bloated = 30;
/** What is smaller is not worth a warning, in bytes. */
const worthIt = 1024 * 1024;

export const numeric = (id: string, title: string, hint?: string): Column => ({
  id,
  title,
  align: 'end',
  firstSort: 'descending',
  ...(hint === undefined ? {} : { hint }),
});

export const textual = (id: string, title: string, hint?: string): Column => ({
  id,
  title,
  align: 'start',
  firstSort: 'ascending',
  ...(hint === undefined ? {} : { hint }),
});

export function bytesCell(bytes: number): Cell {
  return { text: formatBytes(bytes), value: bytes };
}

export function estimateCell(estimate: Estimate): Cell {
  if (estimate.percent === null) return { text: 'not known', value: null, tone: 'muted', hint: doubtsOf(estimate) };
  const text = formatPercent(estimate.percent);
  if (estimate.trust !== 'high') return { text, value: estimate.percent, hint: doubtsOf(estimate) };
  const warns = estimate.percent >= bloated && (estimate.wastedBytes ?? 0) >= worthIt;
  return { text, value: estimate.percent, tone: warns ? 'warning' : 'normal' };
}

export function wastedCell(estimate: Estimate): Cell {
  return estimate.wastedBytes === null
    ? { text: 'not known', value: null, tone: 'muted' }
    : bytesCell(estimate.wastedBytes);
}

const denser = 'denser-than-possible';
const trustOrder = { high: 2, low: 1, none: 0 } as const;

/** The mark and, short, its first reason. */
export function trustCell(estimate: Estimate): Cell {
  const value = trustOrder[estimate.trust];
  if (estimate.trust === 'high') return { text: 'high', value };
  // What is denser than its rows allow has a reason, when one is known.
  const reasons = estimate.doubts.toSorted((a, b) => Number(a.id === denser) - Number(b.id === denser));
  const worst = reasons.find((doubt) => doubt.leaves === 'none' && doubt.id !== denser) ?? reasons[0];
  const reason = worst === undefined ? '' : `: ${shortReasons[worst.id]}`;
  return {
    text: `${estimate.trust}${reason}`,
    value,
    tone: estimate.trust === 'none' ? 'muted' : 'normal',
    hint: doubtsOf(estimate),
  };
}

const shortReasons: Readonly<Record<Estimate['doubts'][number]['id'], string>> = {
  'no-statistics': 'no statistics',
  'statistics-hidden': 'statistics hidden',
  'never-analyzed': 'never analyzed',
  stale: 'stale statistics',
  'name-columns': 'name columns',
  small: 'small',
  padding: 'much padding',
  'dead-not-free': 'dead, not free',
  'dead-unknown': 'counters set back',
  deduplicated: 'deduplicated',
  partial: 'partial index',
  'denser-than-possible': 'denser than calculated',
  invalid: 'index not valid',
};

function doubtsOf(estimate: Estimate): string {
  return estimate.doubts.map((doubt) => doubt.words).join('\n');
}

/** What was measured on request, with its age when it is not of this reading. */
export function confirmedCell(confirmed: Confirmed | undefined, readAt: number): Cell {
  if (!confirmed) return { text: 'not measured', value: null, tone: 'muted' };
  const value = confirmed.kind === 'table' ? confirmed.freePercent + confirmed.deadPercent : confirmed.wastedPercent;
  const age = confirmed.at < readAt ? ` · ${formatAge((readAt - confirmed.at) / 1000)}` : '';
  return { text: `${confirmedText(confirmed)}${age}`, value };
}

/** Null is not 0: a standby does not know. */
export function rowsCell(rows: number, known: boolean, forgot: boolean): Cell {
  if (known && forgot)
    return {
      text: 'not known',
      value: null,
      tone: 'muted',
      hint: `${formatInteger(rows)} since the counters were set back`,
    };
  return known ? { text: formatInteger(rows), value: rows } : unknownHere;
}

/** `never` sorts as the oldest. */
export function ageCell(ageS: number | null, by: string, known: boolean): Cell {
  if (!known) return unknownHere;
  if (ageS === null)
    return { text: 'never', value: Number.MAX_SAFE_INTEGER, tone: 'muted', hint: 'Not since the counters began' };
  return { text: formatAge(ageS), value: ageS, hint: `by ${by}` };
}

const unknownHere: Cell = {
  text: 'not known here',
  value: null,
  tone: 'muted',
  hint: 'A standby does not know it: look on the primary.',
};
