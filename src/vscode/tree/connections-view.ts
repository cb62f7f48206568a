import * as vscode from 'vscode';
import { commands, contextKeys, views } from '../../contributions';
import type { MonitorSettings } from '../../core/monitor/monitor-settings';
import type { MonitorView } from '../../core/monitor/snapshot';
import type { Disconnections } from '../connections/disconnections';
import type { SettingsProfiles } from '../connections/settings-profiles';
import { ConnectionTree, type PastOfNumbers } from './connection-tree';
import type { TreeElement } from './element';
import { overview, type Overview } from './overview';

/** How often ages are drawn anew while the view is visible, in ms. */
const ageTickMs = 5000;

/** The view with its badge and its message, the status bar item, and who is connected when the view comes into sight. */
export class ConnectionsView implements vscode.Disposable {
  readonly tree: ConnectionTree;
  readonly view: vscode.TreeView<TreeElement>;
  readonly status: vscode.StatusBarItem;
  private readonly subscriptions: vscode.Disposable;

  constructor(
    private readonly profiles: SettingsProfiles,
    private readonly monitor: MonitorView,
    private readonly disconnections: Disconnections,
    private readonly settings: MonitorSettings,
    history: PastOfNumbers,
  ) {
    this.tree = new ConnectionTree(profiles, monitor, history);
    this.view = vscode.window.createTreeView(views.connections, { treeDataProvider: this.tree, showCollapseAll: true });
    this.status = vscode.window.createStatusBarItem('dbOps.status', vscode.StatusBarAlignment.Left, 50);
    this.status.name = vscode.l10n.t('DB Ops Status');
    this.status.command = `${views.connections}.focus`;
    const tick = setInterval(() => this.view.visible && this.grow(), ageTickMs);
    this.subscriptions = vscode.Disposable.from(
      this.tree,
      this.view,
      this.status,
      this.view.onDidChangeVisibility(() => this.follow()),
      profiles.onDidChange(() => this.follow()),
      vscode.Disposable.from(
        monitor.onDidChange(() => this.draw()),
        settings.onDidChange(() => this.follow()),
        vscode.commands.registerCommand(commands.copySql, (id) => this.tree.copySql(id)),
      ),
      new vscode.Disposable(() => clearInterval(tick)),
    );
    this.follow();
  }

  /** What the badge and the status bar item say now. */
  overview(): Overview {
    const all = this.profiles.list().map((profile) => ({ profile, snapshot: this.monitor.snapshot(profile.id) }));
    return overview(all, this.polling);
  }

  dispose(): void {
    this.subscriptions.dispose();
  }

  private get polling(): boolean {
    return this.view.visible || this.settings.inBackground;
  }

  private follow(): void {
    this.monitor.setVisible(this.view.visible);
    if (this.polling) {
      for (const { id } of this.profiles.list()) {
        if (!this.disconnections.has(id) && !this.monitor.snapshot(id).watched) void this.monitor.connect(id);
      }
    }
    this.draw();
  }

  private grow(): void {
    this.tree.grow();
    this.draw();
  }

  private draw(): void {
    const list = this.profiles.list();
    void vscode.commands.executeCommand('setContext', contextKeys.hasConnections, list.length > 0);
    const { badge, text, tooltip, label, background } = this.overview();
    this.view.badge = badge;
    const message = this.message();
    // VS Code takes undefined here; its types of 1.90 do not say so.
    (this.view as { message: string | undefined }).message = message;
    this.status.text = text;
    this.status.tooltip = tooltip;
    this.status.accessibilityInformation = { label };
    this.status.backgroundColor = background === undefined ? undefined : new vscode.ThemeColor(background);
    if (list.length === 0) this.status.hide();
    else this.status.show();
  }

  /** What the items do not say themselves. */
  private message(): string | undefined {
    const { length } = this.profiles.problems;
    if (length === 1) return vscode.l10n.t('One connection in the settings cannot be used; see the notification.');
    if (length > 1)
      return vscode.l10n.t('{0} connections in the settings cannot be used; see the notification.', length);
    const list = this.profiles.list();
    if (list.length > 0 && list.every(({ id }) => this.disconnections.has(id))) {
      return vscode.l10n.t('All connections are closed. Connect with the plug of an item.');
    }
    return undefined;
  }
}
