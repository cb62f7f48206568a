import { Worker } from 'node:worker_threads';
import type { TableExtractor, TablesOfStatement } from '../../core/reports/tables/table-name';

/** One statement may take this long; the parser has forms that take for ever. In ms. */
const statementLimitMs = 2000;
/** All statements of one reading; what is left then is not parsed. In ms. */
const wholeLimitMs = 10_000;

/** Parses in a thread of its own, which is ended when it takes too long: the editor's thread never waits. */
export class WorkerTableExtractor implements TableExtractor {
  constructor(private readonly file: string) {}

  async extract(statements: readonly string[], signal: AbortSignal): Promise<readonly TablesOfStatement[]> {
    const results: TablesOfStatement[] = [];
    const deadline = Date.now() + wholeLimitMs;
    let worker: Worker | undefined;
    try {
      for (const statement of statements) {
        signal.throwIfAborted();
        if (Date.now() > deadline) {
          results.push({ kind: 'unparsed', why: 'the time for parsing was over' });
          continue;
        }
        worker ??= new Worker(this.file);
        const result = await answerOf(worker, statement, signal);
        results.push(result ?? { kind: 'unparsed', why: `it took over ${statementLimitMs / 1000} s` });
        if (result) continue;
        await worker.terminate();
        worker = undefined;
      }
      return results;
    } finally {
      await worker?.terminate();
    }
  }
}

/** Undefined when there was no answer in time, or the thread failed. */
async function answerOf(
  worker: Worker,
  statement: string,
  signal: AbortSignal,
): Promise<TablesOfStatement | undefined> {
  return new Promise((resolve) => {
    const finish = (result: TablesOfStatement | undefined): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', giveUp);
      worker.removeAllListeners();
      // An error that comes late must not be unhandled.
      worker.on('error', () => undefined);
      resolve(result);
    };
    const giveUp = (): void => finish(undefined);
    const timer = setTimeout(giveUp, statementLimitMs);
    signal.addEventListener('abort', giveUp);
    worker.once('message', finish);
    worker.once('error', giveUp);
    worker.postMessage(statement);
  });
}
