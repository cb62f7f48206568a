import { parse as parseToml, TomlError } from 'smol-toml';
import { severities, type FindingSeverity } from './finding';

/** Severities by rule; `off` silences one. */
export type RuleSeverities = Readonly<Record<string, FindingSeverity | 'off'>>;

/** Rules of a folder and what is below it. `path` is relative to the folder of the file, without `.` and a slash at the end. */
export interface FolderRules {
  readonly path: string;
  readonly rules: RuleSeverities;
}

/** What `dbops.toml` says, which the extension and the command line share. */
export interface SettingsFile {
  readonly requireReason: boolean | undefined;
  readonly locations: readonly string[];
  readonly rules: RuleSeverities;
  readonly folders: readonly FolderRules[];
}

/** The name of the file, in the folder that is linted. */
export const settingsFileName = 'dbops.toml';

/** A settings file that cannot be read; the message says what is wrong with it. */
export class SettingsFileError extends Error {
  readonly reason = 'bad-settings';
  /** `at`: the place, from 1, or the word that is wrong. */
  constructor(
    message: string,
    readonly at?: string | { readonly line: number; readonly column: number },
  ) {
    super(message);
  }
}

/** Reads `dbops.toml`: `requireReason`, `locations`, `[rules]`, and `[[folders]]` with a `path` and rules of their own. */
export function readSettingsFile(content: string): SettingsFile {
  let tree: Readonly<Record<string, unknown>>;
  try {
    tree = parseToml(content);
  } catch (error) {
    const message = (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
    throw new SettingsFileError(message, error instanceof TomlError ? error : undefined);
  }
  const { requireReason, locations = [], rules = {}, folders = [], ...rest } = tree;
  const unknown = Object.keys(rest);
  if (unknown.length > 0) throw new SettingsFileError(`there is no setting "${unknown[0] ?? ''}"`, unknown[0]);
  if (requireReason !== undefined && typeof requireReason !== 'boolean')
    throw new SettingsFileError('requireReason is true or false', 'requireReason');
  if (!Array.isArray(locations) || !locations.every((one) => typeof one === 'string'))
    throw new SettingsFileError('locations is a list of texts', 'locations');
  if (!Array.isArray(folders)) throw new SettingsFileError('folders are written as [[folders]]', 'folders');
  return {
    requireReason,
    locations,
    rules: rulesOf(rules),
    folders: folders.map((folder: unknown): FolderRules => {
      const { path, rules: own = {} } = folder as { path?: unknown; rules?: unknown };
      if (typeof path !== 'string') throw new SettingsFileError('each of [[folders]] has a path', 'folders');
      return { path: path.replace(/^\.\/|\/+$/g, ''), rules: rulesOf(own) };
    }),
  };
}

/** Rules as a settings file or an editor's settings hold them. */
function rulesOf(value: unknown): RuleSeverities {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new SettingsFileError('rules are written as [rules], one a line', 'rules');
  const entries = Object.entries(value);
  return Object.fromEntries(
    entries.map(([rule, severity]) => {
      const known = [...severities, 'off'].find((one) => one === severity);
      if (known === undefined)
        throw new SettingsFileError(
          `"${rule}" is one of ${[...severities, 'off'].join(', ')}, not ${JSON.stringify(severity)}`,
          rule,
        );
      return [rule, known as FindingSeverity | 'off'];
    }),
  );
}

/**
 * The severities that count for a file: those of the folders around it outrank the general ones, the innermost last.
 * `root` is the folder of the settings; both paths have forward slashes.
 */
export function severitiesFor(
  path: string,
  root: string,
  general: RuleSeverities,
  folders: readonly FolderRules[],
): RuleSeverities {
  if (folders.length === 0) return general;
  const relative = path.startsWith(`${root}/`) ? path.slice(root.length + 1) : path;
  return [...folders]
    .sort((a, b) => a.path.length - b.path.length)
    .filter((folder) => folder.path === '' || relative.startsWith(`${folder.path}/`))
    .reduce((all, folder) => ({ ...all, ...folder.rules }), general);
}
