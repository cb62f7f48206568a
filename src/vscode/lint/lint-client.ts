import { Worker } from 'node:worker_threads';
import type { LintDone, LintRequest, WorkerFailure, WorkerReply, WorkerRequest } from '../../core/lint/worker-messages';
import type { Log } from '../../core/ports/log';

/** How long one run may take before the worker is ended and started anew, in ms. */
const limitMs = 60_000;

/** Talks to the lint worker. A worker that hangs or dies is replaced, and said so; the editor's thread never waits. */
export class LintClient {
  private worker: Worker | undefined;
  private nextId = 1;
  private readonly waiting = new Map<number, { resolve: (reply: WorkerReply) => void; timer: NodeJS.Timeout }>();

  constructor(
    private readonly file: string,
    private readonly log: Log,
  ) {}

  /** Runs one lint; resolves with the failure when there was one. */
  async lint(request: Omit<LintRequest, 'id' | 'kind'>): Promise<LintDone | WorkerFailure> {
    const reply = await this.ask({ ...request, kind: 'lint', id: this.nextId++ });
    return reply.ok && reply.kind !== 'lint'
      ? { id: reply.id, ok: false, message: 'an answer of another kind' }
      : reply;
  }

  /** The undo script that the last run offers for a V script; undefined when it offers none. */
  async undoText(path: string): Promise<string | undefined> {
    const reply = await this.ask({ kind: 'undo', id: this.nextId++, path });
    return reply.ok && reply.kind === 'undo' ? reply.text : undefined;
  }

  private ask(request: WorkerRequest): Promise<WorkerReply> {
    const worker = this.running();
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.log.warn(`The lint worker gave no answer within ${limitMs / 1000} s; it is ended and started again.`);
        this.restart(`no answer within ${limitMs / 1000} s`);
      }, limitMs);
      this.waiting.set(request.id, { resolve, timer });
      worker.postMessage(request);
    });
  }

  dispose(): void {
    this.restart('closed');
  }

  private running(): Worker {
    if (this.worker) return this.worker;
    const worker = new Worker(this.file);
    worker.on('message', (reply: WorkerReply) => {
      const entry = this.waiting.get(reply.id);
      this.waiting.delete(reply.id);
      clearTimeout(entry?.timer);
      entry?.resolve(reply);
    });
    worker.on('error', (error) => {
      this.log.error('The lint worker failed; it is started again with the next change.', error);
      if (this.worker === worker) this.restart(error.message);
    });
    worker.on('exit', (code) => {
      if (this.worker !== worker) return;
      this.log.error(`The lint worker ended by itself (code ${code}); it is started again with the next change.`);
      this.restart('the lint worker ended');
    });
    worker.unref();
    this.worker = worker;
    return worker;
  }

  private restart(reason: string): void {
    void this.worker?.terminate();
    this.worker = undefined;
    for (const [id, { resolve, timer }] of this.waiting) {
      clearTimeout(timer);
      resolve({ id, ok: false, message: reason });
    }
    this.waiting.clear();
  }
}
