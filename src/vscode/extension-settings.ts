import * as vscode from 'vscode';
import { defaultThresholds } from '../core/health/thresholds';
import type { MonitorSettings } from '../core/monitor/monitor-settings';
import { settings } from '../contributions';

/** The settings of the monitor, read anew each time. */
export class ExtensionSettings implements MonitorSettings, vscode.Disposable {
  readonly thresholds = defaultThresholds;
  private readonly changes = new vscode.EventEmitter<void>();
  readonly onDidChange = (listener: () => void): vscode.Disposable => this.changes.event(listener);
  private readonly subscription = vscode.workspace.onDidChangeConfiguration((event) => {
    if (event.affectsConfiguration(`${settings.section}.polling`)) this.changes.fire();
  });

  get intervalMs(): number {
    const seconds = vscode.workspace.getConfiguration(settings.section).get<number>(settings.activityInterval, 5);
    return 1000 * Math.min(300, Math.max(1, Number.isFinite(seconds) ? seconds : 5));
  }

  get inBackground(): boolean {
    return vscode.workspace.getConfiguration(settings.section).get<boolean>(settings.monitorInBackground, false);
  }

  dispose(): void {
    this.subscription.dispose();
    this.changes.dispose();
  }
}
