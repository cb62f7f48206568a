import type { Phrase } from '../../format/phrase';
import type { CodeMigration } from '../../flyway/code-migrations';
import type { FlywayConfig } from '../../flyway/flyway-config';
import type { Grammar } from '../../sql/grammar';
import type { ParsedStatement } from '../../sql/parsed-statement';
import type { Finding } from '../finding';
import type { FixScope, ScriptFix, TextEdit } from '../fix-edits';
import type { LintScript } from '../lint-script';

/** Where a fix is asked for: a finding in its script, and the project around it. */
export interface FixPlace {
  readonly finding: Finding;
  readonly script: LintScript;
  /** All scripts of the project. */
  readonly scripts: readonly LintScript[];
  /** Classes, whose versions are taken too. */
  readonly codeMigrations: readonly CodeMigration[];
  readonly config: FlywayConfig;
  readonly grammar: Grammar;
  /** The statement of the finding; undefined where it is about none, or about one that cannot be parsed. */
  readonly statement: ParsedStatement | undefined;
  /** Its transaction: 0 is Flyway's, higher ones the script's own; undefined where it commits by itself. */
  readonly transaction: number | undefined;
  /** The statement's table is partitioned: CONCURRENTLY and NOT VALID are not possible on it. */
  readonly partitioned: boolean;
  /** PostgreSQL can detach a partition of it CONCURRENTLY. */
  readonly detachable: boolean;
}

/** A change of the text of one file. */
export interface FileEdit extends TextEdit {
  readonly path: string;
}

/** What a fix changes in a project. Files that it makes are new: one that is there is never overwritten. */
export interface ProjectFix {
  /** For the menu. */
  readonly title: Phrase;
  readonly edits: readonly FileEdit[];
  readonly files: readonly { readonly path: string; readonly text: string }[];
  readonly renames: readonly { readonly from: string; readonly to: string }[];
  /** The person is asked for a reason, which takes the place of `reasonMark` in the texts. */
  readonly asksReason?: boolean;
}

export const reasonMark = '<reason>';

/** The folder of a file. */
export function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'));
}

export function scopeOf({ script, scripts, codeMigrations, config }: FixPlace): FixScope {
  const versions = [...scripts, ...codeMigrations].flatMap(({ meaning }) =>
    'version' in meaning ? [meaning.version] : [],
  );
  return { script, config, versions };
}

/** A fix of one script as one of its project; new files stand beside the script. */
export function inProject({ script }: FixPlace, fix: ScriptFix): ProjectFix {
  return {
    title: fix.title,
    edits: fix.edits.map((edit) => ({ ...edit, path: script.path })),
    files: fix.files.map(({ name, text }) => ({ path: `${folderOf(script.path)}/${name}`, text })),
    renames: [],
  };
}

/** A fix that only changes the text of the finding's script. */
export function editOnly({ script }: FixPlace, title: Phrase, ...edits: readonly TextEdit[]): ProjectFix {
  return { title, edits: edits.map((edit) => ({ ...edit, path: script.path })), files: [], renames: [] };
}
