import type { CodeMigration } from '../flyway/code-migrations';
import type { DatabaseKind } from '../flyway/database-kind';
import type { FlywayProject } from '../flyway/find-projects';
import type { FlywayConfig } from '../flyway/flyway-config';
import type { FileSystem } from '../ports/file-system';
import { loadDialect, type Dialect } from '../rollback/dialects/dialect';
import type { Grammar } from '../sql/grammar';
import type { Finding } from './finding';
import { lintProject, newMemory, type LintOptions, type ProjectMemory } from './lint-project';
import { LintScript } from './lint-script';
import type { LintTeam, TeamFinding, TeamTask } from './lint-team';
import type { AppliedState } from './rules/applied';
import type { DatabaseFacts } from './script-context';
import type { StatementContext } from './statement-context';
import { survey, type SurveyedProject, type SurveyedScript } from './survey';

/** One project of a run, with its scripts. */
export interface LintedProject {
  readonly project: FlywayProject;
  readonly scripts: readonly LintScript[];
  readonly codeMigrations: readonly CodeMigration[];
}

/** What one run over a folder found. */
export interface WorkspaceLint {
  readonly findings: readonly Finding[];
  readonly projects: readonly FlywayProject[];
  readonly scripts: readonly LintScript[];
  readonly linted: readonly LintedProject[];
  /** Migrations that are classes: known by their names, and not looked into. */
  readonly codeMigrations: readonly CodeMigration[];
}

export interface WorkspaceLintOptions extends LintOptions {
  readonly locations: readonly string[];
  /** Who gave the locations, to be told with them; the setting where nothing is said. */
  readonly locationsFrom?: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Texts that are newer than the files: unsaved documents. */
  readonly unsaved: ReadonlyMap<string, string>;
  /** Nothing on the disk has changed since the last run with the same locations: only unsaved texts may have. */
  readonly filesUnchanged?: boolean;
  /** Every script is looked at, applied or not, and none of their tables counts as new for that. */
  readonly looksAtAll?: boolean;
  /** Which of a project's scripts have not been applied, where that is known only when they are found. */
  readonly pendingOf?: (scripts: readonly LintScript[]) => ReadonlySet<string> | undefined;
  /** What a bound database tells of a project's server and tables; the same object as long as it tells the same. */
  readonly databaseOf?: (project: FlywayProject) => DatabaseFacts | undefined;
  /** What a bound database has applied of a project; undefined where none tells. It goes before all else. */
  readonly appliedOf?: (scripts: readonly LintScript[], project: FlywayProject) => AppliedState | undefined;
}

interface CachedScript {
  readonly script: LintScript;
  readonly text: string;
  readonly problem: SurveyedScript['problem'];
  readonly config: FlywayConfig;
}

/** Reads the projects of a folder and lints them. Scripts that did not change since the last run are not parsed again. */
export class WorkspaceLinter {
  private readonly surveys = new Map<string, readonly SurveyedProject[]>();
  private readonly memories = new Map<string, ProjectMemory>();
  private readonly dialects = new Map<DatabaseKind, Dialect>();
  private readonly cached = new Map<string, ReadonlyMap<string, CachedScript>>();

  constructor(
    private readonly files: FileSystem,
    private readonly grammar: Grammar,
    private readonly team?: LintTeam,
  ) {}

  async lint(root: string, options: WorkspaceLintOptions): Promise<WorkspaceLint> {
    const key = [root, ...options.locations].join('\0');
    const known = options.filesUnchanged === true ? this.surveys.get(key) : undefined;
    const surveyed =
      known ?? (await survey(this.files, root, options.environment, options.locations, options.locationsFrom));
    this.surveys.set(key, surveyed);
    const before = this.cached.get(root);
    const kept = new Map<string, CachedScript>();
    const linted: LintedProject[] = [];
    const tasks: TeamTask[] = [];
    for (const one of surveyed) {
      const { project, scripts, codeMigrations } = one;
      const own = scripts.map((script) => {
        const cached = this.scriptOf(script, options.unsaved.get(script.path), before?.get(script.path));
        kept.set(script.path, cached);
        return cached.script;
      });
      linted.push({ project, scripts: own, codeMigrations });
      tasks.push({ surveyed: one, options: optionsOf(options, own, one) });
    }
    // Who has been told more than data, or has linted before, goes on alone.
    const isPlain = ({ options: { database, onScript } }: TeamTask): boolean => !database && !onScript;
    const shared = before === undefined && tasks.every(isPlain) ? this.team?.share(tasks) : undefined;
    const findings: (readonly Finding[] | undefined)[] = [];
    const lint = async (index: number): Promise<readonly Finding[]> => {
      const [one, task] = [linted[index], tasks[index]];
      if (!one || !task) return [];
      const { config } = one.project;
      const dialect = await this.dialectOf(config.database.value);
      return lintProject(one.scripts, config, task.options, { ...this.memoryOf(key, one.project), dialect });
    };
    for (const index of tasks.keys()) findings[index] = shared?.take(index) === false ? undefined : await lint(index);
    const others = await shared?.rest();
    for (const index of tasks.keys()) findings[index] ??= others?.get(index) ?? (await lint(index));
    this.cached.set(root, kept);
    return {
      findings: findings.flatMap((found) => found ?? []),
      projects: surveyed.map(({ project }) => project),
      scripts: [...kept.values()].map(({ script }) => script),
      linted,
      codeMigrations: surveyed.flatMap((one) => one.codeMigrations),
    };
  }

  /** Looks at the statement at an offset of a script of the last run, on the schema before it. */
  look<T>(path: string, offset: number, at: (context: StatementContext) => T): T | undefined {
    for (const { replay } of this.memories.values()) {
      const found = replay.look(path, offset, (context) => ({ value: at(context) }));
      if (found) return found.value;
    }
    return undefined;
  }

  /** What is known of a project's scripts from the last run. */
  private memoryOf(key: string, { folder, migrationFolders }: FlywayProject): ProjectMemory {
    const id = [key, folder, ...migrationFolders].join('\0');
    const known = this.memories.get(id) ?? newMemory(this.grammar);
    this.memories.set(id, known);
    return known;
  }

  private async dialectOf(kind: DatabaseKind): Promise<Dialect | undefined> {
    const known = this.dialects.get(kind) ?? (await loadDialect(kind));
    if (known) this.dialects.set(kind, known);
    return known;
  }

  private scriptOf(found: SurveyedScript, unsaved: string | undefined, before: CachedScript | undefined): CachedScript {
    const text = unsaved ?? found.text;
    const problem = unsaved === undefined ? found.problem : undefined;
    const { config } = found;
    const same = before?.text === text && before.problem === problem;
    const unchanged = same && before.script.configProblems.join() === found.configProblems.join();
    if (unchanged && (before.config === config || configText(before.config) === configText(config))) return before;
    // What a person writes is linted again with the next key.
    const script = new LintScript(
      { ...found, text, problem },
      this.grammar,
      unsaved === undefined ? undefined : (before?.script ?? 'none yet'),
    );
    return { script, text, problem, config };
  }
}

/** What is asked of one project, as data. */
function optionsOf(
  options: WorkspaceLintOptions,
  scripts: readonly LintScript[],
  { project, codeMigrations }: SurveyedProject,
): LintOptions {
  const { requireReason, severities, folders, onScript } = options;
  const applied = options.appliedOf?.(scripts, project);
  return {
    requireReason,
    severities,
    folders,
    onScript,
    pending:
      options.looksAtAll === true ? undefined : (applied?.pending ?? options.pendingOf?.(scripts) ?? options.pending),
    applied,
    codeMigrations,
    database: options.databaseOf?.(project) ?? options.database,
    branch: applied ? undefined : options.branch,
  };
}

/** Lints one project from nothing, in another thread. */
export async function lintTask({ surveyed, options }: TeamTask, grammar: Grammar): Promise<TeamFinding[]> {
  const { config } = surveyed.project;
  const scripts = surveyed.scripts.map((script) => new LintScript(script, grammar));
  const dialect = await loadDialect(config.database.value);
  const findings = lintProject(scripts, config, options, { ...newMemory(grammar), ...(dialect && { dialect }) });
  return findings.map(({ fix, ...rest }) => rest);
}

function configText(config: FlywayConfig): string {
  return JSON.stringify([config, [...config.placeholders]]);
}
