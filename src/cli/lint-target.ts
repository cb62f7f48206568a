import { stat } from 'node:fs/promises';
import path from 'node:path';
import { scanFileName } from '../core/flyway/file-name';
import { isProjectFile, isUnknown, type FlywayProject } from '../core/flyway/find-projects';
import type { MigrationState } from '../core/flyway/history-states';
import { isVersionedOrRepeatable } from '../core/flyway/scan-scripts';
import { fileStates, missingScripts, type BoundProjects } from '../core/lint/bound-projects';
import type { LintScript } from '../core/lint/lint-script';
import type { LintTeam } from '../core/lint/lint-team';
import { WorkspaceLinter, type WorkspaceLint, type WorkspaceLintOptions } from '../core/lint/lint-workspace';
import { pendingOn, type BranchState } from '../core/lint/rules/branch';
import { unknownRules } from '../core/lint/rule-names';
import { readSettingsFile, settingsFileName, SettingsFileError, type SettingsFile } from '../core/lint/settings-file';
import type { FileSystem } from '../core/ports/file-system';
import type { Grammar } from '../core/sql/grammar';
import { BranchError, readBranch } from '../files/git-branch';
import { blockingFiles, slashes } from '../files/local-files';
import { readBoundDatabase } from './bound-database';
import { bareScripts, foldersAbove, isBelow, projectAround } from './project-around';
import { UsageError } from './usage';

export interface TargetOptions {
  readonly locations: readonly string[];
  /** A reference of git; undefined: git is not asked. */
  readonly changedSince: string | undefined;
  /** A connection string of the database that the scripts are for; undefined: none is asked. */
  readonly database?: string | undefined;
}

/**
 * Lints every path that is given: a project's folder, a folder of scripts, or one script; the configuration of the project
 * around counts. What has not changed since the run before is not parsed again.
 */
export class TargetLinter {
  readonly workspace: WorkspaceLinter;
  private bound: BoundProjects | undefined;

  constructor(
    readonly grammar: Grammar,
    private readonly paths: readonly string[],
    private readonly options: TargetOptions,
    team?: LintTeam,
    readonly files: FileSystem = blockingFiles,
  ) {
    this.workspace = new WorkspaceLinter(files, grammar, team);
  }

  /** @param tell is given what is wrong with a path or a configuration, though it stops nothing */
  async lint(tell?: (problem: string) => void): Promise<WorkspaceLint[]> {
    const { database } = this.options;
    if (database !== undefined && !this.bound) {
      // The names of the histories stand in the projects' configurations.
      const found = (await this.run(undefined)).flatMap(({ projects }) => projects);
      this.bound = await readBoundDatabase(
        database,
        found.map(({ config }) => config.table),
      );
    }
    const results = await this.run(tell);
    if (this.bound) for (const remark of remarksOn(results, this.bound)) tell?.(remark);
    return results;
  }

  /** The state of each script in the history of the database, by path; empty without one. */
  statesOf(results: readonly WorkspaceLint[]): ReadonlyMap<string, MigrationState> {
    const { bound } = this;
    if (!bound) return new Map();
    return new Map(
      results
        .flatMap(({ linted }) => linted)
        .flatMap(({ project, scripts }) => {
          const applied = bound.appliedOf(scripts, project);
          return typeof applied === 'string' ? [] : fileStates(applied);
        })
        .map(({ path: file, state }) => [file, state]),
    );
  }

  private async run(tell: ((problem: string) => void) | undefined): Promise<WorkspaceLint[]> {
    const results: WorkspaceLint[] = [];
    for (const given of this.paths) {
      const target = path.resolve(given);
      const found = await stat(target).catch(() => undefined);
      if (!found) throw new UsageError(`There is no ${given}.`);
      const told = new Set<string>();
      const own = await lintTarget(this.workspace, slashes(target), found.isFile(), this.options, this.bound);
      for (const problem of own.flatMap(({ projects }) => projects.flatMap((project) => project.problems)))
        told.add(problem);
      for (const problem of told) tell?.(problem);
      if (own.every(({ scripts }) => scripts.length === 0))
        tell?.(found.isFile() ? `${given} is no migration.` : `there are no migrations in ${slashes(target)}.`);
      results.push(...own);
    }
    return results;
  }
}

/** Why no history counts for a project, and what was applied and has no script. */
function remarksOn(results: readonly WorkspaceLint[], bound: BoundProjects): Set<string> {
  const { name } = bound.reading;
  return new Set(
    results
      .flatMap(({ linted }) => linted)
      .flatMap(({ project, scripts }) => {
        const applied = bound.appliedOf(scripts, project);
        if (typeof applied === 'string')
          return [`what ${name} has applied of ${project.folder} is not known: ${applied}.`];
        return missingScripts(applied).map((script) => `applied on ${name}, and not here: ${script}.`);
      }),
  );
}

async function lintTarget(
  linter: WorkspaceLinter,
  given: string,
  isFile: boolean,
  options: TargetOptions,
  bound: BoundProjects | undefined,
): Promise<WorkspaceLint[]> {
  const folder = isFile ? path.posix.dirname(given) : given;
  const settings = await settingsNear(folder);
  const lint = async (root: string, locations: readonly string[]): Promise<WorkspaceLint> => {
    const branch = options.changedSince === undefined ? undefined : await branchOf(root, options.changedSince);
    const plain: WorkspaceLintOptions = {
      requireReason: settings.file.requireReason ?? true,
      severities: settings.file.rules,
      folders: { root: settings.folder, rules: settings.file.folders },
      locations,
      locationsFrom: locations === settings.file.locations ? settingsFileName : 'the command line',
      environment: process.env,
      unsaved: new Map<string, string>(),
      branch,
      ...(bound && {
        databaseOf: (project: FlywayProject) => bound.factsOf(project),
        appliedOf: (scripts: readonly LintScript[], project: FlywayProject) => {
          const applied = bound.appliedOf(scripts, project);
          return typeof applied === 'string' ? undefined : applied;
        },
      }),
    };
    // A file whose folder is given by --locations may lie outside of what git was asked for.
    return branch
      ? linter.lint(root, { ...plain, pendingOf: (scripts) => pendingOn(scripts, branch) })
      : linter.lint(root, plain);
  };
  const below = (all: WorkspaceLint): WorkspaceLint => ({
    ...all,
    scripts: all.scripts.filter((script) => isBelow(script.path, given)),
    codeMigrations: all.codeMigrations.filter((migration) => isBelow(migration.path, given)),
    findings: all.findings.filter((finding) => isBelow(finding.path, given)),
  });
  if (options.locations.length > 0) {
    const root = isFile ? slashes(process.cwd()) : given;
    return [isFile ? below(await lint(root, options.locations)) : await lint(root, options.locations)];
  }
  if (settings.file.locations.length > 0) {
    const all = await lint(settings.folder, settings.file.locations);
    return [given === settings.folder ? all : below(all)];
  }
  const around = await projectAround(folder);
  // A configuration that cannot be read is told, whatever is found without it.
  const blind: WorkspaceLint[] = [];
  if (around !== undefined) {
    const all = await lint(around, []);
    const own = given === around ? all : below(all);
    if (own.scripts.length > 0) return [own];
    if (all.projects.some(isUnknown)) blind.push(below(all));
  }
  if (isFile) return [below(await lint(folder, ['filesystem:.'])), ...blind];
  if (await isFolderOfScripts(given)) return [await lint(given, ['filesystem:.']), ...blind];
  const result = await lint(given, []);
  if (result.scripts.length > 0) return [result, ...blind];
  const bare: WorkspaceLint[] = [];
  for (const { root, locations } of await bareScripts(given)) bare.push(await lint(root, locations));
  if (around !== given && result.projects.some(isUnknown)) blind.push(result);
  return bare.length > 0 ? [...bare, ...blind] : [result];
}

/** The nearest `dbops.toml` above, as far as the repository's root, else that of the working folder. */
async function settingsNear(folder: string): Promise<{ file: SettingsFile; folder: string }> {
  const places: string[] = [];
  for (const place of foldersAbove(folder)) {
    places.push(place);
    if (await blockingFiles.list(`${place}/.git`)) break;
  }
  for (const place of [...places, slashes(process.cwd())]) {
    const bytes = await blockingFiles.read(`${place}/${settingsFileName}`);
    if (!bytes) continue;
    try {
      const file = readSettingsFile(new TextDecoder().decode(bytes));
      // A misspelt rule would be one that nobody is held to.
      for (const { id, meant } of unknownRules([file, ...file.folders].flatMap(({ rules }) => Object.keys(rules))))
        throw new SettingsFileError(
          `there is no rule "${id}"${meant === undefined ? '' : `; did you mean ${meant}?`}`,
          id,
        );
      return { file, folder: place };
    } catch (error) {
      if (!(error instanceof SettingsFileError)) throw error;
      throw new UsageError(`${place}/${settingsFileName}: ${error.message}`);
    }
  }
  return { file: { requireReason: undefined, locations: [], rules: {}, folders: [] }, folder };
}

async function branchOf(folder: string, reference: string): Promise<BranchState | undefined> {
  try {
    return await readBranch(folder, reference);
  } catch (error) {
    if (!(error instanceof BranchError)) throw error;
    throw new UsageError(`--changed-since ${reference}: ${error.message}`);
  }
}

/** Migrations lie in the folder itself, and no configuration sends Flyway elsewhere. */
async function isFolderOfScripts(folder: string): Promise<boolean> {
  const entries = (await blockingFiles.list(folder)) ?? [];
  return (
    entries.some(({ name, kind }) => kind === 'file' && isVersionedOrRepeatable(scanFileName(name))) &&
    !entries.some(({ name }) => isProjectFile(name))
  );
}
