import { Worker } from 'node:worker_threads';
import * as vscode from 'vscode';
import type {
  DatabaseReading,
  FixesDone,
  LintDone,
  LintRequest,
  ShownStatement,
  WorkerAnswer,
  WorkerFailure,
  WorkerReply,
  WorkerRequest,
} from '../../core/lint/worker-messages';
import type { Log } from '../../core/ports/log';

/** How long one run may take before the worker is ended and started anew, in ms. */
const limitMs = 60_000;

/** How far a run is, in scripts. */
export type Progress = (done: number, total: number) => void;

interface Waiting {
  readonly resolve: (answer: WorkerAnswer) => void;
  readonly timer: NodeJS.Timeout;
  readonly progress: Progress | undefined;
}

type Unsent<Request> = Request extends WorkerRequest ? Omit<Request, 'id'> : never;

/** Talks to the lint worker. A worker that hangs or dies is replaced, and said so; the editor's thread never waits. */
export class LintClient {
  private worker: Worker | undefined;
  private nextId = 1;
  private readonly waiting = new Map<number, Waiting>();
  private reading: DatabaseReading | undefined;

  /** @param onRestart the next worker knows nothing: what was told to the last one is told again */
  constructor(
    private readonly file: string,
    private readonly log: Log,
    private readonly onRestart: () => void,
  ) {}

  /** Runs one lint; resolves with the failure when there was one. */
  async lint(request: Omit<LintRequest, 'id' | 'kind'>, progress?: Progress): Promise<LintDone | WorkerFailure> {
    const answer = await this.ask({ ...request, kind: 'lint' }, progress);
    if (!answer.ok || answer.kind === 'lint') return answer;
    return { id: answer.id, ok: false, message: vscode.l10n.t('the answer was one of another kind') };
  }

  /** What the bound database tells, for all runs from now on. */
  setReading(reading: DatabaseReading | undefined): void {
    this.reading = reading;
    if (this.worker) void this.ask({ kind: 'reading', reading });
  }

  /** The undo script that the last run offers for a V script; undefined when it offers none. */
  async undoText(path: string): Promise<string | undefined> {
    const answer = await this.ask({ kind: 'undo', path });
    return answer.ok && answer.kind === 'undo' ? answer.text : undefined;
  }

  /** The fixes of findings of the last run, by their index in the file. */
  async fixes(path: string, findings: readonly number[]): Promise<Pick<FixesDone, 'fixes' | 'isSettled'>> {
    const answer = await this.ask({ kind: 'fixes', path, findings });
    return answer.ok && answer.kind === 'fixes' ? answer : { fixes: [], isSettled: false };
  }

  async statement(path: string, line: number, column: number): Promise<ShownStatement | undefined> {
    const answer = await this.ask({ kind: 'statement', path, line, column });
    return answer.ok && answer.kind === 'statement' ? answer.statement : undefined;
  }

  dispose(): void {
    this.restart('closed');
  }

  private ask(request: Unsent<WorkerRequest>, progress?: Progress): Promise<WorkerAnswer> {
    const worker = this.running();
    const id = this.nextId++;
    return new Promise((resolve) => {
      this.waiting.set(id, { resolve, timer: this.limit(), progress });
      worker.postMessage({ ...request, id });
    });
  }

  private limit(): NodeJS.Timeout {
    return setTimeout(() => {
      this.log.warn(`The lint worker gave no answer within ${limitMs / 1000} s; it is ended and started again.`);
      this.restart(vscode.l10n.t('no answer within {0} s', limitMs / 1000));
    }, limitMs);
  }

  private running(): Worker {
    if (this.worker) return this.worker;
    const worker = new Worker(this.file);
    worker.on('message', (reply: WorkerReply) => this.take(reply));
    worker.on('error', (error) => {
      this.log.error('The lint worker failed; it is started again with the next change.', error);
      if (this.worker === worker) this.restart(error.message);
    });
    worker.on('exit', (code) => {
      if (this.worker !== worker) return;
      this.log.error(`The lint worker ended by itself (code ${code}); it is started again with the next change.`);
      this.restart(vscode.l10n.t('the lint worker ended'));
    });
    worker.unref();
    this.worker = worker;
    if (this.reading) void this.ask({ kind: 'reading', reading: this.reading });
    return worker;
  }

  private take(reply: WorkerReply): void {
    const entry = this.waiting.get(reply.id);
    if (!entry) return;
    if ('kind' in reply && reply.kind === 'progress') {
      // Whoever goes on does not hang.
      entry.timer.refresh();
      entry.progress?.(reply.done, reply.total);
      return;
    }
    this.waiting.delete(reply.id);
    clearTimeout(entry.timer);
    entry.resolve(reply);
  }

  private restart(reason: string): void {
    const ended = this.worker;
    this.worker = undefined;
    void ended?.terminate();
    for (const [id, { resolve, timer }] of this.waiting) {
      clearTimeout(timer);
      resolve({ id, ok: false, message: reason });
    }
    this.waiting.clear();
    if (ended) this.onRestart();
  }
}
