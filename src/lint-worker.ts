import path from 'node:path';
import { parentPort } from 'node:worker_threads';
import type { Finding } from './core/lint/finding';
import { LineColumns } from './core/lint/line-columns';
import { WorkspaceLinter } from './core/lint/lint-workspace';
import type {
  LintDone,
  LintRequest,
  OfferedFix,
  PlacedFinding,
  WorkerReply,
  WorkerRequest,
} from './core/lint/worker-messages';
import { loadGrammar } from './core/sql/grammar';
import { localFiles } from './files/local-files';

const linter = loadGrammar().then((grammar) => new WorkspaceLinter(localFiles, grammar));
/** The undo scripts that the last run offers, by root and path. Their texts are written when one is asked for. */
const undoTexts = new Map<string, ReadonlyMap<string, { readonly text: string }>>();

/** Entry of the worker thread: one request, one reply, in order. */
async function answer(request: WorkerRequest): Promise<WorkerReply> {
  const { id } = request;
  try {
    if (request.kind === 'lint') return await lint(request);
    const offered = [...undoTexts.values()].map((ofRoot) => ofRoot.get(request.path));
    return { id, ok: true, kind: 'undo', text: offered.find((fix) => fix !== undefined)?.text };
  } catch (error) {
    return { id, ok: false, message: error instanceof Error ? error.message : String(error) };
  }
}

async function lint({ id, root, unsaved, ...options }: LintRequest): Promise<LintDone> {
  const { findings, scripts, projects } = await (
    await linter
  ).lint(root, { ...options, environment: process.env, unsaved: new Map(unsaved) });
  const columns = new Map(scripts.map((script) => [script.path, new LineColumns(script.text)]));
  undoTexts.set(root, new Map(findings.flatMap(({ path, fix }) => (fix?.kind === 'create-undo' ? [[path, fix]] : []))));
  return {
    id,
    ok: true,
    kind: 'lint',
    findings: findings.map((finding) => place(finding, columns.get(finding.path))),
    scripts: scripts.length,
    folders: [
      ...new Set([
        ...projects.flatMap((project) => project.migrationFolders),
        ...scripts.map((script) => path.posix.dirname(script.path)),
      ]),
    ],
    problems: projects.flatMap((project) => project.problems),
  };
}

function place({ fix, ...finding }: Finding, columns: LineColumns | undefined): PlacedFinding {
  const start = columns?.at(finding.start) ?? { line: 1, column: 1 };
  const end = columns?.at(finding.end) ?? start;
  const offered: OfferedFix | undefined = fix?.kind === 'create-undo' ? { kind: 'create-undo', name: fix.name } : fix;
  return {
    ...finding,
    ...(offered && { fix: offered }),
    range: {
      startLine: start.line - 1,
      startColumn: start.column - 1,
      endLine: end.line - 1,
      endColumn: end.column - 1,
    },
  };
}

let tail = Promise.resolve();
parentPort?.on('message', (request: WorkerRequest) => {
  tail = tail.then(async () => parentPort?.postMessage(await answer(request)));
});
