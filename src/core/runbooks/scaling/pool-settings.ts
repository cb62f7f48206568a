import { mostByRule } from '../../pool/sizing';
import { fenced } from '../markdown';

/** Where an application connects; `port` 5432 when missing. */
export interface Address {
  readonly host: string;
  readonly port: number | undefined;
}

/** The largest pool of each of `instances` that keeps sum(max × instances) below 80 % of the usable slots. */
export function largestPool(usable: number, instances: number): number {
  return Math.floor(mostByRule(usable) / instances);
}

/** A host or a database as it may stand in the address of a JDBC driver. */
function inUrl(text: string): string {
  return encodeURIComponent(text).replaceAll('%3A', ':');
}

function addresses(all: readonly Address[], placeholder: string): string {
  const known = all.map(({ host, port }) => {
    const name = host.includes(':') ? `[${host}]` : inUrl(host);
    return `${name}:${port ?? 5432}`;
  });
  return (known.length === 0 ? [placeholder] : known).join(',');
}

/**
 * Connection strings and pool sizes to copy, as Spring Boot reads them, in Markdown. pgjdbc's names; targetServerType
 * chooses the server when a connection is opened, so that a failover needs no new setting.
 */
export function poolSettings(
  primary: Address | undefined,
  standbys: readonly Address[],
  database: string,
  usable: number,
): string {
  const all = [...(primary ? [primary] : []), ...standbys];
  const writes = addresses(all, 'PRIMARY:5432,REPLICA:5432');
  const reads = addresses(standbys, 'REPLICA:5432');
  const name = inUrl(database);
  const size = largestPool(usable, 4);
  const lines = [
    '# writes: whoever is the primary now, also after a failover',
    `spring.datasource.url=jdbc:postgresql://${writes}/${name}?targetServerType=primary&connectTimeout=5`,
    '# reads: a data source of its own; the primary only where no replica answers',
    `app.reads.datasource.url=jdbc:postgresql://${reads}/${name}?targetServerType=preferSecondary&loadBalanceHosts=true&hostRecheckSeconds=10&connectTimeout=5`,
    `# below 80 % of ${usable} usable slots with 4 instances: (0.8 × ${usable}) / 4; a replica has slots of its own`,
    `spring.datasource.hikari.maximum-pool-size=${size}`,
    `spring.datasource.hikari.minimum-idle=${Math.min(5, size)}`,
    'spring.datasource.hikari.connection-timeout=5000',
    '# shorter than any time-out of a firewall, so that connections move to a new replica too',
    'spring.datasource.hikari.max-lifetime=600000',
  ];
  const table = [2, 4, 8, 16]
    .map((instances) => `${instances} instances: ${largestPool(usable, instances)} each`)
    .join(', ');
  return [
    fenced(lines.join('\n'), 'properties'),
    `Largest \`maximum-pool-size\` by the rule, when nobody else uses the server: ${table}.`,
    "The guide splits reads with HikariCP's `readOnly`. It only marks connections read-only and routes nothing: the split needs a second data source and a routing one (`AbstractRoutingDataSource`).",
  ].join('\n\n');
}
