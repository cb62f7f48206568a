import * as vscode from 'vscode';
import type { FindingSeverity } from '../../core/lint/finding';
import { settingsFileName } from '../../core/lint/settings-file';
import type { DatabaseReading, LintDone, ShownProject, WorkerFailure } from '../../core/lint/worker-messages';
import type { Disposable } from '../../core/ports/disposable';
import type { Log } from '../../core/ports/log';
import { settings } from '../../contributions';
import { editorSettings, pathOf, unsavedTexts } from './folder-request';
import { LintClient, type Progress } from './lint-client';
import { MigrationWatchers } from './migration-watchers';
import { ShownFindings } from './shown-findings';

/** How long after the last key, and after the last change of a file, lint waits. In ms. */
const typingPauseMs = 40;
const filePauseMs = 250;

/** What a run over all folders came to. */
export interface LintOutcome {
  readonly counts: Readonly<Record<FindingSeverity, number>>;
  readonly scripts: number;
  readonly failures: readonly string[];
  readonly cancelled: boolean;
}

/** Lints the migrations of all workspace folders whenever something changes that they depend on. */
export class MigrationLint implements vscode.Disposable {
  readonly shown = new ShownFindings();
  readonly client: LintClient;
  private readonly runs = new vscode.EventEmitter<void>();
  /** A run is over; `projects` is what it found. */
  readonly onDidLint = this.runs.event;
  private readonly subscriptions: Disposable[] = [];
  private readonly watchers: MigrationWatchers;
  private timer: NodeJS.Timeout | undefined;
  private dueAt = 0;
  /** What the worker does now: it is given nothing more before it has ended, lest texts pile up there. */
  private running: Promise<unknown> | undefined;
  /** Something changed while it was at it. */
  private again = false;
  private disposed = false;
  /** Files may have changed since they were read. */
  private filesChanged = true;
  private folders: readonly string[] = [];
  private reading: DatabaseReading | undefined;
  /** What the last run went by: states of another reading are not those of this one. */
  private lintedReading: DatabaseReading | undefined;
  private readonly projectsByRoot = new Map<string, readonly ShownProject[]>();

  constructor(
    workerFile: string,
    private readonly log: Log,
  ) {
    // A new worker knows nothing of what was answered.
    this.client = new LintClient(workerFile, log, () => this.projectsByRoot.clear());
    const later = (): void => this.schedule(true);
    this.watchers = new MigrationWatchers(later);
    const { workspace, window } = vscode;
    this.subscriptions.push(
      this.watchers,
      this.shown,
      this.runs,
      // The watcher comes later than the document, which counts as unchanged from here on.
      workspace.onDidSaveTextDocument((document) => {
        if (this.concerns(document)) later();
      }),
      workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        if (contentChanges.length > 0 && this.concerns(document)) this.schedule(false);
      }),
      workspace.onDidCloseTextDocument((document) => {
        if (document.isDirty || this.concerns(document)) later();
      }),
      // What VS Code itself does to files is told at once; and whoever comes back may have changed them elsewhere.
      workspace.onDidCreateFiles(later),
      workspace.onDidRenameFiles(later),
      workspace.onDidDeleteFiles(later),
      workspace.onDidOpenTextDocument((document) => {
        if (this.concerns(document)) later();
      }),
      window.onDidChangeWindowState(({ focused }) => {
        if (focused) later();
      }),
      workspace.onDidChangeWorkspaceFolders(later),
      workspace.onDidGrantWorkspaceTrust(later),
      workspace.onDidChangeConfiguration((event) => {
        const { section } = settings;
        if (event.affectsConfiguration(`${section}.lint`) || event.affectsConfiguration(`${section}.flyway`)) later();
      }),
    );
    void this.lintAll();
  }

  /** The projects of the last run. */
  get projects(): readonly ShownProject[] {
    return [...this.projectsByRoot.values()].flat();
  }

  /** What the bound database tells counts from the next run on, which comes at once. */
  setReading(reading: DatabaseReading | undefined): void {
    this.reading = reading;
    this.client.setReading(reading);
    this.schedule(false);
  }

  /** Whether the states of the projects are those of this reading. */
  hasStatesOf(reading: DatabaseReading): boolean {
    return this.lintedReading === reading;
  }

  /** Whether a document may be a script, or the settings file of a folder. */
  concerns({ uri }: vscode.TextDocument): boolean {
    if (uri.scheme !== 'file') return false;
    const path = pathOf(uri);
    return path.endsWith(`/${settingsFileName}`) || this.folders.some((folder) => path.startsWith(`${folder}/`));
  }

  /** Reads and lints everything now. */
  lintAllNow(progress: Progress, cancelled: Int32Array): Promise<LintOutcome> {
    this.filesChanged = true;
    return this.lintAll(progress, cancelled);
  }

  dispose(): void {
    this.disposed = true;
    clearTimeout(this.timer);
    this.client.dispose();
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  private schedule(filesChanged: boolean): void {
    if (this.disposed) return;
    this.filesChanged ||= filesChanged;
    // A file that changes now and then does not keep back what is typed, which waits for the last key only.
    const due = Date.now() + (filesChanged ? filePauseMs : typingPauseMs);
    if (this.timer !== undefined && filesChanged && this.dueAt > Date.now() && this.dueAt < due && !this.running)
      return;
    clearTimeout(this.timer);
    this.dueAt = due;
    this.timer = setTimeout(() => {
      this.timer = undefined;
      if (this.running) this.again = true;
      else void this.lintAll();
    }, due - Date.now());
  }

  private lintAll(progress?: Progress, cancelled?: Int32Array): Promise<LintOutcome> {
    const running = this.lintNow(progress, cancelled).finally(() => {
      if (this.running !== running) return;
      this.running = undefined;
      if (this.again) this.schedule(false);
      this.again = false;
    });
    this.running = running;
    return running;
  }

  private async lintNow(progress?: Progress, cancelled?: Int32Array): Promise<LintOutcome> {
    const filesUnchanged = !this.filesChanged;
    this.filesChanged = false;
    const versions = new Map(
      vscode.workspace.textDocuments.map((document) => [document.uri.toString(), document.version]),
    );
    const unsaved = unsavedTexts();
    const { reading } = this;
    const asked = (vscode.workspace.workspaceFolders ?? []).flatMap((folder) => {
      const own = folder.uri.scheme === 'file' ? editorSettings(folder) : undefined;
      return own ? [{ root: pathOf(folder.uri), settings: own }] : [];
    });
    const roots = asked.map(({ root }) => root);
    const afresh = roots.filter((root) => !this.projectsByRoot.has(root));
    const mayAskGit = vscode.workspace.isTrusted;
    const answers = await Promise.all(
      asked.map(async ({ root, settings: own }) => {
        const request = { root, settings: own, mayAskGit, unsaved, filesUnchanged, afresh: afresh.includes(root) };
        return { root, answer: await this.client.lint({ ...request, ...(cancelled && { cancelled }) }, progress) };
      }),
    );
    if (this.disposed) return { counts: noCounts, scripts: 0, failures: [], cancelled: true };
    for (const root of this.projectsByRoot.keys()) if (!roots.includes(root)) this.projectsByRoot.delete(root);
    const done = answers.flatMap(({ root, answer }) => (answer.ok ? [{ root, answer }] : []));
    this.take(
      done.map(({ answer }) => answer),
      versions,
      afresh.filter((root) => done.some((one) => one.root === root)),
      roots,
    );
    for (const { root, answer } of done)
      this.projectsByRoot.set(root, answer.projects ?? this.projectsByRoot.get(root) ?? []);
    const failed = answers.flatMap(({ answer }): WorkerFailure[] => (answer.ok ? [] : [answer]));
    const failures = failed.filter((one) => one.cancelled !== true).map(({ message }) => message);
    for (const failure of failures) this.log.error(`Lint failed: ${failure}`);
    this.filesChanged ||= failed.length > 0;
    if (failed.length === 0) this.lintedReading = reading;
    this.runs.fire();
    return {
      counts: sum(done.map(({ answer }) => answer.counts)),
      scripts: done.reduce((count, { answer }) => count + answer.scripts, 0),
      failures,
      cancelled: failed.some((one) => one.cancelled === true),
    };
  }

  private take(
    done: readonly LintDone[],
    versions: ReadonlyMap<string, number>,
    afresh: readonly string[],
    roots: readonly string[],
  ): void {
    this.shown.keepBelow(roots);
    this.shown.take(done, versions, afresh);
    if (done.length === 0) return;
    this.folders = done.flatMap((answer) => answer.folders);
    this.watchers.watchFolders(this.folders);
    for (const problem of new Set(done.flatMap((answer) => answer.problems))) this.log.warn(problem);
  }
}

const noCounts: Readonly<Record<FindingSeverity, number>> = { error: 0, warning: 0, information: 0, hint: 0 };

function sum(all: readonly LintOutcome['counts'][]): LintOutcome['counts'] {
  return all.reduce(
    (total, one) => ({
      error: total.error + one.error,
      warning: total.warning + one.warning,
      information: total.information + one.information,
      hint: total.hint + one.hint,
    }),
    noCounts,
  );
}
