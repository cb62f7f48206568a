import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { projectRoot } from '../../lab/project-root';

export interface CommandResult {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
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
    const program = path.join(projectRoot, 'src', 'cli', 'dbops.ts');
    const loader = path.join(projectRoot, 'node_modules', 'tsx', 'dist', 'loader.mjs');
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('FLYWAY_')));
    const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', `file://${loader}`, program, ...args], {
      cwd: path.join(this.root, folder),
      encoding: 'utf8',
      env,
    });
    return { code: status, out: stdout, err: stderr };
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}
