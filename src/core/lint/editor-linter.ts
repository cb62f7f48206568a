import path from 'node:path';
import type { FlywayProject } from '../flyway/find-projects';
import type { FileSystem } from '../ports/file-system';
import type { Grammar } from '../sql/grammar';
import { BoundProjects } from './bound-projects';
import { describeStatement } from './describe-statement';
import { folderSettings, type FolderSettings } from './editor-settings';
import type { Finding, FindingSeverity } from './finding';
import { fixesInWorkspace } from './fixes/fixes-in-workspace';
import { LineColumns } from './line-columns';
import type { LintScript } from './lint-script';
import { WorkspaceLinter, type WorkspaceLint } from './lint-workspace';
import { placed, placeFix } from './place-fixes';
import { settledBy } from './settled';
import { pendingOn, type BranchState } from './rules/branch';
import { settingsFileName } from './settings-file';
import { showProjects } from './show-projects';
import { unreadableFiles } from './unreadable-files';
import type {
  DatabaseReading,
  FixesDone,
  LintDone,
  LintRequest,
  PlacedFinding,
  PlacedFix,
  ShownScope,
  ShownStatement,
} from './worker-messages';

/** A person has cancelled the run. */
export class LintCancelled extends Error {
  readonly reason = 'cancelled';
}

/** What the linter of an editor is given. */
export interface EditorLinterParts {
  readonly files: FileSystem;
  readonly grammar: Grammar;
  /** git's main branch below a folder; undefined where there is none. */
  readonly readBranch: (folder: string) => Promise<BranchState | undefined>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly onProgress: (id: number, done: number, total: number) => void;
}

/** What is known of a folder from its last run. */
interface Folder {
  readonly lint: WorkspaceLint;
  readonly byPath: ReadonlyMap<string, readonly Finding[]>;
  readonly branch: BranchState | undefined;
  /** What is typed and not saved, by path. */
  readonly typed: ReadonlyMap<string, string>;
}

/** The findings of a file as they were sent: with these, on this text. */
interface SentFile {
  readonly text: string | undefined;
  readonly signature: string;
}

/** Lints folders for an editor: answers only what has changed, and knows the last run for fixes and hovers. */
export class EditorLinter {
  private linter: WorkspaceLinter;
  private bound: BoundProjects | undefined;
  private readonly folders = new Map<string, Folder>();
  private readonly branches = new Map<string, BranchState | undefined>();
  private readonly settingsTexts = new Map<string, string | undefined>();
  /** What was answered last, by root. */
  private readonly sent = new Map<string, { readonly files: Map<string, SentFile>; projects: string }>();
  private cancelled: Int32Array | undefined;

  constructor(private readonly parts: EditorLinterParts) {
    this.linter = this.newLinter();
  }

  setReading(reading: DatabaseReading | undefined): void {
    this.bound = reading && new BoundProjects(reading);
  }

  async lint(request: LintRequest): Promise<LintDone> {
    this.cancelled = request.cancelled;
    try {
      return await this.run(request);
    } catch (error) {
      // A run that was left in the middle leaves its schemas in the middle too.
      if (error instanceof LintCancelled) this.linter = this.newLinter();
      throw error;
    } finally {
      this.cancelled = undefined;
    }
  }

  undoText(file: string): string | undefined {
    for (const { byPath } of this.folders.values())
      for (const { fix } of byPath.get(file) ?? []) if (fix?.kind === 'create-undo') return fix.text;
    return undefined;
  }

  async fixes(file: string, findings: readonly number[]): Promise<Pick<FixesDone, 'fixes' | 'isSettled'>> {
    const folder = [...this.folders.values()].find(({ byPath }) => byPath.has(file));
    if (!folder) return { fixes: [], isSettled: false };
    const settled = this.settledBy(folder, file);
    const textOf = (wanted: string): string | undefined => scriptOf(folder.lint, wanted)?.text;
    const { files, grammar } = this.parts;
    const fixes: PlacedFix[] = [];
    for (const index of findings) {
      const finding = folder.byPath.get(file)?.[index];
      if (!finding) continue;
      for (const fix of await fixesInWorkspace(this.linter, folder.lint, finding, files, grammar)) {
        if (settled && fix.edits.some((edit) => edit.path === file)) continue;
        // Of two scripts with one version no more than one has run, and git does not know which.
        if (settled === 'database' && fix.renames.some(({ from }) => from === file)) continue;
        const done = await placeFix(index, fix, textOf, files);
        if (done) fixes.push(done);
      }
    }
    return { fixes, isSettled: settled !== undefined };
  }

  /** What is typed into a script that git's main branch holds is looked at as a new one is. */
  private settledBy({ lint, branch, typed }: Folder, file: string): ReturnType<typeof settledBy> {
    const own = lint.linted.find(({ scripts }) => scripts.some((script) => script.path === file));
    const script = own?.scripts.find((one) => one.path === file);
    if (!own || !script) return undefined;
    const applied = this.bound?.appliedOf(own.scripts, own.project);
    const known = typeof applied === 'object' ? applied : undefined;
    return settledBy(script, known, typed.has(file) ? undefined : branch);
  }

  /** What is known of the statement at a place, from 0. */
  statement(file: string, line: number, column: number): ShownStatement | undefined {
    const script = [...this.folders.values()].map(({ lint }) => scriptOf(lint, file)).find((one) => one !== undefined);
    if (!script) return undefined;
    const columns = new LineColumns(script.text);
    const offset = columns.offsetAt(line + 1, column + 1);
    return this.linter.look(file, offset, (context) => {
      const { start, end } = context.statement;
      const range = placed(columns, script.toText(start), script.toText(end, true));
      return { range, lines: describeStatement(context) };
    });
  }

  private async run(request: LintRequest): Promise<LintDone> {
    const { id, root, settings: editor, mayAskGit, unsaved, filesUnchanged } = request;
    if (request.afresh) this.sent.delete(root);
    const texts = new Map(unsaved);
    const settings = folderSettings(root, await this.settingsText(root, texts, filesUnchanged), editor);
    const branch = await this.branchOf(root, settings, mayAskGit, filesUnchanged);
    const scopes = new Map<FlywayProject, ShownScope>();
    const { bound } = this;
    const lint = await this.linter.lint(root, {
      requireReason: settings.requireReason,
      severities: settings.severities,
      folders: settings.folders,
      locations: settings.locations,
      ...(settings.locationsFrom !== undefined && { locationsFrom: settings.locationsFrom }),
      environment: this.parts.environment,
      unsaved: texts,
      filesUnchanged,
      branch,
      looksAtAll: settings.scope === 'all',
      databaseOf: (project) => bound?.factsOf(project),
      pendingOf: (scripts) => (branch ? pendingOrTyped(scripts, branch, texts) : undefined),
      appliedOf: (scripts, project) => {
        const applied = bound?.appliedOf(scripts, project);
        scopes.set(project, scopeOf(settings, mayAskGit, branch, bound, project, applied));
        return typeof applied === 'object' ? applied : undefined;
      },
      onScript: (at, of) => {
        this.check();
        if (at % 25 === 0) this.parts.onProgress(id, at, of);
      },
    });
    const byPath = groupByPath(lint.findings);
    this.folders.set(root, { lint, byPath, branch, typed: texts });
    const counts: Record<FindingSeverity, number> = { error: 0, warning: 0, information: 0, hint: 0 };
    for (const { severity } of lint.findings) counts[severity]++;
    const mistakes = [...settings.mistakes, ...(await unreadableFiles(lint.projects, this.parts.files))];
    for (const { isError } of mistakes) counts[isError ? 'error' : 'warning']++;
    const isPending = branch
      ? (script: LintScript) =>
          !branch.present.has(script.path) || branch.changed.has(script.path) || texts.has(script.path)
      : () => true;
    return {
      id,
      ok: true,
      kind: 'lint',
      changed: this.changes(root, lint, byPath),
      counts,
      scripts: lint.scripts.length,
      folders: [
        ...new Set([
          ...lint.projects.flatMap((project) => project.migrationFolders),
          ...lint.scripts.map((script) => path.posix.dirname(script.path)),
        ]),
      ],
      problems: lint.projects.flatMap((project) => project.problems),
      mistakes,
      projects: await this.shown(root, lint, scopes, isPending),
    };
  }

  /** Only what a person would see differently is sent. */
  private changes(
    root: string,
    { scripts }: WorkspaceLint,
    byPath: ReadonlyMap<string, readonly Finding[]>,
  ): (readonly [string, readonly PlacedFinding[]])[] {
    const last = this.sent.get(root) ?? { files: new Map<string, SentFile>(), projects: '' };
    this.sent.set(root, last);
    const texts = new Map(scripts.map((script) => [script.path, script.text]));
    const changed: (readonly [string, readonly PlacedFinding[]])[] = [];
    for (const [file, findings] of byPath) {
      const text = texts.get(file);
      const signature = findings.map(signatureOf).join('\n');
      const before = last.files.get(file);
      if (before?.signature === signature && before.text === text) continue;
      last.files.set(file, { text, signature });
      const columns = text === undefined ? undefined : new LineColumns(text);
      changed.push([file, findings.map((finding) => place(finding, columns))]);
    }
    for (const file of [...last.files.keys()]) {
      if (byPath.has(file)) continue;
      last.files.delete(file);
      changed.push([file, []]);
    }
    return changed;
  }

  private async shown(
    root: string,
    lint: WorkspaceLint,
    scopes: ReadonlyMap<FlywayProject, ShownScope>,
    isPending: (script: LintScript) => boolean,
  ): Promise<LintDone['projects']> {
    const last = this.sent.get(root);
    const projects = await showProjects(lint, scopes, this.bound, isPending, this.parts.files);
    const signature = JSON.stringify(projects);
    if (!last || last.projects === signature) return undefined;
    last.projects = signature;
    return projects;
  }

  private async settingsText(
    root: string,
    unsaved: ReadonlyMap<string, string>,
    filesUnchanged: boolean,
  ): Promise<string | undefined> {
    const file = `${root}/${settingsFileName}`;
    const typed = unsaved.get(file);
    if (typed !== undefined) return typed;
    if (!filesUnchanged || !this.settingsTexts.has(root)) {
      const bytes = await this.parts.files.read(file);
      this.settingsTexts.set(root, bytes && new TextDecoder().decode(bytes));
    }
    return this.settingsTexts.get(root);
  }

  private async branchOf(
    root: string,
    { scope }: FolderSettings,
    mayAskGit: boolean,
    filesUnchanged: boolean,
  ): Promise<BranchState | undefined> {
    if (scope === 'all' || !mayAskGit) return undefined;
    if (!filesUnchanged || !this.branches.has(root))
      this.branches.set(root, await this.parts.readBranch(root).catch(() => undefined));
    return this.branches.get(root);
  }

  private check(): void {
    if (this.cancelled && Atomics.load(this.cancelled, 0) !== 0) throw new LintCancelled();
  }

  /** Every file that is read and every statement that is parsed asks whether somebody still waits. */
  private newLinter(): WorkspaceLinter {
    const { files, grammar } = this.parts;
    return new WorkspaceLinter(
      {
        list: (folder) => files.list(folder),
        real: (file) => files.real(file),
        read: (file) => {
          this.check();
          return files.read(file);
        },
      },
      {
        parse: (statement) => {
          this.check();
          return grammar.parse(statement);
        },
      },
    );
  }
}

function groupByPath(findings: readonly Finding[]): Map<string, Finding[]> {
  const groups = new Map<string, Finding[]>();
  for (const finding of findings) {
    const others = groups.get(finding.path);
    if (others) others.push(finding);
    else groups.set(finding.path, [finding]);
  }
  return groups;
}

const signatures = new WeakMap<Finding, string>();

function signatureOf(finding: Finding): string {
  const signature = signatures.get(finding) ?? newSignature(finding);
  signatures.set(finding, signature);
  return signature;
}

/** Everything that is sent of a finding, without the text of an undo, which is written when it is asked for. */
function newSignature({ rule, severity, start, end, message, fix, related }: Finding): string {
  const offered = fix?.kind === 'create-undo' ? fix.name : fix?.to;
  return JSON.stringify([rule, severity, start, end, message, offered, related]);
}

function scriptOf({ scripts }: WorkspaceLint, file: string): LintScript | undefined {
  return scripts.find((script) => script.path === file);
}

/** What is typed and not saved differs from the branch, as far as anybody knows. */
function pendingOrTyped(
  scripts: readonly LintScript[],
  branch: BranchState,
  typed: ReadonlyMap<string, string>,
): Set<string> {
  const pending = pendingOn(scripts, branch);
  for (const { path: file } of scripts) if (typed.has(file)) pending.add(file);
  return pending;
}

function scopeOf(
  { scope }: FolderSettings,
  mayAskGit: boolean,
  branch: BranchState | undefined,
  bound: BoundProjects | undefined,
  project: FlywayProject,
  applied: ReturnType<BoundProjects['appliedOf']> | undefined,
): ShownScope {
  if (scope === 'all') return { kind: 'all', why: 'setting' };
  if (bound && typeof applied === 'object')
    return { kind: 'database', name: bound.reading.name, history: bound.historyOf(project) };
  if (branch) return { kind: 'branch', name: branch.name };
  if (typeof applied === 'string') return { kind: 'all', why: 'unknown history', detail: applied };
  return { kind: 'all', why: mayAskGit ? 'no branch' : 'untrusted' };
}

function place({ fix, ...finding }: Finding, columns: LineColumns | undefined): PlacedFinding {
  const offered = fix?.kind === 'create-undo' ? ({ kind: 'create-undo', name: fix.name } as const) : fix;
  return { ...finding, ...(offered && { fix: offered }), range: placed(columns, finding.start, finding.end) };
}
