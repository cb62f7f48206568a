import * as vscode from 'vscode';
import type { ConnectionProfile } from '../../core/connection/profile';
import type { ProfileStore } from '../../core/ports/connections';
import type { Disposable } from '../../core/ports/disposable';
import { Emitter } from '../../core/ports/emitter';
import { contextKeys } from '../../contributions';

const key = 'boundConnection';

/**
 * The connection whose database this workspace's migrations are for. It is kept with the workspace on this machine, never in
 * a file of the workspace, and counts only where the workspace is trusted: an untrusted one is linted without a database.
 */
export class WorkspaceBinding implements Disposable {
  private readonly changes = new Emitter<void>();
  /** The binding, or what is known of its connection, is another one. */
  readonly onDidChange = this.changes.event;
  private readonly subscriptions: readonly Disposable[];
  private shown = '';

  constructor(
    private readonly memento: vscode.Memento,
    private readonly profiles: ProfileStore,
  ) {
    const follow = (): void => this.follow();
    this.subscriptions = [profiles.onDidChange(follow), vscode.workspace.onDidGrantWorkspaceTrust(follow)];
    this.follow();
  }

  /** Undefined where nothing is bound, the connection was removed, or the workspace is not trusted. */
  get connection(): ConnectionProfile | undefined {
    const id = this.memento.get<string>(key);
    return id === undefined || !vscode.workspace.isTrusted ? undefined : this.profiles.find(id);
  }

  /** Binds to the connection of an id; undefined unbinds. */
  async bind(connectionId: string | undefined): Promise<void> {
    await this.memento.update(key, connectionId);
    this.follow();
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
    this.changes.dispose();
  }

  private follow(): void {
    const { connection } = this;
    const seen = connection ? JSON.stringify(connection) : '';
    if (seen === this.shown) return;
    this.shown = seen;
    void vscode.commands.executeCommand('setContext', contextKeys.workspaceBound, connection !== undefined);
    this.changes.fire();
  }
}
