import type { ConnectionTarget } from './profile';

/** Where a target leads, for people: `user@host:5432/database`, or the service. Never a password. */
export function formatTarget(target: ConnectionTarget): string {
  const user = target.user === undefined ? '' : `${target.user}@`;
  // Which server that is, the PG* environment and the machine decide.
  const host = target.host ?? target.hostAddress ?? (target.service === undefined ? 'default host' : '');
  const shown = host.includes(':') ? `[${host}]` : host;
  const port = target.port === undefined ? '' : `:${target.port}`;
  const database = target.database === undefined ? '' : `/${target.database}`;
  const place = `${user}${shown}${port}${database}`;
  if (target.service === undefined) return place;
  return place === '' ? `service ${target.service}` : `service ${target.service} · ${place}`;
}
