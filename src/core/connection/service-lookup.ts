import { DatabaseError } from '../ports/database-error';
import type { SystemAccess } from '../ports/system-access';
import { serviceSection } from './service-file';

/** Where a person keeps certificates (and on Windows everything else) for libpq. */
export function personalDirectory(system: SystemAccess): string {
  if (!system.windows) return `${system.homeDirectory}/.postgresql`;
  return `${system.environment['APPDATA'] ?? `${system.homeDirectory}/AppData/Roaming`}/postgresql`;
}

/** libpq has the system's directory built in; these are the ones of the usual packages. */
const systemDirectories = ['/etc/postgresql-common', '/etc/sysconfig/pgsql', '/usr/local/etc/postgresql'];

/** The service files libpq looks into, in its order. */
export function serviceFiles(system: SystemAccess): string[] {
  const { PGSERVICEFILE, PGSYSCONFDIR } = system.environment;
  const home = system.windows ? personalDirectory(system) : system.homeDirectory;
  const directories =
    PGSYSCONFDIR === undefined || PGSYSCONFDIR === '' ? (system.windows ? [] : systemDirectories) : [PGSYSCONFDIR];
  return [
    PGSERVICEFILE === undefined || PGSERVICEFILE === '' ? `${home}/.pg_service.conf` : PGSERVICEFILE,
    ...directories.map((directory) => `${directory}/pg_service.conf`),
  ];
}

/** The entries of a service. Throws a DatabaseError with reason `unknown-service`. */
export async function readService(name: string, system: SystemAccess): Promise<ReadonlyMap<string, string>> {
  const files = serviceFiles(system);
  for (const file of files) {
    const content = await system.readText(file);
    const section = content === undefined ? undefined : serviceSection(content, name);
    if (section) return section;
  }
  throw new DatabaseError(
    'unknown-service',
    `The service "${name}" is not defined in ${files.join(' or ')}.`,
    'Add the section to the service file, set PGSERVICEFILE, or edit the connection.',
  );
}
