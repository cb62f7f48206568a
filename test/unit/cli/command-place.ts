import { spawn, spawnSync, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { projectRoot } from '../../lab/project-root';

export interface CommandResult {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

const fromSources = [
  '--import',
  `file://${path.join(projectRoot, 'node_modules', 'tsx', 'dist', 'loader.mjs')}`,
  path.join(projectRoot, 'src', 'cli', 'dbops.ts'),
];

/** Without what the person who tests has set for Flyway. */
function environment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('FLYWAY_')));
}

/** A folder of its own, in which dbops runs from its sources. */
export class CommandPlace {
  readonly root = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'dbops-cli-')));

  write(files: Readonly<Record<string, string | Uint8Array>>): void {
    for (const [name, content] of Object.entries(files)) {
      const file = path.join(this.root, name);
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, content);
    }
  }

  read(name: string): string | undefined {
    const file = path.join(this.root, name);
    return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
  }

  run(...args: readonly string[]): CommandResult {
    return this.runIn('.', ...args);
  }

  /** The same in a folder of the place. */
  runIn(folder: string, ...args: readonly string[]): CommandResult {
    const { status, stdout, stderr } = spawnSync(process.execPath, [...fromSources, ...args], {
      cwd: path.join(this.root, folder),
      encoding: 'utf8',
      env: environment(),
    });
    return { code: status, out: stdout, err: stderr };
  }

  /** The same, for a test that reads while it runs. */
  start(...args: readonly string[]): ChildProcessWithoutNullStreams {
    return spawn(process.execPath, [...fromSources, ...args], { cwd: this.root, env: environment() });
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}
