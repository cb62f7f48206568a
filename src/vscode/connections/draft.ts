import type { ConnectionProfile, ConnectionTarget, Environment } from '../../core/connection/profile';

/** How a person says where the server is. */
export type Way = 'string' | 'fields' | 'service';

/** A connection while a person writes it down. */
export interface Draft {
  readonly id: string;
  readonly way: Way;
  /** As typed, for the way back; it may hold a password and is never saved. */
  readonly connectionString: string;
  readonly name: string;
  readonly environment: Environment;
  readonly readOnly: boolean;
  readonly target: ConnectionTarget;
  /** Undefined keeps what is stored, empty removes it. */
  readonly password: string | undefined;
}

/** What a new connection begins with. */
export function emptyDraft(id: string): Draft {
  return {
    id,
    way: 'string',
    connectionString: '',
    name: '',
    environment: 'development',
    readOnly: false,
    target: {},
    password: undefined,
  };
}

export function draftOf(profile: ConnectionProfile): Draft {
  return { ...emptyDraft(profile.id), ...profile };
}

export function profileOf(draft: Draft): ConnectionProfile {
  const { id, name, environment, readOnly, target } = draft;
  return { id, name: name.trim(), environment, readOnly, target };
}

/** A name for a target that nobody has named yet: the database and where it is, made unique by a number. */
export function suggestName(target: ConnectionTarget, taken: readonly string[]): string {
  const place = target.service ?? target.host ?? target.hostAddress ?? 'localhost';
  const base = target.database === undefined ? place : `${target.database} on ${place}`;
  for (let number = 1; ; number++) {
    const name = number === 1 ? base : `${base} ${number}`;
    if (!taken.includes(name)) return name;
  }
}

/** One field of a target set, or taken away when the text is empty. */
export function withField<K extends keyof ConnectionTarget>(
  target: ConnectionTarget,
  key: K,
  value: ConnectionTarget[K] | undefined,
): ConnectionTarget {
  const others = Object.fromEntries(Object.entries(target).filter(([name]) => name !== key));
  return value === undefined || value === '' ? others : { ...others, [key]: value };
}
