import { parseConnectionString, type ParsedConnectionString } from './connection-string';

type Fields = Readonly<Record<string, unknown>>;

/** A password in an entry of the setting: under any of its usual names, or inside a connection string. */
export function passwordIn(entry: Fields): string | undefined {
  for (const [name, value] of [...Object.entries(entry), ...Object.entries(targetOf(entry))]) {
    if (isPassword(name) && (typeof value === 'string' || typeof value === 'number')) return String(value);
    const found = connectionStringIn(name, value)?.password;
    if (found !== undefined) return found;
  }
  return undefined;
}

/**
 * The entry without its passwords. A connection string that held one is taken apart into the fields of `target`; what
 * was written there beside it stays.
 */
export function withoutPassword(entry: Fields): Record<string, unknown> {
  const fromStrings: Record<string, unknown> = {};
  const strip = (fields: Fields): Record<string, unknown> =>
    Object.fromEntries(
      Object.entries(fields).filter(([name, value]) => {
        const parsed = connectionStringIn(name, value);
        if (parsed?.password !== undefined) Object.assign(fromStrings, parsed.target);
        return !isPassword(name) && parsed?.password === undefined;
      }),
    );
  const outer = strip(entry);
  const target = strip(targetOf(entry));
  return { ...outer, target: { ...fromStrings, ...target } };
}

function isPassword(name: string): boolean {
  return /^(password|passwd|pwd|pgpassword)$/i.test(name);
}

function connectionStringIn(name: string, value: unknown): ParsedConnectionString | undefined {
  // The name is for people: it leads nowhere, whatever it looks like.
  if (name === 'name' || typeof value !== 'string' || !/:\/\/|\bpassword\s*=/i.test(value)) return undefined;
  try {
    return parseConnectionString(value);
  } catch {
    return undefined;
  }
}

function targetOf(entry: Fields): Fields {
  const { target } = entry;
  return typeof target === 'object' && target !== null && !Array.isArray(target) ? (target as Fields) : {};
}
