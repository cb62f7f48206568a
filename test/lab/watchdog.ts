import { spawn, type ChildProcess } from 'node:child_process';
import { rmSync } from 'node:fs';
import { Socket } from 'node:net';
import path from 'node:path';
import type { Writable } from 'node:stream';
import { projectRoot } from './project-root';

/**
 * A small process beside this one that ends the watched processes and removes a temporary folder when this one is gone,
 * a kill -9 included.
 */
export class Watchdog {
  private constructor(
    private readonly folder: string,
    private readonly input: Writable,
  ) {}

  static over(folder: string): Watchdog {
    const child = spawn(process.execPath, [path.join(projectRoot, 'test/lab/watchdog.mjs'), folder], {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
      env: { ...process.env, ELECTRON_RUN_AS_NODE: '1', NODE_OPTIONS: '' },
    });
    child.unref();
    child.stdin.on('error', () => undefined);
    // The pipe must not keep a process alive whose work is done.
    if (child.stdin instanceof Socket) child.stdin.unref();
    return new Watchdog(folder, child.stdin);
  }

  /** Ends this process with us. It has to lead a process group of its own (`detached`). */
  watch(child: ChildProcess): void {
    if (child.pid === undefined) return;
    this.input.write(`+${child.pid}\n`);
    child.once('exit', () => this.input.writable && this.input.write(`-${child.pid ?? 0}\n`));
  }

  /** Removes the folder now and lets the watchdog end. The watched processes have to be over. */
  release(): void {
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    this.input.end();
  }
}
