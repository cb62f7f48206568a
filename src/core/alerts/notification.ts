import { formatCount, formatDuration } from '../format/quantities';
import type { AlertSeverity } from './alert-state';
import { escalationText, type Contacts } from './escalation';
import type { Incident } from './incident';

interface Circumstances {
  readonly now: number;
  readonly level: AlertSeverity | 'off';
  readonly muted: boolean;
  readonly inMaintenance: boolean;
}

/** Whether a person is to be told of this incident now. */
export function isDue(incident: Incident, { now, level, muted, inMaintenance }: Circumstances): boolean {
  if (level === 'off' || muted || inMaintenance || incident.acknowledgedAt !== null) return false;
  if (level === 'critical' && incident.severity !== 'critical') return false;
  if (incident.snoozedUntil !== null && now < incident.snoozedUntil) return false;
  return incident.notifiedAt === null;
}

/** The message for several incidents: the worst one in full, the others by their number. Plain text. */
export function notificationText(incidents: readonly Incident[], nameOf: (connectionId: string) => string): string {
  const [first, ...others] = incidents;
  if (!first) return '';
  const more = others.length === 0 ? '' : ` And ${formatCount(others.length, 'more incident')}.`;
  return `${nameOf(first.connectionId)}: ${first.words}. ${first.action}${more}`;
}

/** The hover of an incident: what to do first comes first. Plain text, one sentence a line. */
export function incidentLines(incident: Incident, contacts: Contacts, now: number): readonly string[] {
  const age = (since: number): string => formatDuration(Math.max(0, now - since) / 1000);
  const lines = [incident.action, `${incident.words}.`, `Escalation: ${escalationText(incident.level, contacts)}.`];
  if (incident.clearedAt === null) lines.push(`Since ${age(incident.openedAt)}.`);
  else
    lines.push(
      `Lasted ${formatDuration((incident.clearedAt - incident.openedAt) / 1000)}; ended ${age(incident.clearedAt)} ago.`,
    );
  if (incident.worst !== incident.severity) lines.push('It has been critical.');
  if (incident.unknownSince !== null && incident.clearedAt === null) {
    lines.push(`Not measured for ${age(incident.unknownSince)}: it counts as going on.`);
  }
  if (incident.betterSince !== undefined && incident.clearedAt === null) {
    lines.push(`Better for ${age(incident.betterSince)}: it ends when that lasts.`);
  }
  if (incident.acknowledgedAt !== null) {
    const by = incident.acknowledgedBy === '' ? '' : ` by ${incident.acknowledgedBy}`;
    lines.push(`Acknowledged${by} ${age(incident.acknowledgedAt)} ago.`);
  }
  if (incident.snoozedUntil !== null && now < incident.snoozedUntil) {
    lines.push(`Snoozed for another ${formatDuration((incident.snoozedUntil - now) / 1000)}.`);
  }
  return lines;
}
