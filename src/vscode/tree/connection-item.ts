import { itemKinds } from '../../contributions';
import type { ConnectionProfile } from '../../core/connection/profile';
import { formatCount } from '../../core/format/quantities';
import type { ServerSnapshot } from '../../core/monitor/snapshot';
import { ageText, offlineIcon, statusIcons, statusWords, type ItemModel } from './item-model';
import { signalKinds } from './element';
import { oneLine } from './plain-text';
import { signalOf } from './signal-item';

/** One connection: `2 warnings · primary · 17.2 · <5 ms`, what is wrong first, since a narrow view cuts the end. `now` in ms. */
export function connectionItem(profile: ConnectionProfile, snapshot: ServerSnapshot, now: number): ItemModel {
  const parts = [...stateParts(snapshot, now), ...(profile.environment === 'production' ? ['production'] : [])];
  const name = oneLine(profile.name);
  const words = snapshot.watched ? statusWords[snapshot.status] : 'not connected';
  const spoken = parts.filter((part) => part !== words);
  return {
    label: name,
    description: parts.join(' · '),
    icon: snapshot.watched ? statusIcons[snapshot.status] : offlineIcon,
    accessibleLabel: [`${name}, ${words}`, ...spoken].join(', '),
    contextValue: snapshot.watched ? itemKinds.connectionOnline : itemKinds.connectionOffline,
  };
}

function stateParts(snapshot: ServerSnapshot, now: number): string[] {
  if (!snapshot.watched) return ['not connected'];
  const { status, lastSeen, role, version, latencyMs } = snapshot;
  if (status === 'unreachable') {
    return ['unreachable', lastSeen === null ? 'never reached' : `last seen ${ageText(lastSeen, now)}`];
  }
  if (status === 'connecting') return ['connecting…'];
  const server = [role, version].filter((part) => part !== null);
  if (status === 'stale') return [lastSeen === null ? 'stale' : `stale, read ${ageText(lastSeen, now)}`, ...server];
  return [...countText(snapshot), ...server, ...(latencyMs === null ? [] : [latencyText(latencyMs)])];
}

/** A round trip varies with each poll; the bound it stays under is calm and true. */
export function latencyText(ms: number): string {
  const bound = [5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000].find((limit) => ms < limit);
  if (bound === undefined) return '≥5 s';
  return bound < 1000 ? `<${bound} ms` : `<${bound / 1000} s`;
}

function countText(snapshot: ServerSnapshot): string[] {
  const severities = signalKinds.map((kind) => signalOf(snapshot, kind).evaluation.severity);
  const critical = severities.filter((severity) => severity === 'critical').length;
  const warnings = severities.filter((severity) => severity === 'warning').length;
  return [
    ...(critical > 0 ? [`${critical} critical`] : []),
    ...(warnings > 0 ? [formatCount(warnings, 'warning')] : []),
    ...(snapshot.limited ? ['limited view'] : []),
  ];
}
