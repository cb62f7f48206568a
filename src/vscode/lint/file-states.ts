import * as vscode from 'vscode';
import type { FileState, ShownProject } from '../../core/lint/worker-messages';
import type { BoundDatabase } from './bound-database';
import { pathOf } from './folder-request';
import type { MigrationLint } from './migration-lint';

/** How a state is drawn: the icon of the lens, the letter of the decoration where it has one, and how much it matters. */
export interface StateLook {
  readonly icon: string;
  readonly badge: string | undefined;
  readonly color: string | undefined;
  readonly words: string;
}

/** What is known of a file now. `unknown`: a database is bound, and what it says is not known. */
export type KnownState =
  | {
      readonly kind: 'known';
      readonly name: string;
      readonly at: number;
      readonly file: FileState;
      readonly project: ShownProject;
    }
  | {
      readonly kind: 'unknown';
      readonly name: string;
      readonly why: string;
      /** `now`: the database was read, and does not tell. Undefined: it never was. */
      readonly lastAt: number | 'now' | undefined;
    };

/** The states of migration files in the bound database, for lenses and decorations. */
export class FileStates {
  private byPath = new Map<string, { readonly file: FileState; readonly project: ShownProject }>();
  private scripts: readonly string[] = [];
  /** What the states of the last update were by. */
  private known: unknown;

  constructor(
    private readonly lint: MigrationLint,
    private readonly database: BoundDatabase,
  ) {}

  /** Takes what the last run found. @returns the files whose state may be another one; undefined: all may be */
  update(): vscode.Uri[] | undefined {
    const before = this.byPath;
    const { state } = this.database;
    const known = state.kind === 'current' ? this.lint.hasStatesOf(state.reading) && state.reading : state;
    const folders = this.scripts.join('\n');
    this.byPath = new Map(
      this.lint.projects.flatMap((project) => project.states.map((file) => [file.path, { file, project }] as const)),
    );
    this.scripts = this.lint.projects.flatMap(({ migrationFolders }) => migrationFolders);
    // What is not known of a file is in no list of states.
    if (known !== this.known || folders !== this.scripts.join('\n')) {
      this.known = known;
      return undefined;
    }
    return [...new Set([...before.keys(), ...this.byPath.keys()])].map((path) => vscode.Uri.file(path));
  }

  /** Undefined where nothing is bound, or the file is no migration. */
  of(uri: vscode.Uri): KnownState | undefined {
    const { state } = this.database;
    if (uri.scheme !== 'file' || state.kind === 'unbound' || state.kind === 'reading') return undefined;
    const path = pathOf(uri);
    if (state.kind === 'unknown') {
      const isScript = this.scripts.some((folder) => path.startsWith(`${folder}/`)) && path.endsWith('.sql');
      return isScript ? { kind: 'unknown', name: state.name, why: state.why, lastAt: state.lastAt } : undefined;
    }
    if (!this.lint.hasStatesOf(state.reading)) return undefined;
    const found = this.byPath.get(path);
    if (found) return { kind: 'known', name: state.name, at: state.at, ...found };
    const project = this.lint.projects.find(({ migrationFolders }) =>
      migrationFolders.some((folder) => path.startsWith(`${folder}/`)),
    );
    // The history of this project is not known, although the database is.
    if (project?.scope.kind === 'all' && project.scope.why === 'unknown history' && path.endsWith('.sql'))
      return { kind: 'unknown', name: state.name, why: project.scope.detail ?? '', lastAt: 'now' };
    return undefined;
  }
}

/** The look of a file's state, in words of the person's language. */
export function lookOf({ file, name }: Extract<KnownState, { kind: 'known' }>): StateLook {
  const when = file.installedOn ?? '';
  if (file.edited) {
    return {
      icon: 'warning',
      badge: 'E',
      color: 'list.warningForeground',
      words: vscode.l10n.t(
        'Edited after it was applied to {0}: checksum {1} there, {2} here',
        name,
        String(file.checksums?.applied ?? ''),
        String(file.checksums?.here ?? ''),
      ),
    };
  }
  switch (file.state) {
    case 'Success':
    case 'Baseline':
    case 'Superseded':
      return { icon: 'check', badge: '✓', color: undefined, words: applied(file, name) };
    case 'Out of Order':
      return {
        icon: 'check',
        badge: '✓',
        color: undefined,
        words: vscode.l10n.t('Applied to {0} out of order, {1}', name, when),
      };
    case 'Pending':
    case 'Outdated':
      return {
        icon: 'circle-outline',
        badge: 'P',
        color: 'gitDecoration.untrackedResourceForeground',
        words:
          file.installedOn === undefined
            ? vscode.l10n.t('Pending on {0}', name)
            : vscode.l10n.t('Pending on {0}: it was applied {1}, and has changed since', name, when),
      };
    case 'Ignored':
      return {
        icon: 'circle-slash',
        badge: 'O',
        color: 'list.warningForeground',
        words: vscode.l10n.t('Ignored on {0}: out of order, or not to be executed', name),
      };
    case 'Failed':
    case 'Failed (Missing)':
    case 'Failed (Future)':
      return {
        icon: 'error',
        badge: 'F',
        color: 'list.errorForeground',
        words: vscode.l10n.t('FAILED on {0}, {1}', name, when),
      };
    case 'Undone':
      return { icon: 'discard', badge: '↶', color: undefined, words: vscode.l10n.t('Undone on {0}', name) };
    case 'Available':
      // Every undo script, most of the time: a mark on each would say nothing.
      return { icon: 'discard', badge: undefined, color: undefined, words: vscode.l10n.t('Not run on {0}', name) };
    case 'Below Baseline':
    case 'Above Target':
    case 'Deleted':
    case 'Missing':
    case 'Future':
      return { icon: 'info', badge: 'I', color: undefined, words: vscode.l10n.t('{0} on {1}', file.state, name) };
  }
}

function applied(file: FileState, name: string): string {
  const { installedOn, installedBy, executionMs } = file;
  if (installedOn === undefined) return vscode.l10n.t('Applied to {0}', name);
  return vscode.l10n.t('Applied to {0} {1} by {2} in {3} ms', name, installedOn, installedBy ?? '', executionMs ?? 0);
}

/** What is said where the state is not known. */
export function unknownWords({ name, why, lastAt }: Extract<KnownState, { kind: 'unknown' }>): string {
  if (lastAt === 'now') return vscode.l10n.t('State on {0} is not known: {1}', name, why);
  const last =
    lastAt === undefined
      ? vscode.l10n.t('never read')
      : vscode.l10n.t('last read {0}', new Date(lastAt).toLocaleTimeString());
  return vscode.l10n.t('State on {0} is not known ({1}): {2}', name, last, why);
}
