import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { projectRoot } from '../../test/lab/project-root';
import { merge, summarize, type SuiteResult } from '../../test/runner/report';
import type { SuiteOptions } from './suite';
import { watchReport } from './watch-report';

/** The files of a suite, in the order they run. */
export function testFiles(suite: string, only?: readonly string[]): string[] {
  const folder = path.join(projectRoot, 'test', suite);
  const found = existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: 'utf8' }) : [];
  return found
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => `test/${suite}/${name.replaceAll('\\', '/')}`)
    .filter((file) => only === undefined || only.includes(file))
    .toSorted();
}

/** A fresh file for a suite's report. */
export function reportFile(suite: string): string {
  const file = path.join(projectRoot, 'out', 'reports', `${suite}-${process.pid}.jsonl`);
  mkdirSync(path.dirname(file), { recursive: true });
  rmSync(file, { force: true });
  return file;
}

/**
 * Runs a suite that needs no VS Code around it: mocha in Nodes of its own.
 * @param silenceMs the suite is ended when a single test or hook takes longer, in ms
 * @param processes how many share the files. Tests that mostly wait for a server gain by it, those that compute do not
 */
export async function runNodeSuite(
  suite: string,
  options: SuiteOptions,
  silenceMs: number,
  processes = 1,
): Promise<SuiteResult> {
  const files = testFiles(suite, options.files);
  if (files.length === 0) return summarize([{ event: 'end' }], suite, `There is no test/${suite}/**/*.test.ts.`);
  // A process none of whose files has a test of that title would count as one that ran nothing.
  const several = options.grep === undefined ? Math.min(processes, files.length) : 1;
  const shares = Array.from({ length: several }, (_, share) => files.filter((__, index) => index % several === share));
  return merge(await Promise.all(shares.map((share) => runMocha(suite, share, options.grep, silenceMs))));
}

let reports = 0;

async function runMocha(
  suite: string,
  files: readonly string[],
  grep: string | undefined,
  silenceMs: number,
): Promise<SuiteResult> {
  const report = reportFile(`${suite}-${++reports}`);
  const mocha = path.join('node_modules', 'mocha', 'bin', 'mocha.js');
  const args = ['--import', 'tsx', mocha, '--reporter', path.join('test', 'runner', 'reporter.cjs')];
  const filter = grep === undefined ? [] : ['--grep', grep];
  const supervisor = path.join('scripts', 'supervise.mjs');
  const child = spawn(process.execPath, [supervisor, process.execPath, ...args, ...filter, ...files], {
    cwd: projectRoot,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, DBOPS_REPORT: report },
  });
  let output = '';
  const collect = (text: string): void => void (output = (output + text).slice(-20_000));
  child.stdout.setEncoding('utf8').on('data', collect);
  child.stderr.setEncoding('utf8').on('data', collect);
  const watch = watchReport(report, silenceMs);
  let why = '';
  void watch.over.then((how) => {
    if (how === 'ended') return;
    why = `Nothing happened for ${silenceMs / 1000} s.`;
    child.stdin.end();
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const events = watch.stop();
  if (code !== 0 && why === '') why = `Exit ${code ?? 'by signal'}.`;
  return summarize(events, suite, why && `${why}\n${output}`);
}
