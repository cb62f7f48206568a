import { parentPort } from 'node:worker_threads';
import { LineColumns } from './core/lint/line-columns';
import { WorkspaceLinter } from './core/lint/lint-workspace';
import type { LintReply, LintRequest, PlacedFinding } from './core/lint/worker-messages';
import { loadGrammar } from './core/sql/grammar';
import { localFiles } from './files/local-files';

const linter = loadGrammar().then((grammar) => new WorkspaceLinter(localFiles, grammar));

/** Entry of the worker thread: one request, one reply, in order. */
async function answer(request: LintRequest): Promise<LintReply> {
  const { id, root, locations, requireReason, severities } = request;
  try {
    const options = {
      locations,
      requireReason,
      severities,
      environment: process.env,
      unsaved: new Map(request.unsaved),
      filesUnchanged: request.filesUnchanged,
    };
    const result = await (await linter).lint(root, options);
    const columns = new Map(result.scripts.map((script) => [script.path, new LineColumns(script.text)]));
    const findings = result.findings.map((finding): PlacedFinding => {
      const start = columns.get(finding.path)?.at(finding.start) ?? { line: 1, column: 1 };
      const end = columns.get(finding.path)?.at(finding.end) ?? start;
      return {
        ...finding,
        range: {
          startLine: start.line - 1,
          startColumn: start.column - 1,
          endLine: end.line - 1,
          endColumn: end.column - 1,
        },
      };
    });
    const folders = result.projects.flatMap((project) => project.migrationFolders);
    return {
      id,
      ok: true,
      findings,
      scripts: result.scripts.length,
      folders,
      problems: result.projects.flatMap((project) => project.problems),
    };
  } catch (error) {
    return { id, ok: false, message: error instanceof Error ? error.message : String(error) };
  }
}

let tail = Promise.resolve();
parentPort?.on('message', (request: LintRequest) => {
  tail = tail.then(async () => parentPort?.postMessage(await answer(request)));
});
