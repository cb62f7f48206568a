import { formatCount } from '../../core/format/quantities';
import type { Limits } from '../../core/health/check-run';
import { worst } from '../../core/health/severity';
import type { Severity, Status } from '../../core/health/status';
import { fleetFindings, fleetStatus } from '../../core/prometheus/fleet-findings';
import type { FleetServer } from '../../core/prometheus/fleet';
import { statusIcons, statusWords, type ItemModel } from '../tree/item-model';
import { oneLine } from '../tree/plain-text';

/** What the numbers of a server are compared with. */
export type LimitsOf = (server: FleetServer) => Limits;

/** What stands in the view of the fleet. */
export type FleetElement =
  | { readonly kind: 'prometheus'; readonly id: string }
  | {
      readonly kind: 'group';
      readonly id: string;
      readonly group: string;
      readonly servers: readonly FleetServer[];
      readonly limitsOf: LimitsOf;
    }
  | { readonly kind: 'instance'; readonly id: string; readonly server: FleetServer; readonly limits: Limits }
  | { readonly kind: 'note'; readonly id: string; readonly text: string };

/** A group says how many of its servers are in trouble, the worst first. */
export function groupItem(label: string, servers: readonly FleetServer[], limitsOf: LimitsOf): ItemModel {
  const statuses = servers.map((server) => fleetStatus(server, limitsOf(server)));
  const count = (status: Status): number => statuses.filter((one) => one === status).length;
  const parts = [
    ...(['unreachable', 'critical', 'warning', 'stale', 'unknown'] as const)
      .filter((status) => count(status) > 0)
      .map((status) => `${count(status)} ${status === 'unreachable' ? 'down' : statusWords[status]}`),
    formatCount(servers.length, 'server'),
  ];
  const severity = worst(...statuses.map(severityOf));
  const name = label === '' ? 'without a group' : oneLine(label, 80);
  return {
    label: name,
    description: parts.join(' · '),
    icon: statusIcons[severity],
    accessibleLabel: `group ${name}, ${parts.join(', ')}`,
    contextValue: 'fleetGroup',
  };
}

export function instanceItem(server: FleetServer, limits: Limits): ItemModel {
  const status = fleetStatus(server, limits);
  const findings = fleetFindings(server, limits);
  const bad = findings.filter(
    ({ severity }) => severity === 'critical' || severity === 'warning' || severity === 'unknown',
  );
  const shown = (bad.length > 0 ? bad : findings.filter(({ signal }) => signal !== 'prometheus.up')).slice(0, 3);
  const role = server.role === null ? [] : [server.role];
  const description = [...role, ...shown.map(({ words }) => words)].join(' · ');
  const label = oneLine(server.instance, 120);
  return {
    label,
    description,
    icon: statusIcons[status],
    accessibleLabel: `server ${label}, ${statusWords[status]}, ${description}`,
    contextValue: 'fleetInstance',
  };
}

/** What is known of one server, worst first, and by which labels. */
export function instanceLines(server: FleetServer, limits: Limits): readonly string[] {
  const labels = [...server.labels].map(([label, value]) => `${label}=${value}`).join(', ');
  return [
    `${oneLine(server.instance, 120)}: ${statusWords[fleetStatus(server, limits)]}`,
    ...fleetFindings(server, limits).flatMap(({ words, lines }) => [words, ...lines]),
    `Labels: ${oneLine(labels, 300)}`,
  ];
}

function severityOf(status: Status): Severity {
  switch (status) {
    case 'unreachable':
    case 'critical':
      return 'critical';
    case 'warning':
      return 'warning';
    case 'ok':
      return 'ok';
    default:
      return 'unknown';
  }
}
