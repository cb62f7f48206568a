/**
 * The entries of one section of a `pg_service.conf`, or undefined when the section is not there. As libpq: the first section of
 * the name counts, in it the first entry of a keyword; a value keeps its leading spaces.
 */
export function serviceSection(content: string, service: string): ReadonlyMap<string, string> | undefined {
  let found: Map<string, string> | undefined;
  for (const raw of content.split(/\r?\n/)) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    const header = /^\[(.*)\]$/.exec(line);
    if (header) {
      // libpq stops at the end of the first section of that name.
      if (found) return found;
      if (header[1] === service) found = new Map();
      continue;
    }
    const equals = line.indexOf('=');
    if (found && equals > 0) {
      const name = line.slice(0, equals).trim();
      if (!found.has(name)) found.set(name, line.slice(equals + 1));
    }
  }
  return found;
}

/** The names of all sections, for a list to choose from. */
export function serviceNames(content: string): string[] {
  return [...content.matchAll(/^\s*\[([^\]\r\n]+)\]\s*$/gm)].map((match) => match[1] ?? '');
}
