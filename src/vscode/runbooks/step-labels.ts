import * as vscode from 'vscode';
import type { StepKind } from '../../core/runbooks/runbook';

/** Says below each cell what it is, and makes the one that acts a button that the keyboard reaches. */
export class StepLabels implements vscode.NotebookCellStatusBarItemProvider {
  constructor(private readonly kindOf: (cell: vscode.NotebookCell) => StepKind | undefined) {}

  provideCellStatusBarItems(cell: vscode.NotebookCell): vscode.NotebookCellStatusBarItem[] {
    if (cell.kind !== vscode.NotebookCellKind.Code) return [];
    const kind = this.kindOf(cell);
    const item = new vscode.NotebookCellStatusBarItem(labelOf(kind), vscode.NotebookCellStatusBarAlignment.Left);
    if (kind === 'act') {
      item.command = {
        command: 'notebook.cell.execute',
        title: item.text,
        arguments: [{ ranges: [{ start: cell.index, end: cell.index + 1 }], document: cell.notebook.uri }],
      };
    }
    item.tooltip = tooltipOf(kind);
    item.accessibilityInformation = { label: `${item.text.replace(/\$\([\w-]+\)\s*/g, '')}. ${item.tooltip}` };
    return [item];
  }
}

function labelOf(kind: StepKind | undefined): string {
  switch (kind) {
    case 'act':
      return vscode.l10n.t('$(shield) Act: choose a session…');
    case 'verdict':
      return vscode.l10n.t('$(lightbulb) Verdict');
    case 'verify':
      return vscode.l10n.t('$(eye) Verify: only reads');
    case 'diagnose':
      return vscode.l10n.t('$(eye) Diagnosis: only reads');
    default:
      return vscode.l10n.t('$(circle-slash) Not a step: does not run');
  }
}

function tooltipOf(kind: StepKind | undefined): string {
  switch (kind) {
    case 'act':
      return vscode.l10n.t('Asks which session and shows the exact statement before anything runs');
    case undefined:
      return vscode.l10n.t('Only the steps of the runbook run; notes go into Markdown cells');
    default:
      return vscode.l10n.t('Changes nothing on the server; run it again at any time');
  }
}
