import path from 'node:path';
import * as vscode from 'vscode';
import type { ShownProject } from '../../core/lint/worker-messages';
import type { BoundDatabase } from './bound-database';
import { pathOf } from './folder-request';
import type { MigrationLint } from './migration-lint';
import { nothingToLint, scopeReason, scopeWords } from './scope-words';

const scheme = 'dbops-flyway';
const address = vscode.Uri.from({ scheme, path: '/Flyway Configuration.ini' });

/**
 * "Show Flyway Configuration": a read-only document that says of each module what Flyway reads, each setting with its value
 * and where it came from, and which scripts are looked at. It follows every run. Places are links.
 */
export class FlywayConfiguration implements vscode.TextDocumentContentProvider, vscode.DocumentLinkProvider {
  static readonly selector: vscode.DocumentSelector = { scheme };
  static readonly scheme = scheme;
  private readonly changes = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.changes.event;
  private links: {
    readonly line: number;
    readonly start: number;
    readonly end: number;
    readonly target: vscode.Uri;
  }[] = [];

  constructor(
    private readonly lint: MigrationLint,
    private readonly database: BoundDatabase,
  ) {}

  changed(): void {
    this.changes.fire(address);
  }

  /** Shows it, at the module of a file where one is given. */
  async show(file: vscode.Uri | undefined): Promise<void> {
    const document = await vscode.workspace.openTextDocument(address);
    const editor = await vscode.window.showTextDocument(document, { preview: true });
    const found = file && this.lint.projects.find((project) => isBelow(file, project));
    const line = found
      ? document
          .getText()
          .split('\n')
          .indexOf(`[${titleOf(found)}]`)
      : 0;
    const at = new vscode.Position(Math.max(0, line), 0);
    editor.selection = new vscode.Selection(at, at);
    editor.revealRange(new vscode.Range(at, at), vscode.TextEditorRevealType.AtTop);
  }

  provideTextDocumentContent(): string {
    this.links = [];
    const { projects } = this.lint;
    const lines = [
      `# ${vscode.l10n.t('What Flyway reads in this workspace, and where each value came from. Read-only; it follows the files.')}`,
      `# ${this.databaseWords()}`,
      '',
    ];
    if (projects.length === 0) lines.push(`# ${nothingToLint()}`);
    for (const project of projects) this.write(lines, project);
    return `${lines.join('\n')}\n`;
  }

  provideDocumentLinks(): vscode.DocumentLink[] {
    return this.links.map(
      ({ line, start, end, target }) => new vscode.DocumentLink(new vscode.Range(line, start, line, end), target),
    );
  }

  private write(lines: string[], project: ShownProject): void {
    const { settings, migrationFolders, problems, scope, scripts, looked, missing } = project;
    lines.push(`[${titleOf(project)}]`);
    for (const folder of migrationFolders) {
      const text = `# ${vscode.l10n.t('migrations in {0}', shownPath(folder))}`;
      lines.push(text);
    }
    lines.push(
      `# ${vscode.l10n.t('Files: {0}. Rules about locks and data look at {1} of them: {2}.', scripts, looked, scopeWords(scope))}`,
      `# ${scopeReason(scope)}`,
    );
    for (const one of missing) lines.push(`# ${vscode.l10n.t('Applied, and there is no script here: {0}', one)}`);
    for (const problem of problems) lines.push(`# ${vscode.l10n.t('Problem: {0}', problem)}`);
    const width = Math.max(0, ...settings.map(({ name }) => name.length));
    for (const { name, value, from, line } of settings) {
      const isFile = /^(\/|[A-Za-z]:)/.test(from);
      const place = isFile ? `${shownPath(from)}${line === undefined ? '' : `:${line}`}` : from;
      const before = `${name.padEnd(width)} = ${value.replace(/[\r\n]+/g, ' ')}   ; `;
      if (isFile) {
        const file = vscode.Uri.file(from.replace(/ \([^)]*\)$/, ''));
        const target = line === undefined ? file : file.with({ fragment: `L${line}` });
        this.links.push({ line: lines.length, start: before.length, end: before.length + place.length, target });
      }
      lines.push(`${before}${place}`);
    }
    lines.push('');
  }

  private databaseWords(): string {
    const { state } = this.database;
    switch (state.kind) {
      case 'unbound':
        return vscode.workspace.isTrusted
          ? vscode.l10n.t('No database is bound. DB Ops: Bind Workspace to Connection… binds one.')
          : vscode.l10n.t('The workspace is not trusted: no database is asked.');
      case 'reading':
        return vscode.l10n.t('Bound to {0}, which is being read.', state.name);
      case 'current':
        return vscode.l10n.t('Bound to {0}, PostgreSQL {1}.', state.name, state.reading.major);
      case 'unknown':
        return vscode.l10n.t('Bound to {0}, whose state is not known now: {1}', state.name, state.why);
    }
  }
}

/** The module's folder, and its database where that is not PostgreSQL. */
function titleOf({ folder, database }: ShownProject): string {
  return database === 'postgresql' ? shownPath(folder) : `${shownPath(folder)} (${database})`;
}

function isBelow(file: vscode.Uri, { migrationFolders }: ShownProject): boolean {
  return migrationFolders.some((folder) => pathOf(file).startsWith(`${folder}/`));
}

/** Below the workspace's folder, with its name where there are several. */
function shownPath(absolute: string): string {
  const plain = absolute.replace(/ \([^)]*\)$/, '');
  const shown = vscode.workspace.asRelativePath(vscode.Uri.file(plain));
  const folder = vscode.workspace.workspaceFolders?.find((one) => pathOf(one.uri) === plain);
  return `${folder ? path.posix.basename(plain) : shown}${absolute.slice(plain.length)}`;
}
