import path from 'node:path';
import { parseArgs } from 'node:util';
import { isUnknown } from '../core/flyway/find-projects';
import type { MigrationState } from '../core/flyway/history-states';
import type { WorkspaceLint } from '../core/lint/lint-workspace';
import { blockingFiles, slashes } from '../files/local-files';
import { formatConfigs, printedConfigs } from './config';
import { DraftFiles } from './draft-files';
import { explain } from './explain';
import { grammarForOneRun } from './grammar-for-one-run';
import { describeScripts } from './info';
import { fixTargets } from './fix';
import { TargetLinter } from './lint-target';
import { lintInThread, LintThreads } from './lint-threads';
import { formatFindings, lintFormats, printedFindings } from './print-findings';
import { usage, UsageError } from './usage';

async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parse(args);
  if (values.help === true) return print(usage);
  const [command, ...given] = positionals;
  if (command !== 'info' && command !== 'lint')
    throw new UsageError(command === undefined ? 'A command is missing.' : `There is no command "${command}".`);
  if (values.explain !== undefined) return print(await explain(values.explain));
  const format = oneOf(values.format ?? 'text', command === 'info' ? (['text', 'json'] as const) : lintFormats);
  const changedSince = values['changed-since'];
  const grammar = await grammarForOneRun();
  const paths = given.length === 0 ? ['.'] : given;
  const options = { locations: values.locations ?? [], changedSince, database: values.database };
  // What a fix asks for is remembered by the thread that has linted, and no other has what a database tells.
  const linter = new TargetLinter(
    grammar,
    paths,
    options,
    values.fix === true || values.database !== undefined ? undefined : new LintThreads(__filename),
  );
  if (values['dry-run'] === true && values.fix !== true) throw new UsageError('--dry-run goes with --fix.');
  if (command === 'lint' && values.fix === true) {
    const dryRun = values['dry-run'] === true;
    // What is only tried is written over the files in memory: a fix may lead to others.
    const drafts = dryRun ? new DraftFiles(blockingFiles) : undefined;
    const { applied, failed } = drafts
      ? await fixTargets(new TargetLinter(grammar, paths, options, undefined, drafts), { changedSince, disk: drafts })
      : await fixTargets(linter, { changedSince });
    for (const { path: file, rule, title } of applied)
      tell(`${shown(file)}: ${dryRun ? 'would be fixed' : 'fixed'} (${rule}): ${title}`);
    for (const problem of failed) tell(`not fixed: ${problem}`);
    if (applied.length === 0) tell('nothing to fix without a person who looks at it.');
  }
  const results = await linter.lint(tell);
  if (command === 'info') {
    const simple = format === 'json' ? 'json' : 'text';
    return values.config === true
      ? print(formatConfigs(printedConfigs(results, shown), simple))
      : printInfo(results, linter.statesOf(results), simple);
  }
  const findings = printedFindings(results, shown);
  const files = new Set(results.flatMap(({ scripts }) => scripts.map(({ path: file }) => file))).size;
  const text = formatFindings(findings, files, format);
  if (text !== '') print(text);
  if (results.some(({ projects }) => projects.some(isUnknown))) return 3;
  return findings.some(({ severity }) => severity === 'error' || severity === 'warning') ? 1 : 0;
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        format: { type: 'string' },
        locations: { type: 'string', multiple: true },
        config: { type: 'boolean' },
        'changed-since': { type: 'string' },
        database: { type: 'string' },
        explain: { type: 'string' },
        fix: { type: 'boolean' },
        'dry-run': { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function oneOf<Value extends string>(value: string, allowed: readonly Value[]): Value {
  const found = allowed.find((one) => one === value);
  if (found === undefined) throw new UsageError(`--format takes ${allowed.join(', ')}, not "${value}".`);
  return found;
}

function printInfo(
  results: readonly WorkspaceLint[],
  states: ReadonlyMap<string, MigrationState>,
  format: 'text' | 'json',
): number {
  // Paths that are given may lie inside each other.
  const byPath = new Map(results.flatMap((lint) => describeScripts(lint, states)).map((info) => [info.path, info]));
  const infos = [...byPath.values()].map((info) => ({ ...info, path: shown(info.path) }));
  if (format === 'json') return print(JSON.stringify(infos, null, 2));
  for (const info of infos)
    print(
      [
        info.kind.padEnd(10),
        info.version ?? '',
        info.path,
        info.state ?? '',
        info.reason === undefined ? '' : `(${info.reason})`,
      ]
        .filter(Boolean)
        .join('  '),
    );
  return 0;
}

/** Relative to the working folder where it lies below it. */
function shown(file: string): string {
  const relative = path.relative(process.cwd(), file);
  return slashes(relative.startsWith('..') || path.isAbsolute(relative) ? file : relative);
}

/** For the person, beside the result. */
function tell(text: string): void {
  process.stderr.write(`dbops: ${text}\n`);
}

function print(text: string): 0 {
  process.stdout.write(`${text}\n`);
  return 0;
}

// Whoever reads has seen enough: `dbops lint | head`.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

(lintInThread() ?? main(process.argv.slice(2))).then(
  (code) => {
    if (code !== undefined) process.exitCode = code;
  },
  (error: unknown) => {
    const asked = error instanceof UsageError;
    process.stderr.write(
      `dbops: ${error instanceof Error ? (asked ? error.message : (error.stack ?? error.message)) : String(error)}\n${asked ? 'dbops --help tells more.\n' : ''}`,
    );
    process.exitCode = 2;
  },
);
