import { stat } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { scanFileName } from '../core/flyway/file-name';
import { LineColumns } from '../core/lint/line-columns';
import { WorkspaceLinter, type WorkspaceLint } from '../core/lint/lint-workspace';
import { loadGrammar } from '../core/sql/grammar';
import { localFiles, slashes } from '../files/local-files';
import { describeScripts } from './info';

const usage = `dbops: Flyway migrations as Flyway reads them, and what lint says of them.

  dbops info [paths] [--format text|json]   what Flyway sees in each file
  dbops lint [paths] [--format text|json]   findings; exit code 1 when there is a warning or an error
  dbops --help

A path is a project's folder (the working folder when none is given), a folder of scripts, or one script.
--locations overrides the configured locations, as Flyway writes them: --locations filesystem:db/migration

Exit codes: 0 nothing found, or only hints and information; 1 a warning or an error; 2 wrong use or a failure.`;

class UsageError extends Error {}

async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parse(args);
  if (values.help === true) {
    print(usage);
    return 0;
  }
  const [command, ...paths] = positionals;
  if (command !== 'info' && command !== 'lint')
    throw new UsageError(command === undefined ? 'A command is missing.' : `There is no command "${command}".`);
  const format = values.format ?? 'text';
  if (format !== 'text' && format !== 'json') throw new UsageError(`--format takes text or json, not "${format}".`);
  const results = await lintAll(paths.length === 0 ? ['.'] : paths, values.locations ?? []);
  return command === 'info' ? printInfo(results, format) : printLint(results, format);
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        format: { type: 'string' },
        locations: { type: 'string', multiple: true },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

async function lintAll(paths: readonly string[], locations: readonly string[]): Promise<WorkspaceLint[]> {
  const linter = new WorkspaceLinter(localFiles, await loadGrammar());
  const results: WorkspaceLint[] = [];
  for (const given of paths) {
    const folder = path.resolve(given);
    const found = await stat(folder).catch(() => undefined);
    if (!found) throw new UsageError(`There is no ${given}.`);
    const result = await lintPath(linter, slashes(folder), found.isFile(), locations);
    for (const problem of result.projects.flatMap((project) => project.problems))
      process.stderr.write(`dbops: ${problem}\n`);
    if (result.scripts.length === 0) process.stderr.write(`dbops: no migrations found below ${given}.\n`);
    results.push(result);
  }
  return results;
}

/** A project's folder; a folder of scripts without a project around it; or one script among its neighbors. */
async function lintPath(
  linter: WorkspaceLinter,
  given: string,
  isFile: boolean,
  locations: readonly string[],
): Promise<WorkspaceLint> {
  const lint = (root: string, places: readonly string[]): Promise<WorkspaceLint> =>
    linter.lint(root, {
      requireReason: true,
      severities: {},
      locations: places,
      environment: process.env,
      unsaved: new Map<string, string>(),
    });
  if (isFile) {
    const only = (all: WorkspaceLint): WorkspaceLint => ({
      ...all,
      scripts: all.scripts.filter((script) => script.path === given),
      findings: all.findings.filter((finding) => finding.path === given),
    });
    // The project around it knows how its files are named; without one the folder stands for it.
    const around = only(await lint(slashes(process.cwd()), locations));
    return around.scripts.length > 0 ? around : only(await lint(path.posix.dirname(given), ['filesystem:.']));
  }
  if (locations.length === 0 && (await isFolderOfScripts(given))) return lint(given, ['filesystem:.']);
  const result = await lint(given, locations);
  return result.scripts.length > 0 || locations.length > 0 ? result : lint(given, ['filesystem:.']);
}

/** Migrations lie in the folder itself, and no configuration sends Flyway elsewhere. */
async function isFolderOfScripts(folder: string): Promise<boolean> {
  const entries = (await localFiles.list(folder)) ?? [];
  return (
    entries.some(
      ({ name, kind }) => kind === 'file' && ['versioned', 'repeatable'].includes(scanFileName(name).kind),
    ) && !entries.some(({ name }) => /^(flyway(\.user)?\.(toml|conf)|pom\.xml|build\.gradle(\.kts)?)$/.test(name))
  );
}

function printInfo(results: readonly WorkspaceLint[], format: 'text' | 'json'): number {
  const infos = results.flatMap(describeScripts).map((info) => ({ ...info, path: shown(info.path) }));
  if (format === 'json') print(JSON.stringify(infos, null, 2));
  else
    for (const info of infos)
      print(
        [info.kind.padEnd(10), info.version ?? '', info.path, info.reason === undefined ? '' : `(${info.reason})`]
          .filter(Boolean)
          .join('  '),
      );
  return 0;
}

function printLint(results: readonly WorkspaceLint[], format: 'text' | 'json'): number {
  const findings = results.flatMap((result) => {
    const columns = new Map(result.scripts.map((script) => [script.path, new LineColumns(script.text)]));
    return result.findings.map((finding) => ({
      path: shown(finding.path),
      rule: finding.rule,
      severity: finding.severity,
      message: finding.message,
      range: {
        start: columns.get(finding.path)?.at(finding.start) ?? { line: 1, column: 1 },
        end: columns.get(finding.path)?.at(finding.end) ?? { line: 1, column: 1 },
      },
    }));
  });
  const files = results.reduce((sum, result) => sum + result.scripts.length, 0);
  if (format === 'json') print(JSON.stringify({ findings, files }, null, 2));
  else {
    for (const { path: file, range, severity, rule, message } of findings)
      print(`${file}:${range.start.line}:${range.start.column}: ${severity} ${rule}: ${message}`);
    print(`${counted(findings.length, 'finding')} in ${counted(files, 'file')}.`);
  }
  return findings.some(({ severity }) => severity === 'error' || severity === 'warning') ? 1 : 0;
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

/** Relative to the working folder where it lies below it. */
function shown(file: string): string {
  const relative = path.relative(process.cwd(), file);
  return slashes(relative.startsWith('..') ? file : relative);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    const asked = error instanceof UsageError;
    process.stderr.write(
      `dbops: ${error instanceof Error ? (asked ? error.message : (error.stack ?? error.message)) : String(error)}\n${asked ? 'dbops --help tells more.\n' : ''}`,
    );
    process.exitCode = 2;
  },
);
