import { stat } from 'node:fs/promises';
import path from 'node:path';
import { scanFileName } from '../core/flyway/file-name';
import { WorkspaceLinter, type WorkspaceLint, type WorkspaceLintOptions } from '../core/lint/lint-workspace';
import { pendingOn, type BranchState } from '../core/lint/rules/branch';
import { readSettingsFile, settingsFileName, SettingsFileError, type SettingsFile } from '../core/lint/settings-file';
import { loadGrammar } from '../core/sql/grammar';
import { BranchError, readBranch } from '../files/git-branch';
import { localFiles, slashes } from '../files/local-files';
import { UsageError } from './usage';

export interface TargetOptions {
  readonly locations: readonly string[];
  /** A reference of git; undefined: git is not asked. */
  readonly changedSince: string | undefined;
}

/** Lints every path that is given: a project's folder, a folder of scripts without a project around it, or one script. */
export async function lintTargets(paths: readonly string[], options: TargetOptions): Promise<WorkspaceLint[]> {
  const linter = new WorkspaceLinter(localFiles, await loadGrammar());
  const results: WorkspaceLint[] = [];
  for (const given of paths) {
    const target = path.resolve(given);
    const found = await stat(target).catch(() => undefined);
    if (!found) throw new UsageError(`There is no ${given}.`);
    const result = await lintTarget(linter, slashes(target), found.isFile(), options);
    for (const problem of result.projects.flatMap((project) => project.problems))
      process.stderr.write(`dbops: ${problem}\n`);
    if (result.scripts.length === 0) process.stderr.write(`dbops: no migrations found below ${given}.\n`);
    results.push(result);
  }
  return results;
}

async function lintTarget(
  linter: WorkspaceLinter,
  given: string,
  isFile: boolean,
  options: TargetOptions,
): Promise<WorkspaceLint> {
  const folder = isFile ? path.posix.dirname(given) : given;
  const settings = await settingsNear(folder);
  const branch = options.changedSince === undefined ? undefined : await branchOf(folder, options.changedSince);
  const places = options.locations.length > 0 ? options.locations : settings.file.locations;
  const lint = async (root: string, locations: readonly string[]): Promise<WorkspaceLint> => {
    const plain: WorkspaceLintOptions = {
      requireReason: settings.file.requireReason ?? true,
      severities: settings.file.rules,
      folders: { root: settings.folder, rules: settings.file.folders },
      locations,
      locationsFrom: locations === settings.file.locations ? settingsFileName : 'the command line',
      environment: process.env,
      unsaved: new Map<string, string>(),
      branch,
    };
    // A file whose folder is given by --locations may lie outside of what git was asked for.
    return branch
      ? linter.lint(root, { ...plain, pendingOf: (scripts) => pendingOn(scripts, branch) })
      : linter.lint(root, plain);
  };
  if (isFile) {
    const only = (all: WorkspaceLint): WorkspaceLint => ({
      ...all,
      scripts: all.scripts.filter((script) => script.path === given),
      findings: all.findings.filter((finding) => finding.path === given),
    });
    // The project around it knows how its files are named; without one the folder stands for it.
    const around = only(await lint(slashes(process.cwd()), places));
    return around.scripts.length > 0 ? around : only(await lint(folder, ['filesystem:.']));
  }
  if (places.length === 0 && (await isFolderOfScripts(given))) return lint(given, ['filesystem:.']);
  const result = await lint(given, places);
  return result.scripts.length > 0 || places.length > 0 ? result : lint(given, ['filesystem:.']);
}

/** `dbops.toml` of the folder, else of the working folder. */
async function settingsNear(folder: string): Promise<{ file: SettingsFile; folder: string }> {
  for (const place of [folder, slashes(process.cwd())]) {
    const bytes = await localFiles.read(`${place}/${settingsFileName}`);
    if (!bytes) continue;
    try {
      return { file: readSettingsFile(new TextDecoder().decode(bytes)), folder: place };
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
  const entries = (await localFiles.list(folder)) ?? [];
  return (
    entries.some(
      ({ name, kind }) => kind === 'file' && ['versioned', 'repeatable'].includes(scanFileName(name).kind),
    ) &&
    !entries.some(({ name }) =>
      /^(flyway[\w.-]*\.(toml|conf)|pom\.xml|build\.gradle(\.kts)?|application[\w.-]*\.(ya?ml|properties))$/.test(name),
    )
  );
}
