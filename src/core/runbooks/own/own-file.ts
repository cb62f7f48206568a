import { parseRunbook, type FileCell, type RunbookFile } from '../runbook-file';
import { ownStatement } from './own-statement';

/** The runbook id of all files that a team keeps in its workspace. */
export const ownRunbookId = 'own';
export const ownRunbookVersion = 1;

/** A larger file is not read as a runbook, in bytes. */
export const largestFile = 500_000;

/** Something wrong with a file. `line` counts from 1. */
export interface OwnProblem {
  readonly line: number;
  readonly message: string;
}

const marker = '<!-- dbops:';

/** What is wrong with a runbook of one's own, as diagnostics show it; empty when all of its cells may run. */
export function checkOwnFile(content: string): readonly OwnProblem[] {
  if (content.length > largestFile)
    return [
      {
        line: 1,
        message: `The file is larger than ${largestFile / 1000} kB: it opens as text only, and nothing in it runs.`,
      },
    ];
  const file = parseRunbook(content);
  if (!file)
    return [
      {
        line: brokenLine(content),
        message:
          'This is no runbook: a marker <!-- dbops:… --> is missing or broken. "DB Ops: New Runbook" writes one to begin with.',
      },
    ];
  if (file.runbook !== ownRunbookId)
    return [{ line: 1, message: `A runbook of the workspace has the id "${ownRunbookId}", not "${file.runbook}".` }];
  const lines = content.split('\n').flatMap((line, index) => (line.startsWith(`${marker}cell `) ? [index + 1] : []));
  return file.cells.flatMap((cell, index) => {
    const problem = problemOf(cell, file);
    return problem === undefined ? [] : [{ line: lines[index] ?? 1, message: problem }];
  });
}

function problemOf(cell: FileCell, file: RunbookFile): string | undefined {
  if (cell.language === 'markdown') return undefined;
  if (cell.language !== 'sql') return `A cell is "sql" or "markdown", not "${cell.language}".`;
  if (cell.kind !== undefined && !['diagnose', 'verify', 'act'].includes(cell.kind))
    return `The kind of a cell is "diagnose", "verify" or "act", not "${cell.kind}".`;
  if (cell.step !== undefined && file.cells.filter(({ step }) => step === cell.step).length > 1)
    return `There are two cells with the step "${cell.step}".`;
  const statement = ownStatement(cell.text, cell.kind === 'act');
  return statement.ok ? undefined : statement.problem;
}

/** The first marker that is not in its place. */
function brokenLine(content: string): number {
  const lines = content.split('\n');
  if (lines[0]?.startsWith(`${marker}runbook {`) !== true) return 1;
  let open: number | undefined;
  for (const [index, line] of lines.entries()) {
    if (line.startsWith(`${marker}cell `)) {
      if (open !== undefined) return open;
      open = index + 1;
    } else if (line.startsWith(`${marker}end`)) open = undefined;
  }
  return open ?? 1;
}
