import { parentPort } from 'node:worker_threads';
import { EditorLinter, LintCancelled } from './core/lint/editor-linter';
import type { WorkerAnswer, WorkerReply, WorkerRequest } from './core/lint/worker-messages';
import { loadGrammar } from './core/sql/grammar';
import { readBranch } from './files/git-branch';
import { blockingFiles } from './files/local-files';

const send = (reply: WorkerReply): void => parentPort?.postMessage(reply);

const linter = loadGrammar().then(
  (grammar) =>
    new EditorLinter({
      files: blockingFiles,
      grammar,
      readBranch: (folder) => readBranch(folder),
      environment: process.env,
      onProgress: (id, done, total) => send({ id, kind: 'progress', done, total }),
    }),
);

/** Entry of the worker thread: one request, one answer, in order. */
async function answer(request: WorkerRequest): Promise<WorkerAnswer> {
  const { id } = request;
  try {
    const lint = await linter;
    switch (request.kind) {
      case 'lint':
        return await lint.lint(request);
      case 'reading':
        lint.setReading(request.reading);
        return { id, ok: true, kind: 'reading' };
      case 'undo':
        return { id, ok: true, kind: 'undo', text: lint.undoText(request.path) };
      case 'fixes':
        return { id, ok: true, kind: 'fixes', ...(await lint.fixes(request.path, request.findings)) };
      case 'statement':
        return {
          id,
          ok: true,
          kind: 'statement',
          statement: lint.statement(request.path, request.line, request.column),
        };
    }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { id, ok: false, message, ...(error instanceof LintCancelled && { cancelled: true }) };
  }
}

let tail = Promise.resolve();
parentPort?.on('message', (request: WorkerRequest) => {
  tail = tail.then(async () => send(await answer(request)));
});
