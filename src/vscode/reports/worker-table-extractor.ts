import { Worker } from 'node:worker_threads';
import type { TableExtractor, TablesOfStatement } from '../../core/reports/tables/table-name';

/** The thread must have loaded the parser within this time; a busy machine may need seconds. In ms. */
const startLimitMs = 15_000;
/** One statement may take this long; the parser has forms that take for ever. In ms. */
const statementLimitMs = 1000;
/** All statements of one reading, the start not counted; what is left then is not parsed. In ms. */
const wholeLimitMs = 10_000;
/** This many statements are remembered, so that a refresh parses only what is new. */
const remembered = 1000;

/** Parses in a thread of its own, which is ended when it takes too long: the editor's thread never waits. */
export class WorkerTableExtractor implements TableExtractor {
  private readonly known = new Map<string, TablesOfStatement>();

  constructor(private readonly file: string) {}

  async extract(statements: readonly string[], signal: AbortSignal): Promise<readonly TablesOfStatement[]> {
    const found = new Map(statements.map((statement) => [statement, this.known.get(statement)]));
    let left = wholeLimitMs;
    let worker: Worker | undefined;
    try {
      for (const [statement, known] of found) {
        signal.throwIfAborted();
        if (known || left <= 0) continue;
        if (!worker) {
          worker = new Worker(this.file);
          // An error that nobody waits for must not be unhandled.
          worker.on('error', () => undefined);
          const started = await answerOf(worker, startLimitMs, signal);
          signal.throwIfAborted();
          if (started === undefined) break;
        }
        const start = performance.now();
        worker.postMessage(statement);
        const answer = (await answerOf(worker, statementLimitMs, signal)) as TablesOfStatement | undefined;
        signal.throwIfAborted();
        left -= performance.now() - start;
        const result = answer ?? { kind: 'unparsed' as const, why: `it took over ${statementLimitMs / 1000} s` };
        found.set(statement, result);
        this.remember(statement, result);
        if (answer) continue;
        await worker.terminate();
        worker = undefined;
      }
    } finally {
      await worker?.terminate();
    }
    return statements.map(
      (statement) => found.get(statement) ?? { kind: 'unparsed', why: 'the time for parsing was over' },
    );
  }

  private remember(statement: string, tables: TablesOfStatement): void {
    this.known.set(statement, tables);
    for (const oldest of this.known.keys()) {
      if (this.known.size <= remembered) break;
      this.known.delete(oldest);
    }
  }
}

/** The next message; undefined when there was none in time, it was given up, or the thread failed. */
async function answerOf(worker: Worker, limitMs: number, signal: AbortSignal): Promise<unknown> {
  return new Promise((resolve) => {
    const finish = (result: unknown): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', giveUp);
      // One by one: removeAllListeners() would cut the thread's own line of messages.
      worker.off('message', finish).off('error', giveUp).off('exit', giveUp);
      resolve(result);
    };
    const giveUp = (): void => finish(undefined);
    const timer = setTimeout(giveUp, limitMs);
    signal.addEventListener('abort', giveUp);
    worker.on('message', finish).on('error', giveUp).on('exit', giveUp);
  });
}
