import { signalGroups } from '../health/signal';
import { escalationLevels } from './escalation';
import type { Incident } from './incident';

/** What survives a reload. */
export interface StoredAlerts {
  readonly version: 1;
  readonly active: readonly Incident[];
  readonly past: readonly Incident[];
  readonly muted: readonly string[];
}

/** Reads what was stored, by this version or another: what does not fit is left out, never trusted. */
export function readStoredAlerts(stored: unknown): StoredAlerts {
  const record = typeof stored === 'object' && stored !== null ? (stored as Readonly<Record<string, unknown>>) : {};
  const list = (name: string): readonly unknown[] => {
    const found = record[name];
    return Array.isArray(found) ? (found as readonly unknown[]) : [];
  };
  return {
    version: 1,
    active: list('active').filter(isIncident).map(withWorst),
    past: list('past').filter(isIncident).map(withWorst),
    muted: list('muted').filter((key) => typeof key === 'string'),
  };
}

const texts = [
  'id',
  'key',
  'connectionId',
  'check',
  'signal',
  'subject',
  'words',
  'action',
  'runbook',
  'acknowledgedBy',
];
const timesOrNull = ['clearedAt', 'unknownSince', 'acknowledgedAt', 'snoozedUntil', 'notifiedAt'];

function isIncident(value: unknown): value is Incident {
  if (typeof value !== 'object' || value === null) return false;
  const one = value as Readonly<Record<string, unknown>>;
  return (
    texts.every((name) => typeof one[name] === 'string') &&
    timesOrNull.every((name) => one[name] === null || typeof one[name] === 'number') &&
    typeof one['openedAt'] === 'number' &&
    [one['severity'], one['worst']].every((severity) => severity === 'warning' || severity === 'critical') &&
    escalationLevels.some((level) => level === one['level']) &&
    signalGroups.some((group) => group === one['group']) &&
    isKey(String(one['key']))
  );
}

/** An earlier version kept the last words only. */
function withWorst(incident: Omit<Incident, 'atWorst'> & Partial<Pick<Incident, 'atWorst'>>): Incident {
  const { atWorst } = incident;
  return { ...incident, atWorst: typeof atWorst === 'string' ? atWorst : incident.words };
}

function isKey(key: string): boolean {
  try {
    const parts: unknown = JSON.parse(key);
    return Array.isArray(parts) && parts.length === 3 && parts.every((part) => typeof part === 'string');
  } catch {
    return false;
  }
}
