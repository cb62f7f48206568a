import type { ConnectionProfile } from './profile';

/** A setting whose connections are ids, and what is said about names that lead nowhere. */
export interface ResolvedNames {
  readonly value: unknown;
  readonly problems: readonly string[];
}

type Entry = Readonly<Record<string, unknown>>;

/**
 * A list of a setting in which people name connections as they know them: by name, or by id. In `connection` (a text) and
 * `connections` (a list, or an object whose keys are connections, as in `disks`) names become ids. What names no connection stays as it
 * is, so that it never comes to mean "all", and is told. Everything else is left to the reader of the setting.
 */
export function withConnectionIds(
  setting: string,
  value: unknown,
  profiles: readonly Pick<ConnectionProfile, 'id' | 'name'>[],
): ResolvedNames {
  if (!Array.isArray(value)) return { value, problems: [] };
  const problems: string[] = [];
  const entries = (value as readonly unknown[]).map((entry, index) => {
    if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) return entry;
    const idOf = (name: string): string => {
      // Servers of a fleet are named by their keys.
      if (name.startsWith('fleet:')) return name;
      // An id is never ambiguous, so that it goes before a name.
      const found = profiles.find(({ id }) => id === name) ?? profiles.find((one) => one.name === name);
      if (!found) problems.push(`Entry ${index + 1} of ${setting}: ${notSaved(name, profiles)}`);
      return found?.id ?? name;
    };
    return resolved(entry as Entry, idOf);
  });
  return { value: entries, problems };
}

function resolved(entry: Entry, idOf: (name: string) => string): Entry {
  const { connection, connections, disks } = entry;
  const result: Record<string, unknown> = { ...entry };
  if (typeof connection === 'string' && connection !== '') result['connection'] = idOf(connection);
  if (Array.isArray(connections)) {
    result['connections'] = (connections as readonly unknown[]).map((one) =>
      typeof one === 'string' ? idOf(one) : one,
    );
  } else if (typeof connections === 'object' && connections !== null) result['connections'] = byId(connections, idOf);
  if (typeof disks === 'object' && disks !== null && !Array.isArray(disks)) result['disks'] = byId(disks, idOf);
  return result;
}

function byId(named: object, idOf: (name: string) => string): Record<string, unknown> {
  return Object.fromEntries(Object.entries(named).map(([name, value]: [string, unknown]) => [idOf(name), value]));
}

function notSaved(name: string, profiles: readonly Pick<ConnectionProfile, 'name'>[]): string {
  const known = profiles.map((one) => `"${one.name}"`).join(', ');
  return `"${name}" is no saved connection. ${known === '' ? 'None is saved yet.' : `Saved are ${known}.`}`;
}
