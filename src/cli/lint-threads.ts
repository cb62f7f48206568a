import { availableParallelism } from 'node:os';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { lintTask } from '../core/lint/lint-workspace';
import type { LintTeam, TeamFinding, TeamTask, TeamWork } from '../core/lint/lint-team';
import { grammarForOneRun } from './grammar-for-one-run';

/** A thread takes some 60 ms to begin: below this many scripts for each, it is not worth it. */
const scriptsForOne = 300;
/** Each thread has its own compiled code and garbage, so that more of them gain little. */
const most = 3;

/** What a thread is told, and what it answers with for each project. */
interface Order {
  readonly tasks: readonly TeamTask[];
  /** One place for each project: 1 when somebody has taken it. */
  readonly taken: Int32Array;
}
type Answer = readonly [index: number, findings: readonly TeamFinding[]];

/** Threads of the command line that lint projects from the last to the first, while the main thread comes from the first. */
export class LintThreads implements LintTeam {
  /** @param program the file that is running; in a thread it has to call `lintInThread` */
  constructor(private readonly program: string) {}

  share(tasks: readonly TeamTask[]): TeamWork | undefined {
    const scripts = tasks.reduce((sum, { surveyed }) => sum + surveyed.scripts.length, 0);
    const count = Math.min(availableParallelism(), most + 1, tasks.length, Math.floor(scripts / scriptsForOne)) - 1;
    if (count < 1) return undefined;
    const taken = new Int32Array(new SharedArrayBuffer(4 * tasks.length));
    const answers = new Map<number, readonly TeamFinding[]>();
    const threads = Array.from({ length: count }, () => this.begin({ tasks, taken }, answers));
    return {
      take: (index) => take(taken, index),
      rest: async () => {
        await Promise.all(threads);
        return answers;
      },
    };
  }

  /** Resolves when the thread has ended. What it has taken and not answered, the caller does itself. */
  private begin(order: Order, answers: Map<number, readonly TeamFinding[]>): Promise<void> {
    const thread = new Worker(this.program);
    thread.on('message', ([index, findings]: Answer) => answers.set(index, findings));
    thread.postMessage(order);
    return new Promise((resolve) => {
      thread.once('error', () => resolve());
      thread.once('exit', () => resolve());
    });
  }
}

/** The work of a thread; undefined in the main one. */
export function lintInThread(): Promise<void> | undefined {
  const port = isMainThread ? null : parentPort;
  if (!port) return undefined;
  const grammar = grammarForOneRun();
  return new Promise((resolve, reject) => {
    port.once('message', ({ tasks, taken }: Order) => {
      void (async () => {
        const loaded = await grammar;
        for (let index = tasks.length - 1; index >= 0; index--) {
          const task = tasks[index];
          if (task && take(taken, index)) port.postMessage([index, await lintTask(task, loaded)] satisfies Answer);
        }
      })().then(resolve, reject);
    });
  });
}

function take(taken: Int32Array, index: number): boolean {
  return Atomics.compareExchange(taken, index, 0, 1) === 0;
}
