import { LineColumns } from './line-columns';
import { unknownRules } from './rule-names';
import {
  readSettingsFile,
  settingsFileName,
  SettingsFileError,
  type FolderRules,
  type SettingsFile,
} from './settings-file';
import type { EditorSettings, PlacedRange, SettingsMistake } from './worker-messages';

/** What counts for a folder: its settings file goes before the editor's settings, so that editor and CI say the same. */
export interface FolderSettings extends EditorSettings {
  readonly locationsFrom: string | undefined;
  readonly folders: { readonly root: string; readonly rules: readonly FolderRules[] } | undefined;
  readonly mistakes: readonly SettingsMistake[];
}

/** Joins the settings file of a folder (undefined: there is none) with what the editor says. A broken file counts for nothing. */
export function folderSettings(root: string, content: string | undefined, editor: EditorSettings): FolderSettings {
  const plain = { ...editor, locationsFrom: undefined, folders: undefined };
  if (content === undefined) return { ...plain, mistakes: [] };
  const path = `${root}/${settingsFileName}`;
  const places = new Places(content);
  let file: SettingsFile;
  try {
    file = readSettingsFile(content);
  } catch (error) {
    if (!(error instanceof SettingsFileError)) throw error;
    const range = typeof error.at === 'string' ? places.of(error.at) : places.at(error.at?.line ?? 1, error.at?.column);
    const message = `${settingsFileName} cannot be read, so that nothing of it counts: ${error.message}`;
    return { ...plain, mistakes: [{ path, message, isError: true, range }] };
  }
  const ids = [...Object.keys(file.rules), ...file.folders.flatMap(({ rules }) => Object.keys(rules))];
  return {
    locations: file.locations.length > 0 ? file.locations : editor.locations,
    locationsFrom: file.locations.length > 0 ? settingsFileName : undefined,
    requireReason: file.requireReason ?? editor.requireReason,
    severities: { ...editor.severities, ...file.rules },
    scope: editor.scope,
    folders: { root, rules: file.folders },
    mistakes: unknownRules([...new Set(ids)]).map(({ id, meant }) => ({
      path,
      message: `There is no rule "${id}".${meant === undefined ? '' : ` Did you mean "${meant}"?`}`,
      isError: false,
      range: places.of(id),
    })),
  };
}

/** Places in a file of settings, as VS Code counts. */
export class Places {
  private readonly lines: readonly string[];
  private readonly columns: LineColumns;

  constructor(private readonly content: string) {
    this.columns = new LineColumns(content);
    this.lines = content.split(/\r\n|\r|\n/);
  }

  /** A word of the file, else its first line. */
  of(word: string): PlacedRange {
    const at = this.content.indexOf(word);
    if (at === -1) return this.at(1);
    const { line, column } = this.columns.at(at);
    return { startLine: line - 1, startColumn: column - 1, endLine: line - 1, endColumn: column - 1 + word.length };
  }

  /** From a place, from 1, to the end of its line. */
  at(line: number, column = 1): PlacedRange {
    const index = Math.min(Math.max(line, 1), this.lines.length) - 1;
    const end = this.lines[index]?.length ?? 0;
    return {
      startLine: index,
      startColumn: Math.min(column - 1, Math.max(0, end - 1)),
      endLine: index,
      endColumn: end,
    };
  }
}
