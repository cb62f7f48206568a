import type { SignalGroup } from '../health/signal';
import type { Observation } from './observation';

/** The guide's escalation path. */
export const escalationLevels = ['L1', 'L2', 'L3'] as const;
export type EscalationLevel = (typeof escalationLevels)[number];

/** Whom to ask, by level: free text of the setting `dbOps.alerts.contacts`. */
export type Contacts = Partial<Readonly<Record<EscalationLevel, string>>>;

export const escalationTeams: Readonly<Record<EscalationLevel, string>> = {
  L1: 'On-call',
  L2: 'Database team',
  L3: 'Architecture team',
};

/**
 * The guide: L1 connection issues, lag, slow queries; L2 migration failures, corruption, replication failures, backup
 * and restore; L3 schema design, scaling, architecture.
 */
const ofGroup: Readonly<Record<SignalGroup, EscalationLevel>> = {
  pool: 'L1',
  replication: 'L1',
  locks: 'L1',
  queries: 'L1',
  size: 'L2',
  maintenance: 'L2',
  migrations: 'L2',
  backups: 'L2',
};

/** Signals that the guide puts elsewhere than their group. */
const special: readonly (readonly [RegExp, EscalationLevel])[] = [
  [/^hikari\.sizing$/, 'L3'],
  [/^(?:(?:unused|duplicate|invalid)-indexes|foreign-keys|sequences|table-growth)\b/, 'L3'],
  // A standby that is away, a slot that is or will be lost: the replication has failed, it does not lag.
  [/disconnected|^slots\b|^standby-conflicts\b/, 'L2'],
];

export function escalationOf({ signal, group }: Pick<Observation, 'signal' | 'group'>): EscalationLevel {
  return special.find(([pattern]) => pattern.test(signal))?.[1] ?? ofGroup[group];
}

/** `L2 Database team: dba@example.com`. */
export function escalationText(level: EscalationLevel, contacts: Contacts): string {
  const contact = contacts[level]?.trim() ?? '';
  return `${level} ${escalationTeams[level]}${contact === '' ? '' : `: ${contact}`}`;
}
