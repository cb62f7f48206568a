import { formatTarget } from '../../core/connection/display';
import type { ConnectionProfile } from '../../core/connection/profile';
import type { ProfileStore } from '../../core/ports/connections';
import type { Prompts } from '../../core/ports/prompts';

/** The connection of the tree element a command was called on, the only one there is, or the one a person picks. */
export async function pickConnection(
  profiles: ProfileStore,
  prompts: Prompts,
  argument: unknown,
  title: string,
): Promise<ConnectionProfile | undefined> {
  const id = connectionIdOf(argument);
  if (id !== undefined) return profiles.find(id);
  const list = profiles.list();
  if (list.length === 1) return list[0];
  return prompts.pick(
    title,
    list.map((profile) => ({ label: profile.name, description: formatTarget(profile.target), value: profile })),
  );
}

/** The connection id of a tree element. */
export function connectionIdOf(argument: unknown): string | undefined {
  if (typeof argument !== 'object' || argument === null || !('connectionId' in argument)) return undefined;
  return typeof argument.connectionId === 'string' ? argument.connectionId : undefined;
}
