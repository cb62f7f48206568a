import { fenced } from '../markdown';
import type { Runbook } from '../runbook';
import type { FileCell, RunbookFile } from '../runbook-file';
import { ownRunbookId, ownRunbookVersion } from './own-file';
import { ownStatement } from './own-statement';

const introduction = (title: string): string => `# ${title}

A runbook of this workspace. Its SQL cells run as they stand: one statement each, read-only, unless the cell's marker in the
file says \`"kind":"act"\`; then it is shown and asked before it runs. It runs in trusted workspaces only, on the connection
you choose. Notes are Markdown cells.`;

/**
 * A file to begin with, out of a built-in runbook: its words, and its statements where they can run by themselves. What
 * takes values ($1) or chooses a victim first stays with the built-in one, and is kept as a note.
 */
export function fromBuiltIn(book: Runbook, title: string, major: number): RunbookFile {
  const place = { major, parameters: {} };
  const note = (text: string): FileCell => ({ step: undefined, language: 'markdown', text, output: undefined });
  const cells = book.steps.flatMap((step): FileCell[] => {
    const text = step.text(place);
    const heading = step.heading === undefined ? [] : [note(step.heading)];
    if (step.kind === 'why') return [note(text.replace(/^# /, '## '))];
    if (step.kind === 'verdict' || step.language !== 'sql') return [];
    if (step.kind !== 'act' && ownStatement(text, false).ok)
      return [...heading, { step: step.id, language: 'sql', text, output: undefined, kind: step.kind }];
    return [
      ...heading,
      note(`From the runbook ${book.title}, which asks for what it needs:\n\n${fenced(text, 'sql')}`),
    ];
  });
  return {
    runbook: ownRunbookId,
    version: ownRunbookVersion,
    connection: undefined,
    cells: [note(introduction(title)), ...cells],
  };
}
