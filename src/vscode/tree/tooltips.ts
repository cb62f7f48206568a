import { formatTarget } from '../../core/connection/display';
import type { ConnectionProfile } from '../../core/connection/profile';
import { formatBytes, formatCount, formatDuration } from '../../core/format/quantities';
import { evaluateReceiver, evaluateStandby } from '../../core/health/replication-evaluation';
import type { Thresholds } from '../../core/health/thresholds';
import type { TableSize } from '../../core/health/size';
import { baseSignal, checksOf } from '../../core/monitor/group-signal';
import type { ServerSnapshot, ShownSignal } from '../../core/monitor/snapshot';
import type { ChainElement } from './chain-item';
import type { SignalKind } from './element';
import { ageText, statusWords } from './item-model';
import { pidList, queryOf, stateText, type LockElement } from './lock-item';
import { qualified, type PartElement } from './part-item';
import { oneLine } from './plain-text';
import { baseStatements, statementsOf } from './read-by';
import { findingTooltip } from './finding-tooltip';
import { shownAt, signalOf, signalTitles, stateWords } from './signal-item';

/** The hover of an item: plain lines, the first is the headline, and a statement shown as code. */
export interface TooltipModel {
  readonly lines: readonly string[];
  /** A statement that a session runs, or the exact change to make. */
  readonly sql?: string;
  /** The statements that what is said was read by, to be copied. */
  readonly readBy?: string;
}

export function connectionTooltip(profile: ConnectionProfile, snapshot: ServerSnapshot, now: number): TooltipModel {
  const { status, statusReason, remedy, lastSeen, latencyMs } = snapshot;
  const words = snapshot.watched ? statusWords[status] : 'not connected';
  return {
    lines: [
      `${oneLine(profile.name)}: ${words}`,
      oneLine(statusReason, 600),
      ...(remedy === undefined ? [] : [remedy]),
      oneLine(formatTarget(profile.target), 300),
      `Environment: ${profile.environment}. ${profile.readOnly ? 'Read-only: nothing is changed there.' : 'Actions are allowed, each after a confirmation.'}`,
      ...(lastSeen === null || !snapshot.watched ? [] : [readAtText(lastSeen, now)]),
      ...(latencyMs === null ? [] : [`Round trip of the last reading: ${Math.round(latencyMs)} ms.`]),
    ],
  };
}

/** When something was read: the time of day, which stays true while the hover is open, and how long ago that is. */
export function readAtText(at: number, now: number): string {
  const time = timeOf(at);
  return now - at < 10_000 ? `Read at ${time}.` : `Read at ${time}, ${ageText(at, now)}.`;
}

function timeOf(at: number): string {
  return new Date(at).toTimeString().slice(0, 8);
}

/** Checks take their turns: when the one that was read the longest ago was, and the latest. */
function checkedText(checks: readonly ShownSignal[], now: number): string {
  const times = checks.flatMap(({ at, absent }) => (at === null || absent !== null ? [] : [at]));
  if (times.length === 0) return '';
  const [first, last] = [Math.min(...times), Math.max(...times)];
  if (first === last) return readAtText(first, now);
  return `Read one after another, the oldest at ${timeOf(first)}, the latest at ${timeOf(last)}.`;
}

/** A part of a connection: its own words, one line of each check, and what all of it is read by. */
export function signalTooltip(kind: SignalKind, snapshot: ServerSnapshot, now: number): TooltipModel {
  const signal = signalOf(snapshot, kind);
  const at = shownAt(signal);
  const base = baseSignal(snapshot, kind);
  return {
    lines: [
      `${signalTitles[kind]}: ${stateWords(signal)}`,
      ...(signal.evaluation.lines.length === 0 ? [signal.evaluation.summary] : signal.evaluation.lines),
      ...(base ? (at === undefined ? [] : [readAtText(at, now)]) : [checkedText(checksOf(snapshot, kind), now)]),
    ].filter((line) => line !== ''),
    readBy: statementsOf(snapshot, kind),
  };
}

/** `snapshot`, where it is known, tells what the part was read by. */
export function partTooltip(
  element: PartElement,
  current: boolean,
  now: number,
  snapshot?: ServerSnapshot,
): TooltipModel {
  const tooltip = toldOf(element, current, now, snapshot?.thresholds);
  const group = baseGroups[element.kind];
  if (tooltip.readBy !== undefined || group === undefined || !snapshot) return tooltip;
  return { ...tooltip, readBy: baseStatements(snapshot, group) };
}

const baseGroups: Readonly<Partial<Record<PartElement['kind'], SignalKind>>> = {
  standby: 'replication',
  receiver: 'replication',
  lockSession: 'locks',
  table: 'size',
};

function toldOf(element: PartElement, current: boolean, now: number, thresholds?: Thresholds): TooltipModel {
  const past = current ? [] : ['Last known; not current.'];
  switch (element.kind) {
    case 'standby': {
      const { severity, lines } = evaluateStandby(element.standby, now, thresholds);
      return {
        lines: [`Standby ${oneLine(element.standby.name)}: ${current ? severity : 'last known'}`, ...past, ...lines],
      };
    }
    case 'receiver': {
      const { severity, lines } = evaluateReceiver(element.receiver, thresholds);
      return { lines: [`WAL receiver: ${current ? severity : 'last known'}`, ...past, ...lines] };
    }
    case 'lockSession':
      return lockTooltip(element, current);
    case 'table':
      return { lines: [`Table ${qualified(element.table)}`, ...past, `${partsOf(element.table)}.`] };
    case 'finding':
      return findingTooltip(element, now);
    case 'chain':
      return chainTooltip(element);
    case 'note':
      return { lines: [element.text] };
  }
}

function chainTooltip({ path, step }: ChainElement): TooltipModel {
  const link = path.links[step];
  const text = path.texts[step];
  const age = path.ageS === null ? '' : ` for ${formatDuration(path.ageS)}`;
  const whole = path.texts.map(({ label }) => oneLine(label, 80)).join(' → ');
  const query = link?.kind === 'backend' ? link.backend.query : link?.kind === 'blocker' ? link.session.query : null;
  const lines = [
    text ? oneLine(`${text.label}: ${text.description}`, 300) : '',
    `The connection is ${path.reason}${age}.`,
    whole,
    ...(path.frees > 0 ? [`Its end lets ${formatCount(path.frees, 'session')} go on.`] : []),
  ];
  return query === null || query.trim() === '' ? { lines } : { lines, sql: query };
}

function lockTooltip({ session, repeated }: LockElement, current: boolean): TooltipModel {
  const hidden = 'hidden from this role';
  const lines = [
    session.pid === 0
      ? `Prepared transactions: ${(session.preparedTransactions ?? []).map((name) => oneLine(name)).join(', ')}`
      : `Session ${session.pid}: ${session.waits ? 'waits for a lock' : 'root of the blocking graph'}`,
    ...(current ? [] : ['Last known; not current.']),
    ...(session.pid === 0
      ? ['It holds its locks until COMMIT PREPARED or ROLLBACK PREPARED; no session can be ended for it.']
      : [
          `${oneLine(session.user ?? hidden)} in ${oneLine(session.database ?? hidden)}, application ${oneLine(session.application ?? '') || 'not named'}, from ${session.clientAddress ?? 'the machine itself or hidden'}.`,
          `State: ${stateText(session)}.`,
        ]),
    ...(session.transactionAgeS === null
      ? []
      : [`Its transaction is open for ${formatDuration(session.transactionAgeS)}.`]),
    ...(session.waitingS === null ? [] : [`It has waited ${formatDuration(session.waitingS)}.`]),
    ...(session.blockedBy.length === 0 ? [] : [`It waits for ${pidList(session.blockedBy)}.`]),
    ...(session.holdsUp === 0
      ? []
      : [`It holds up ${formatCount(session.holdsUp, 'session')}, directly or through others.`]),
    ...(repeated ? ['It waits for several sessions: what waits for it is shown at its first place above.'] : []),
  ];
  const sql = queryOf(session);
  return sql === undefined ? { lines } : { lines, sql };
}

function partsOf(table: TableSize): string {
  return `Together ${formatBytes(table.totalBytes)}: heap ${formatBytes(table.heapBytes)}, TOAST and maps ${formatBytes(table.toastBytes)}, indexes ${formatBytes(table.indexBytes)}`;
}
