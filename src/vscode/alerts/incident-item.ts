import { formatDuration } from '../../core/format/quantities';
import { incidentLines } from '../../core/alerts/notification';
import type { Contacts } from '../../core/alerts/escalation';
import type { Incident } from '../../core/alerts/incident';
import { itemKinds } from '../../contributions';
import { severityIcons, statusIcons, type ItemModel } from '../tree/item-model';
import { oneLine } from '../tree/plain-text';

/** What stands in the view of alerts. */
export type AlertElement =
  | { readonly kind: 'incident'; readonly incident: Incident }
  | { readonly kind: 'past'; readonly incident: Incident }
  | { readonly kind: 'muted'; readonly key: string }
  | { readonly kind: 'pastGroup' | 'mutedGroup'; readonly count: number };

export interface AlertSurroundings {
  readonly now: number;
  readonly contacts: Contacts;
  readonly muted: ReadonlySet<string>;
  readonly nameOf: (connectionId: string) => string;
}

export function alertItem(element: AlertElement, around: AlertSurroundings): ItemModel {
  switch (element.kind) {
    case 'incident':
      return activeItem(element.incident, around);
    case 'past':
      return pastItem(element.incident, around);
    case 'muted': {
      const label = mutedLabel(element.key, around);
      return {
        label,
        description: '',
        icon: { id: 'bell-slash' },
        accessibleLabel: `never told: ${label}`,
        contextValue: itemKinds.mutedAlert,
      };
    }
    default: {
      const label = element.kind === 'pastGroup' ? 'Past' : 'Never told';
      const description = String(element.count);
      return {
        label,
        description,
        icon: { id: element.kind === 'pastGroup' ? 'history' : 'bell-slash' },
        accessibleLabel: `${label}, ${description}`,
        contextValue: 'alertGroup',
      };
    }
  }
}

function activeItem(incident: Incident, around: AlertSurroundings): ItemModel {
  const { now } = around;
  const label = `${oneLine(around.nameOf(incident.connectionId), 60)}: ${oneLine(incident.words, 160)}`;
  const parts = [incident.level, formatDuration((now - incident.openedAt) / 1000)];
  if (incident.unknownSince !== null) parts.push('not measured now');
  else if (incident.betterSince !== undefined) parts.push('better now');
  if (incident.acknowledgedAt !== null) parts.push('acknowledged');
  if (incident.snoozedUntil !== null && now < incident.snoozedUntil) parts.push('snoozed');
  if (around.muted.has(incident.key)) parts.push('never told');
  const description = parts.join(' · ');
  return {
    label,
    description,
    icon: incident.unknownSince !== null ? statusIcons.stale : severityIcons[incident.severity],
    accessibleLabel: `${incident.severity} alert, ${label}, ${description}`,
    contextValue: around.muted.has(incident.key) ? itemKinds.mutedIncident : itemKinds.incident,
  };
}

function pastItem(incident: Incident, around: AlertSurroundings): ItemModel {
  const ended = incident.clearedAt ?? around.now;
  const label = `${oneLine(around.nameOf(incident.connectionId), 60)}: ${oneLine(incident.atWorst, 160)}`;
  const description = `${formatDuration((ended - incident.openedAt) / 1000)}, ended ${formatDuration(Math.max(0, around.now - ended) / 1000)} ago`;
  return {
    label,
    description,
    icon: { id: 'pass', color: 'disabledForeground' },
    accessibleLabel: `past alert, was ${incident.worst}, ${label}, ${description}`,
    contextValue: itemKinds.pastIncident,
  };
}

function mutedLabel(key: string, { nameOf }: AlertSurroundings): string {
  const [connectionId = '', signal = '', subject = ''] = JSON.parse(key) as readonly string[];
  return oneLine([nameOf(connectionId), signal, subject].filter((part) => part !== '').join(' · '), 200);
}

/** What a hover says; the first line is what to do first. */
export function alertLines(element: AlertElement, around: AlertSurroundings): readonly string[] {
  if (element.kind !== 'incident' && element.kind !== 'past') return [];
  return incidentLines(element.incident, around.contacts, around.now).map((line) => oneLine(line, 400));
}
