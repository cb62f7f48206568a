import { endpointUrl } from '../pool/application-endpoint';
import { SourceError } from '../ports/source-error';
import type { DiskMatchers } from './disk-query';
import { defaultStaleS } from './fleet';
import { defaultLabels, type FleetLabels } from './fleet-queries';
import { readMapping, type MetricMapping } from './metric-mapping';

/** One Prometheus of the settings. */
export interface PrometheusServer {
  readonly id: string;
  readonly name: string;
  readonly url: string;
  readonly labels: FleetLabels;
  readonly mapping: MetricMapping;
  readonly staleS: number;
  /** Which instance a connection is: by the connection's id the value of the label `instance`. */
  readonly connections: Readonly<Record<string, string>>;
  /** Which file system a connection's data lies on. */
  readonly disks: DiskMatchers;
}

const fields = new Set(['name', 'url', 'group', 'only', 'metrics', 'staleSeconds', 'connections', 'disks']);
const labelName = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

/** Reads `dbOps.prometheus`. What cannot be used is named; the rest counts all the same. */
export function readPrometheus(setting: unknown): {
  readonly servers: readonly PrometheusServer[];
  readonly problems: readonly string[];
} {
  if (setting === undefined || setting === null) return { servers: [], problems: [] };
  if (!Array.isArray(setting)) return { servers: [], problems: ['dbOps.prometheus must be a list.'] };
  const servers: PrometheusServer[] = [];
  const problems: string[] = [];
  (setting as unknown[]).forEach((entry, index) => {
    const where = `Entry ${index + 1} of dbOps.prometheus:`;
    const read = readServer(entry, (problem) => problems.push(`${where} ${problem}`));
    if (typeof read === 'string') problems.push(`${where} ${read}`);
    else if (servers.some(({ id }) => id === read.id)) problems.push(`${where} "${read.name}" stands there twice.`);
    else servers.push(read);
  });
  return { servers, problems };
}

function readServer(entry: unknown, complain: (problem: string) => void): PrometheusServer | string {
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) return 'it must be an object.';
  const {
    name,
    url,
    group = defaultLabels.group,
    only = '',
    metrics,
    staleSeconds = defaultStaleS,
    connections = {},
    disks = {},
  } = entry as Readonly<Record<string, unknown>>;
  const stranger = Object.keys(entry).find((key) => !fields.has(key));
  if (stranger !== undefined) return `"${stranger}" is not known; known are ${[...fields].join(', ')}.`;
  if (typeof url !== 'string') return '"url" must be an address like http://localhost:9090.';
  if (name !== undefined && (typeof name !== 'string' || name.trim() === '')) return '"name" must be a text.';
  if (typeof group !== 'string' || (group !== '' && !labelName.test(group)))
    return '"group" must be the name of a label.';
  if (typeof only !== 'string' || !isMatchers(only)) return '"only" must be matchers like env="prod",team=~"a|b".';
  if (!(typeof staleSeconds === 'number' && staleSeconds >= 5 && staleSeconds <= 3600))
    return '"staleSeconds" must be 5 to 3600.';
  if (
    typeof connections !== 'object' ||
    connections === null ||
    Object.values(connections).some((one) => typeof one !== 'string')
  ) {
    return '"connections" must lead from names of connections to instances.';
  }
  if (
    typeof disks !== 'object' ||
    disks === null ||
    !Object.values(disks).every((one) => typeof one === 'string' && one.trim() !== '' && isMatchers(one))
  ) {
    return '"disks" must lead from names of connections to matchers like instance="db1:9100",mountpoint="/data".';
  }
  let host: string;
  try {
    ({ host } = endpointUrl({ name: name ?? 'Prometheus', url }));
  } catch (error) {
    return error instanceof SourceError ? error.told : String(error);
  }
  const { mapping, problems } = readMapping(metrics);
  for (const problem of problems) complain(problem);
  const shown = name ?? host;
  const labels = { ...defaultLabels, group, only };
  return {
    id: `prometheus ${shown}`,
    name: shown,
    url,
    labels,
    mapping,
    staleS: staleSeconds,
    connections: connections as Record<string, string>,
    disks: disks as DiskMatchers,
  };
}

/** Matchers of labels and nothing that could end the selector. */
function isMatchers(text: string): boolean {
  return (
    text.trim() === '' ||
    /^\s*[a-zA-Z_]\w*\s*(?:=~|!~|!=|=)\s*"(?:[^"\\]|\\.)*"(?:\s*,\s*[a-zA-Z_]\w*\s*(?:=~|!~|!=|=)\s*"(?:[^"\\]|\\.)*")*\s*$/.test(
      text,
    )
  );
}
