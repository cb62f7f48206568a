import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, chmodSync, constants, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive, serverAccount } from '../../lab/account';
import { until } from '../../lab/faults';
import { projectRoot } from '../../lab/project-root';

interface Ready {
  readonly pids: readonly number[];
  readonly streaming: number;
}

describe('the end of a lab', () => {
  let scratch: string;
  let child: ChildProcess | undefined;

  beforeEach(() => {
    scratch = mkdtempSync(path.join(os.tmpdir(), 'lab-end-'));
    chmodSync(scratch, 0o777);
  });

  afterEach(() => {
    child?.kill('SIGKILL');
    rmSync(scratch, { recursive: true, force: true });
  });

  function startProcess(account: { uid?: number; gid?: number } = {}): ChildProcess {
    child = spawn(process.execPath, ['--import', 'tsx', path.join(__dirname, 'lab-process.ts')], {
      cwd: projectRoot,
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, TMPDIR: scratch, HOME: scratch },
      ...account,
    });
    return child;
  }

  async function ready(started: ChildProcess): Promise<Ready> {
    for await (const line of createInterface({ input: started.stdout! })) return JSON.parse(line) as Ready;
    throw new Error('The lab process ended before its lab was there.');
  }

  async function nothingIsLeft(): Promise<void> {
    await until('the folder is gone', () => Promise.resolve(labFolders().length === 0), 20_000);
    await until('its processes are gone', () => Promise.resolve(processesNaming(scratch).length === 0));
  }

  function labFolders(): string[] {
    return readdirSync(scratch).filter((name) => name.startsWith('dbops-lab-'));
  }

  for (const signal of ['SIGKILL', 'SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    it(`leaves nothing after ${signal} to the process that runs it`, async () => {
      const started = startProcess();
      const { pids, streaming } = await ready(started);
      assert.equal(streaming, 1);
      assert.deepEqual(pids.map(isAlive), [true, true]);
      started.kill(signal);
      await once(started, 'exit');
      await nothingIsLeft();
      assert.deepEqual(pids.map(isAlive), [false, false]);
    });
  }

  it('leaves nothing when it is killed while initdb works', async () => {
    const started = startProcess();
    const initdbWorks = (): boolean =>
      labFolders().some((name) => readdirSync(path.join(scratch, name)).includes('primary'));
    await until('initdb began', () => Promise.resolve(initdbWorks()));
    started.kill('SIGKILL');
    await once(started, 'exit');
    await nothingIsLeft();
    await sleep(500);
    assert.deepEqual(labFolders(), [], 'and nothing comes back');
  });

  it('works for an ordinary user', async function () {
    const account = serverAccount();
    // Who is not root runs every other test as an ordinary user.
    if (!account || !mayEnter(projectRoot)) return this.skip();
    const started = startProcess(account);
    const { pids } = await ready(started);
    if (process.platform === 'linux') {
      const owner = /^Uid:\s+(\d+)/m.exec(readFileSync(`/proc/${pids[0]!}/status`, 'utf8'))?.[1];
      assert.equal(Number(owner), account.uid);
    }
    started.kill('SIGTERM');
    await nothingIsLeft();
  });
});

function mayEnter(folder: string): boolean {
  accessSync(folder, constants.X_OK);
  return !folder.startsWith('/root');
}

/** The processes with `text` in their command line. */
function processesNaming(text: string): number[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && pid !== process.pid && commandLine(pid).includes(text));
}

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}
