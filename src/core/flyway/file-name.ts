import { callbackEvents } from './callback-events';
import { parseVersion, type MigrationVersion } from './version';

/** How a project names its files; Flyway's defaults below. */
export interface Naming {
  readonly versionedPrefix: string;
  readonly undoPrefix: string;
  readonly repeatablePrefix: string;
  readonly baselinePrefix: string;
  readonly separator: string;
  readonly suffixes: readonly string[];
}

export const defaultNaming: Naming = {
  versionedPrefix: 'V',
  undoPrefix: 'U',
  repeatablePrefix: 'R',
  baselinePrefix: 'B',
  separator: '__',
  suffixes: ['.sql'],
};

export type MigrationKind = 'versioned' | 'undo' | 'repeatable' | 'baseline' | 'callback';

/**
 * What a file name means. `skipped`: not scanned at all (another suffix, or nothing between prefix and suffix).
 * `invalid`: scanned, and then silently ignored unless `validateMigrationNaming` is on.
 */
export type FileName =
  | {
      readonly kind: 'versioned' | 'undo' | 'baseline';
      readonly version: MigrationVersion;
      readonly description: string;
    }
  | { readonly kind: 'repeatable'; readonly description: string }
  | { readonly kind: 'callback'; readonly event: string; readonly description: string }
  | { readonly kind: 'skipped'; readonly reason: string }
  | { readonly kind: 'invalid'; readonly as: MigrationKind | undefined; readonly reason: string };

/** Which Flyway reads: U files exist only in Redgate's distribution. */
export type Distribution = 'open-source' | 'redgate';

/**
 * Reads the name of a file (without its folder) as Flyway's parser does: the suffix in any case, the prefix in its own,
 * longest first; split at the first separator; `_` is a space of the description.
 */
export function parseFileName(
  name: string,
  naming: Naming = defaultNaming,
  distribution: Distribution = 'redgate',
): FileName {
  const suffix = naming.suffixes.find((candidate) => name.toLowerCase().endsWith(candidate.toLowerCase()));
  if (suffix === undefined)
    return { kind: 'skipped', reason: `the name does not end in ${naming.suffixes.join(' or ')}` };
  const stem = name.slice(0, name.length - suffix.length);
  const found = prefixes(naming, distribution).find(({ prefix }) => stem.startsWith(prefix));
  if (!found) return { kind: 'invalid', as: undefined, reason: unrecognised(naming, distribution) };
  const rest = stem.slice(found.prefix.length);
  const at = naming.separator === '' ? -1 : rest.indexOf(naming.separator);
  const left = at === -1 ? rest : rest.slice(0, at);
  const description = (at === -1 ? '' : rest.slice(at + naming.separator.length)).replaceAll('_', ' ');
  const { kind } = found;
  if (kind === 'callback' || kind === 'repeatable') {
    if (left !== '') {
      const what = kind === 'callback' ? `the callback ${found.prefix}` : 'a repeatable migration';
      return { kind: 'invalid', as: kind, reason: `${what} takes no version, and "${left}" stands in its place` };
    }
    return kind === 'callback' ? { kind, event: found.prefix, description } : { kind, description };
  }
  const version = parseVersion(left);
  if (!version)
    return { kind: 'invalid', as: kind, reason: left === '' ? 'there is no version' : `"${left}" is not a version` };
  return { kind, version, description };
}

/**
 * The same, as the scanner before the parser sees it: a name that is not longer than its prefix and suffix together is
 * dropped before it is read.
 */
export function scanFileName(
  name: string,
  naming: Naming = defaultNaming,
  distribution: Distribution = 'redgate',
): FileName {
  const parsed = parseFileName(name, naming, distribution);
  if (parsed.kind === 'skipped') return parsed;
  const suffix = naming.suffixes.find((candidate) => name.toLowerCase().endsWith(candidate.toLowerCase())) ?? '';
  const prefix = prefixes(naming, distribution).find((candidate) => name.startsWith(candidate.prefix))?.prefix;
  if (prefix !== undefined && parsed.kind !== 'callback' && name.length <= prefix.length + suffix.length) {
    return { kind: 'skipped', reason: 'nothing stands between the prefix and the suffix' };
  }
  return parsed;
}

interface Prefix {
  readonly prefix: string;
  readonly kind: MigrationKind;
}

const knownPrefixes = new WeakMap<Naming, Map<Distribution, readonly Prefix[]>>();

/** The prefixes of a project, sorted once: thousands of names are read with them. */
function prefixes(naming: Naming, distribution: Distribution): readonly Prefix[] {
  const known = knownPrefixes.get(naming) ?? new Map<Distribution, readonly Prefix[]>();
  knownPrefixes.set(naming, known);
  const found = known.get(distribution) ?? sortedPrefixes(naming, distribution);
  known.set(distribution, found);
  return found;
}

/** Longest first, so that `beforeEachMigrate` is not read as `before…` and a custom prefix may begin with another. */
function sortedPrefixes(naming: Naming, distribution: Distribution): readonly Prefix[] {
  const all: Prefix[] = [
    { prefix: naming.versionedPrefix, kind: 'versioned' },
    ...(distribution === 'redgate' ? [{ prefix: naming.undoPrefix, kind: 'undo' } as const] : []),
    { prefix: naming.repeatablePrefix, kind: 'repeatable' },
    { prefix: naming.baselinePrefix, kind: 'baseline' },
    ...callbackEvents.map((prefix) => ({ prefix, kind: 'callback' }) as const),
  ];
  return all.sort((a, b) => b.prefix.length - a.prefix.length);
}

function unrecognised(naming: Naming, distribution: Distribution): string {
  const known = [
    naming.versionedPrefix,
    ...(distribution === 'redgate' ? [naming.undoPrefix] : []),
    naming.repeatablePrefix,
    naming.baselinePrefix,
  ];
  return `it begins with none of ${known.map((prefix) => `"${prefix}"`).join(', ')} (in that case of letters) nor with a callback`;
}
