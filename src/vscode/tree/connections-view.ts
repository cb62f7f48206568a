import * as vscode from 'vscode';
import type { ProfileStore } from '../../core/ports/connections';
import type { ConnectionMonitor } from '../../core/monitor/connection-monitor';
import { contextKeys, views } from '../../contributions';
import { ConnectionTree } from './connection-tree';
import type { Disconnections } from '../connections/disconnections';
import { overview } from './overview';

/** How often ages are drawn anew while the view is visible, in ms. */
const ageTickMs = 5000;

/** The view with its badge, the status bar item, and who is connected when it comes into sight. */
export function registerConnectionsView(
  profiles: ProfileStore,
  monitor: ConnectionMonitor,
  disconnections: Disconnections,
  inBackground: () => boolean,
): vscode.Disposable {
  const tree = new ConnectionTree(profiles, monitor);
  const view = vscode.window.createTreeView(views.connections, { treeDataProvider: tree, showCollapseAll: true });
  const status = vscode.window.createStatusBarItem('dbOps.status', vscode.StatusBarAlignment.Left, 50);
  status.name = vscode.l10n.t('DB Ops Status');
  status.command = `${views.connections}.focus`;

  const connectWanted = (): void => {
    for (const profile of profiles.list()) {
      if (!disconnections.has(profile.id) && monitor.snapshot(profile.id).statusReason === 'Not connected yet.')
        void monitor.connect(profile.id);
    }
  };
  const draw = (): void => {
    const list = profiles.list();
    void vscode.commands.executeCommand('setContext', contextKeys.hasConnections, list.length > 0);
    const summary = overview(
      list.map((profile) => ({ profile, snapshot: monitor.snapshot(profile.id) })),
      view.visible || inBackground(),
    );
    view.badge = summary.badge;
    if (list.length === 0) {
      status.hide();
      return;
    }
    status.text = summary.text;
    status.tooltip = summary.tooltip;
    status.accessibilityInformation = { label: summary.label };
    status.backgroundColor = summary.background === undefined ? undefined : new vscode.ThemeColor(summary.background);
    status.show();
  };
  const follow = (): void => {
    monitor.setVisible(view.visible);
    if (view.visible || inBackground()) connectWanted();
    draw();
  };
  const tick = setInterval(() => {
    if (!view.visible) return;
    for (const profile of profiles.list()) tree.redraw(profile.id);
    draw();
  }, ageTickMs);
  follow();
  return vscode.Disposable.from(
    tree,
    view,
    status,
    view.onDidChangeVisibility(follow),
    profiles.onDidChange(follow),
    monitor.onDidChange(draw),
    new vscode.Disposable(() => clearInterval(tick)),
  );
}
