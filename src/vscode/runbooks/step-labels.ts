import * as vscode from 'vscode';
import type { Step } from '../../core/runbooks/runbook';
import type { RunbookController } from './runbook-controller';
import type { StepRunner } from './step-runner';

/** Says below each cell what it is, marks the next step, and makes one that acts a button that the keyboard reaches. */
export class StepLabels implements vscode.NotebookCellStatusBarItemProvider, vscode.Disposable {
  private readonly changes = new vscode.EventEmitter<void>();
  readonly onDidChangeCellStatusBarItems = this.changes.event;
  private readonly subscription: vscode.Disposable;

  constructor(
    private readonly steps: StepRunner,
    private readonly controller: RunbookController,
  ) {
    this.subscription = controller.onDidChangeNext(() => this.changes.fire());
  }

  refresh(): void {
    this.changes.fire();
  }

  dispose(): void {
    this.subscription.dispose();
    this.changes.dispose();
  }

  provideCellStatusBarItems(cell: vscode.NotebookCell): vscode.NotebookCellStatusBarItem[] {
    if (cell.kind !== vscode.NotebookCellKind.Code) return [];
    const step = this.steps.stepOf(cell);
    const next = this.controller.isNext(cell);
    const label = next ? vscode.l10n.t('$(arrow-right) Next step · {0}', labelOf(step)) : labelOf(step);
    const item = new vscode.NotebookCellStatusBarItem(label, vscode.NotebookCellStatusBarAlignment.Left);
    if (step?.kind === 'act') {
      item.command = {
        command: 'notebook.cell.execute',
        title: item.text,
        arguments: [{ ranges: [{ start: cell.index, end: cell.index + 1 }], document: cell.notebook.uri }],
      };
    }
    item.tooltip = tooltipOf(step);
    const said = `${item.text.replace(/\$\([\w-]+\)\s*/g, '')}. ${item.tooltip}`;
    // VS Code gives it no role by itself, also where it can be pressed.
    item.accessibilityInformation = { label: said, role: item.command === undefined ? 'note' : 'button' };
    return [item];
  }
}

function labelOf(step: Step | undefined): string {
  switch (step?.kind) {
    case 'act':
      return `$(shield) ${step.button ?? vscode.l10n.t('Act…')}`;
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

function tooltipOf(step: Step | undefined): string {
  switch (step?.kind) {
    case 'act':
      return vscode.l10n.t('Shows the exact statement, whom it hits and its risk, and asks before anything runs');
    case undefined:
      return vscode.l10n.t('Only the steps of the runbook run; notes go into Markdown cells');
    default:
      return vscode.l10n.t('Changes nothing on the server; run it again at any time');
  }
}
