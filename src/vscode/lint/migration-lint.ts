import * as vscode from 'vscode';
import type { FindingSeverity } from '../../core/lint/finding';
import type { LintDone, PlacedFinding, WorkerFailure } from '../../core/lint/worker-messages';
import type { Disposable } from '../../core/ports/disposable';
import type { Log } from '../../core/ports/log';
import type { Prompts } from '../../core/ports/prompts';
import { settings } from '../../contributions';
import { LintClient } from './lint-client';
import { MigrationWatchers } from './migration-watchers';

const severityOf: Readonly<Record<FindingSeverity, vscode.DiagnosticSeverity>> = {
  error: vscode.DiagnosticSeverity.Error,
  warning: vscode.DiagnosticSeverity.Warning,
  information: vscode.DiagnosticSeverity.Information,
  hint: vscode.DiagnosticSeverity.Hint,
};

/** How long after the last change lint waits, in ms. */
const pauseMs = 250;
interface LintOutcome {
  readonly findings: readonly PlacedFinding[];
  readonly scripts: number;
  readonly failures: readonly string[];
}

/** Keeps the diagnostics of the migrations of all workspace folders. A result that is older than the text is dropped. */
export class MigrationLint implements vscode.Disposable {
  private readonly diagnostics = vscode.languages.createDiagnosticCollection('dbOps');
  private readonly findings = new Map<string, readonly PlacedFinding[]>();
  private readonly subscriptions: Disposable[] = [];
  private readonly client: LintClient;
  private readonly watchers: MigrationWatchers;
  private timer: NodeJS.Timeout | undefined;
  private run = 0;
  /** What the worker does now: it is given nothing more before it has ended, lest texts pile up there. */
  private running: Promise<unknown> | undefined;
  /** Something changed while it was at it. */
  private again = false;
  private disposed = false;
  /** Files may have changed since they were read. */
  private filesChanged = true;
  private folders: readonly string[] = [];

  constructor(
    workerFile: string,
    private readonly prompts: Prompts,
    private readonly log: Log,
  ) {
    this.client = new LintClient(workerFile, log);
    const later = (): void => this.schedule(true);
    this.watchers = new MigrationWatchers(later);
    this.subscriptions.push(
      this.watchers,
      // The watcher comes later than the document, which counts as unchanged from here on.
      vscode.workspace.onDidSaveTextDocument((document) => {
        if (this.concerns(document)) later();
      }),
      vscode.workspace.onDidChangeTextDocument(({ document }) => {
        if (this.concerns(document)) this.schedule(false);
      }),
      vscode.workspace.onDidCloseTextDocument((document) => {
        if (document.isDirty || this.concerns(document)) later();
      }),
      // What VS Code itself does to files is told at once; and whoever comes back may have changed them elsewhere.
      vscode.workspace.onDidCreateFiles(later),
      vscode.workspace.onDidRenameFiles(later),
      vscode.workspace.onDidDeleteFiles(later),
      vscode.workspace.onDidOpenTextDocument((document) => {
        if (this.concerns(document)) later();
      }),
      vscode.window.onDidChangeWindowState(({ focused }) => {
        if (focused) later();
      }),
      vscode.workspace.onDidChangeWorkspaceFolders(later),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (
          event.affectsConfiguration(`${settings.section}.lint`) ||
          event.affectsConfiguration(`${settings.section}.flyway`)
        )
          later();
      }),
    );
    void this.lintAll();
  }

  /** What was found in a document, for the quick fixes. */
  findingsOf(uri: vscode.Uri): readonly PlacedFinding[] {
    return this.findings.get(uri.toString()) ?? [];
  }

  /** The undo script offered for a V script of the last run. */
  undoText(uri: vscode.Uri): Promise<string | undefined> {
    return this.client.undoText(pathOf(uri));
  }

  /** Lints everything now, with progress and cancel, and says what was found. */
  async lintOnRequest(): Promise<void> {
    this.filesChanged = true;
    const title = vscode.l10n.t('Linting migrations…');
    const outcome = await vscode.window.withProgress(
      { location: vscode.ProgressLocation.Notification, title, cancellable: true },
      (_, token) =>
        Promise.race([
          this.lintAll(),
          new Promise<undefined>((resolve) => token.onCancellationRequested(() => resolve(undefined))),
        ]),
    );
    if (!outcome) return;
    if (outcome.failures.length > 0) {
      await this.prompts.notify('error', vscode.l10n.t('Lint failed: {0}', outcome.failures.join('; ')));
    } else if (outcome.scripts === 0) {
      await this.prompts.notify(
        'info',
        vscode.l10n.t('No Flyway migrations were found. The setting dbOps.flyway.locations names their places.'),
      );
    } else {
      const count = (wanted: FindingSeverity): number =>
        outcome.findings.filter(({ severity }) => severity === wanted).length;
      const counts = [outcome.scripts, count('error'), count('warning'), count('information'), count('hint')];
      await this.prompts.notify(
        'info',
        vscode.l10n.t('Files: {0}. Errors: {1}, warnings: {2}, information: {3}, hints: {4}.', ...counts),
      );
    }
  }

  dispose(): void {
    this.disposed = true;
    clearTimeout(this.timer);
    this.client.dispose();
    this.diagnostics.dispose();
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  private concerns(document: vscode.TextDocument): boolean {
    return (
      document.uri.scheme === 'file' && this.folders.some((folder) => pathOf(document.uri).startsWith(`${folder}/`))
    );
  }

  private schedule(filesChanged: boolean): void {
    if (this.disposed) return;
    this.filesChanged ||= filesChanged;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      if (this.running) this.again = true;
      else void this.lintAll();
    }, pauseMs);
  }

  private lintAll(): Promise<LintOutcome> {
    const running = this.lintNow().finally(() => {
      if (this.running !== running) return;
      this.running = undefined;
      if (this.again) this.schedule(false);
      this.again = false;
    });
    this.running = running;
    return running;
  }

  private async lintNow(): Promise<LintOutcome> {
    const run = ++this.run;
    const filesUnchanged = !this.filesChanged;
    this.filesChanged = false;
    const versions = new Map(
      vscode.workspace.textDocuments.map((document) => [document.uri.toString(), document.version]),
    );
    const roots = (vscode.workspace.workspaceFolders ?? []).filter((folder) => folder.uri.scheme === 'file');
    const replies = await Promise.all(roots.map((folder) => this.lintFolder(folder, filesUnchanged)));
    const done = replies.filter((reply): reply is LintDone => reply?.ok === true);
    const failures = replies.flatMap((reply) => (reply?.ok === false ? [reply.message] : []));
    for (const failure of failures) this.log.error(`Lint failed: ${failure}`);
    this.filesChanged ||= failures.length > 0;
    const all = done.flatMap((reply) => reply.findings);
    const scripts = done.reduce((sum, reply) => sum + reply.scripts, 0);
    if (run === this.run && failures.length === 0) {
      this.folders = done.flatMap((reply) => reply.folders);
      this.watchers.watchFolders(this.folders);
      for (const problem of new Set(done.flatMap((reply) => reply.problems))) this.log.warn(problem);
      this.show(all, versions);
    }
    return { findings: all, scripts, failures };
  }

  private async lintFolder(
    folder: vscode.WorkspaceFolder,
    filesUnchanged: boolean,
  ): Promise<LintDone | WorkerFailure | undefined> {
    const configuration = vscode.workspace.getConfiguration(settings.section, folder.uri);
    if (!configuration.get<boolean>(settings.lintEnabled, true)) return undefined;
    const unsaved = vscode.workspace.textDocuments
      .filter((document) => document.isDirty && document.uri.scheme === 'file')
      .map((document) => [pathOf(document.uri), document.getText()] as const);
    return this.client.lint({
      root: pathOf(folder.uri),
      // Copies: VS Code gives proxies, which cannot be sent to a worker.
      locations: [...configuration.get<string[]>(settings.flywayLocations, [])],
      requireReason: configuration.get<boolean>(settings.lintRequireReason, true),
      severities: { ...configuration.get<Record<string, FindingSeverity | 'off'>>(settings.lintRules, {}) },
      unsaved,
      filesUnchanged,
    });
  }

  private show(all: readonly PlacedFinding[], versions: ReadonlyMap<string, number>): void {
    const byFile = new Map<string, PlacedFinding[]>();
    for (const finding of all) {
      const key = vscode.Uri.file(finding.path).toString();
      byFile.set(key, [...(byFile.get(key) ?? []), finding]);
    }
    for (const key of this.findings.keys()) if (!byFile.has(key)) this.diagnostics.delete(vscode.Uri.parse(key));
    for (const document of vscode.workspace.textDocuments) {
      // Typed on since: the next run draws it.
      if (document.version !== versions.get(document.uri.toString())) byFile.delete(document.uri.toString());
    }
    for (const [key, findings] of byFile) {
      this.findings.set(key, findings);
      this.diagnostics.set(vscode.Uri.parse(key), findings.map(toDiagnostic));
    }
    for (const key of [...this.findings.keys()]) {
      if (!byFile.has(key) && !all.some((finding) => vscode.Uri.file(finding.path).toString() === key))
        this.findings.delete(key);
    }
  }
}

function toDiagnostic(finding: PlacedFinding): vscode.Diagnostic {
  const diagnostic = new vscode.Diagnostic(rangeOf(finding), finding.message, severityOf[finding.severity]);
  diagnostic.source = 'DB Ops';
  diagnostic.code = finding.rule;
  if (finding.related) {
    diagnostic.relatedInformation = finding.related.map(
      ({ path, message }) =>
        new vscode.DiagnosticRelatedInformation(
          new vscode.Location(vscode.Uri.file(path), new vscode.Position(0, 0)),
          message,
        ),
    );
  }
  return diagnostic;
}

export function rangeOf({ range }: PlacedFinding): vscode.Range {
  return new vscode.Range(range.startLine, range.startColumn, range.endLine, range.endColumn);
}

/** A file's path with forward slashes, as the core wants it. */
function pathOf(uri: vscode.Uri): string {
  return uri.fsPath.replaceAll('\\', '/');
}
