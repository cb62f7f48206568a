import * as vscode from 'vscode';
import type { ConnectionProfile } from '../../core/connection/profile';
import type { Connections } from '../../core/ports/connections';
import { DatabaseError } from '../../core/ports/database-error';
import type { Prompts } from '../../core/ports/prompts';
import type { ActionGate } from '../../core/runbooks/action-gate';
import { actOwn, readOwn } from '../../core/runbooks/own/own-run';
import type { Step, StepResult } from '../../core/runbooks/runbook';
import { pickConnection } from '../connections/pick-connection';
import { NotRun } from './not-run';
import { isOwnPlace, titleOf } from './own-files';
import { cellMeta } from './runbook-serializer';

/** Runs the cells of runbooks that a team keeps in its workspace: what runs is what stands in the cell. */
export class OwnRunner {
  private readonly chosen = new WeakMap<vscode.NotebookDocument, string>();

  constructor(
    private readonly connections: Connections,
    private readonly prompts: Prompts,
    private readonly gate: ActionGate,
    private readonly trusted = (): boolean => vscode.workspace.isTrusted,
  ) {}

  /** What a cell is, for its label; undefined for notes. */
  stepOf(cell: vscode.NotebookCell): Step | undefined {
    if (cell.kind !== vscode.NotebookCellKind.Code || cell.document.languageId !== 'sql') return undefined;
    const { kind, step } = cellMeta(cell.metadata);
    return {
      id: step ?? `cell ${cell.index}`,
      kind: kind === 'act' || kind === 'verify' ? kind : 'diagnose',
      language: 'sql',
      button: vscode.l10n.t('Act: run this statement…'),
      text: () => cell.document.getText(),
    };
  }

  async run(
    cell: vscode.NotebookCell,
    signal: AbortSignal,
  ): Promise<{ profile: ConnectionProfile; result: StepResult }> {
    const step = this.stepOf(cell);
    if (!step) throw new NotRun(vscode.l10n.t('Only SQL cells of a runbook of the workspace run.'));
    if (!this.trusted())
      throw new NotRun(
        vscode.l10n.t(
          'Runbooks of the workspace run in trusted workspaces only: run "Workspaces: Manage Workspace Trust".',
        ),
      );
    if (!isOwnPlace(cell.notebook.uri))
      throw new NotRun(
        vscode.l10n.t('A runbook of the workspace runs only from the folder .dbops/runbooks of a folder that is open.'),
      );
    const profile = await this.connectionOf(cell.notebook);
    const session = await this.connections.session(profile.id, signal);
    // What is sent is what was there when the cell was run, whatever is typed meanwhile.
    const text = cell.document.getText();
    const result =
      step.kind === 'act'
        ? await actOwn(text, titleOf(cell.notebook.uri), profile.id, this.gate, session.capabilities.user, signal)
        : await this.read(text, profile, signal);
    return { profile, result };
  }

  /**
   * On a session of its own: what a cell reads may take its time and leave settings and locks behind, which the polls must
   * not meet. Where the server takes no more logins, the one that is there is better than none.
   */
  private async read(text: string, profile: ConnectionProfile, signal: AbortSignal): Promise<StepResult> {
    const own = await this.connections.dedicated(profile.id, signal).catch((error: unknown) => {
      if (error instanceof DatabaseError && error.reason === 'too-many-connections') return undefined;
      throw error;
    });
    if (!own) return readOwn(text, await this.connections.session(profile.id, signal), signal);
    try {
      return await readOwn(text, own, signal);
    } finally {
      await own.close();
    }
  }

  /** Asked once for each notebook. */
  private async connectionOf(notebook: vscode.NotebookDocument): Promise<ConnectionProfile> {
    const known = this.connections.profiles.find(this.chosen.get(notebook) ?? '');
    if (known) return known;
    const title = titleOf(notebook.uri);
    const profile = await pickConnection(this.connections.profiles, this.prompts, undefined, title);
    if (!profile) throw new NotRun(vscode.l10n.t('No connection was chosen. Nothing was run.'));
    this.chosen.set(notebook, profile.id);
    return profile;
  }
}
