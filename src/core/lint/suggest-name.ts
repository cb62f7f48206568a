import { callbackEvents } from '../flyway/callback-events';
import { parseFileName, type Naming } from '../flyway/file-name';

/** The name that Flyway would take for a file it skips, when it is clear what was meant. */
export function suggestName(name: string, naming: Naming): string | undefined {
  const suffix = naming.suffixes[0] ?? '.sql';
  const prefixes = [naming.versionedPrefix, naming.undoPrefix, naming.baselinePrefix].filter((prefix) => prefix !== '');
  const stem = name.replace(/\.sql$/i, '');
  const callback = callbackNamed(stem, naming.separator);
  if (callback !== undefined) return accepted(`${callback}${suffix}`, name, naming);
  for (const prefix of prefixes) {
    const escaped = prefix.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    const match = new RegExp(`^${escaped}[ _-]?(\\d+(?:[._]\\d+)*)[ _.-]*(.*)$`, 'i').exec(stem);
    if (!match) continue;
    const description = (match[2] ?? '').trim().replace(/[\s-]+/g, '_');
    const suggested = `${prefix}${match[1] ?? ''}${naming.separator}${description === '' ? 'description' : description}${suffix}`;
    return accepted(suggested, name, naming);
  }
  const bare = /^(\d+(?:[._]\d+)*)__(.+)$/.exec(stem);
  if (bare && naming.versionedPrefix !== '')
    return accepted(
      `${naming.versionedPrefix}${bare[1] ?? ''}${naming.separator}${bare[2] ?? ''}${suffix}`,
      name,
      naming,
    );
  const repeatable = /^r\d*[ _-]+(.+)$/i.exec(stem);
  if (repeatable)
    return accepted(
      `${naming.repeatablePrefix}${naming.separator}${(repeatable[1] ?? '').replace(/^[_\s-]+/, '').replace(/[\s-]+/g, '_')}${suffix}`,
      name,
      naming,
    );
  return undefined;
}

/** `AfterMigrate__x`, `aftermigrate`, `afterMigrate_x` as the callback that was meant. */
function callbackNamed(stem: string, separator: string): string | undefined {
  const [, word = '', rest = ''] = /^([A-Za-z]+)(?:[ _-]+(.+))?$/.exec(stem) ?? [];
  const event = callbackEvents.find((candidate) => candidate.toLowerCase() === word.toLowerCase());
  return event && (rest === '' ? event : `${event}${separator}${rest}`);
}

function accepted(suggested: string, present: string, naming: Naming): string | undefined {
  const { kind } = parseFileName(suggested, naming);
  return suggested !== present && kind !== 'invalid' && kind !== 'skipped' ? suggested : undefined;
}
