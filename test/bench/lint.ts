import { execFile, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { WorkspaceLinter, type WorkspaceLintOptions } from '../../src/core/lint/lint-workspace';
import { loadGrammar } from '../../src/core/sql/grammar';
import { localFiles } from '../../src/files/local-files';
import { heapInUse } from '../lab/collect-garbage';
import { projectRoot } from '../lab/project-root';
import { median, type Measurement } from './measurement';

/** The peer beside which lint is measured; its program is in its npm package. */
const peer = 'squawk-cli@2.66.0';
const run = promisify(execFile);

const options: WorkspaceLintOptions = {
  requireReason: true,
  severities: {},
  locations: [],
  environment: {},
  unsaved: new Map(),
};

/** A key in a script of 1,000 lines, all scripts of a project from cold, and the same scripts with squawk. */
export async function measureLint(): Promise<Measurement[]> {
  const place = mkdtempSync(path.join(os.tmpdir(), 'dbops-bench-lint-'));
  try {
    return [...(await measureWarm(path.join(place, 'warm'))), ...(await measureCold(path.join(place, 'cold')))];
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

async function measureWarm(root: string): Promise<Measurement[]> {
  const names = writeProject(root, 300);
  const lines = Array.from({ length: 250 }, (_, n) => changeOf(n % 60, n)).join('');
  const file = path.posix.join(root, 'sql', `V${names.length + 1}__big.sql`);
  writeFileSync(file, lines);
  const linter = new WorkspaceLinter(localFiles, await loadGrammar());
  await linter.lint(root, options);
  const middle = lines.indexOf('\n', lines.length / 2) + 1;
  const times: number[] = [];
  for (let key = 0; key < 60; key++) {
    const text = `${lines.slice(0, middle)}SELECT ${key};\n${lines.slice(middle)}`;
    const started = performance.now();
    await linter.lint(root, { ...options, filesUnchanged: true, unsaved: new Map([[file, text]]) });
    times.push(performance.now() - started);
  }
  return [
    {
      what: 'lint: a key in a script of 1,000 lines',
      value: median(times.slice(20)),
      unit: 'ms',
      budget: 30,
      note: `300 scripts before it, ${String(lines.split('\n').length)} lines, warm`,
    },
  ];
}

async function measureCold(root: string): Promise<Measurement[]> {
  const names = writeProject(root, 2_000);
  const program = path.join(projectRoot, 'dist', 'dbops.js');
  const own = clocked(process.execPath, [program, 'lint', '--format', 'json', '.'], root);
  // Not inside of the project, which would be read too.
  const samples = path.join(path.dirname(root), 'samples');
  const copied = copySamples(samples, 2_000);
  const ownSamples = clocked(process.execPath, [program, 'lint', '--format', 'json', '.'], samples);
  const squawk = await installPeer(root).catch(() => undefined);
  const theirs = squawk === undefined ? undefined : clocked(squawk, names, path.join(root, 'sql'));
  const theirSamples = squawk === undefined ? undefined : clocked(squawk, copied, samples);
  const note = squawk !== undefined ? peer : `${peer} is not to be had here`;
  const measured: Measurement[] = [
    { what: 'lint: 2,000 scripts, cold', value: own.ms, unit: 'ms', note: `dbops, ${perSecond(own.ms, names, root)}` },
    { what: 'lint: the same with squawk', value: theirs?.ms, unit: 'ms', note },
    {
      what: `lint: ${String(copied.length)} scripts as people write them, cold`,
      value: ownSamples.ms,
      unit: 'ms',
      note: 'dbops, projects of some 20 scripts, undo scripts compared',
    },
    { what: 'lint: the same with squawk', value: theirSamples?.ms, unit: 'ms', note },
  ];
  const five = path.join(root, 'five');
  writeProject(five, 5_000);
  const linter = new WorkspaceLinter(localFiles, await loadGrammar());
  const before = heapInUse();
  await linter.lint(five, options);
  measured.push({
    what: 'lint: memory for 5,000 scripts',
    value: (heapInUse() - before) / 1024 ** 2,
    unit: 'MiB',
    note: 'heap kept by the linter, over that before',
  });
  // Kept until it is measured.
  await linter.lint(five, { ...options, filesUnchanged: true });
  return measured;
}

/** Exit codes tell findings, and are no failure. */
function clocked(program: string, args: readonly string[], cwd: string): { ms: number } {
  const times = [0, 1, 2].map(() => {
    const started = performance.now();
    const { error } = spawnSync(program, args, { cwd, maxBuffer: 1024 ** 3 });
    if (error) throw error;
    return performance.now() - started;
  });
  return { ms: median(times) };
}

async function installPeer(root: string): Promise<string> {
  const place = path.join(root, 'peer');
  mkdirSync(place, { recursive: true });
  await run('npm', ['install', '--no-save', '--prefix', place, peer], { timeout: 120_000 });
  const program = path.join(place, 'node_modules', 'squawk-cli', 'js', 'bin', 'squawk');
  await run(program, ['--version'], { timeout: 10_000 });
  return program;
}

function perSecond(ms: number, names: readonly string[], root: string): string {
  const bytes = names.reduce((sum, name) => sum + scriptOf(Number(/\d+/.exec(name)?.[0] ?? 0)).length, 0);
  return `${Math.round((names.length / ms) * 1000)} files and ${(bytes / ms / 1000).toPrecision(2)} MB a second, ${path.basename(root)}`;
}

function writeProject(root: string, scripts: number): string[] {
  mkdirSync(path.join(root, 'sql'), { recursive: true });
  writeFileSync(path.join(root, 'flyway.conf'), 'flyway.locations=filesystem:sql\n');
  return Array.from({ length: scripts }, (_, index) => {
    const name = `V${index + 1}__step.sql`;
    writeFileSync(path.join(root, 'sql', name), scriptOf(index + 1));
    return name;
  });
}

/** Projects as they are written, copied until there are so many scripts. */
function copySamples(root: string, scripts: number): string[] {
  const from = path.join(projectRoot, 'test', 'fixtures', 'lint');
  const projects = ['shop', 'clinic', 'ledger', 'booking'];
  const copied: string[] = [];
  for (let copy = 0; copied.length < scripts; copy++) {
    const project = projects[copy % projects.length] ?? '';
    const folder = `${project}${String(copy)}`;
    mkdirSync(path.join(root, folder, 'sql'), { recursive: true });
    writeFileSync(path.join(root, folder, 'flyway.conf'), 'flyway.locations=filesystem:sql\n');
    for (const name of readdirSync(path.join(from, project)).filter((file) => file.endsWith('.sql'))) {
      copyFileSync(path.join(from, project, name), path.join(root, folder, 'sql', name));
      copied.push(path.join(folder, 'sql', name));
    }
  }
  return copied;
}

/** A table now and then, and changes of it between. */
function scriptOf(version: number): string {
  return version % 5 === 1
    ? `CREATE TABLE t${version} (\n  id bigint PRIMARY KEY,\n  a int NOT NULL DEFAULT 0,\n  b text,\n  made timestamptz NOT NULL DEFAULT now()\n);\nCREATE INDEX t${version}_a ON t${version} (a);\nCOMMENT ON TABLE t${version} IS 'the table ${version}';\n`
    : changeOf(Math.floor((version - 1) / 5), version);
}

function changeOf(table: number, number: number): string {
  const name = `t${table * 5 + 1}`;
  return `ALTER TABLE ${name}\n  ADD COLUMN c${number} text,\n  ALTER COLUMN b SET NOT NULL;\nUPDATE ${name} SET c${number} = 'x' WHERE id = ${number};\n`;
}
