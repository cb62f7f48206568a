import * as vscode from 'vscode';
import type { Limits } from '../core/health/check-run';
import type { OwnLimits } from '../core/health/own-limits';
import { defaultThresholds, type Thresholds } from '../core/health/thresholds';
import type { ProfileStore } from '../core/ports/connections';
import type { MonitorSettings } from '../core/monitor/monitor-settings';
import { settings } from '../contributions';

const standardLimits: Limits = (_, standard) => standard;

/** The settings of the monitor, read anew each time. */
export class ExtensionSettings implements MonitorSettings, vscode.Disposable {
  /** Loaded when the person has set any threshold; the product's own count until then. */
  private own: OwnLimits | undefined;
  private readonly changes = new vscode.EventEmitter<void>();
  private readonly thresholdChanges = new vscode.EventEmitter<void>();
  readonly onDidChange = (listener: () => void): vscode.Disposable => this.changes.event(listener);
  readonly onDidChangeThresholds = (listener: () => void): vscode.Disposable => this.thresholdChanges.event(listener);
  private readonly subscription: vscode.Disposable;

  constructor(private readonly profiles: ProfileStore) {
    this.subscription = vscode.Disposable.from(
      vscode.workspace.onDidChangeConfiguration((event) => {
        const changed = (name: string): boolean => event.affectsConfiguration(`${settings.section}.${name}`);
        if (changed('polling')) this.changes.fire();
        if (changed(settings.thresholds)) void this.follow();
      }),
      profiles.onDidChange(() => void this.follow()),
    );
    void this.follow();
  }

  get intervalMs(): number {
    const seconds = vscode.workspace.getConfiguration(settings.section).get<number>(settings.activityInterval, 5);
    return 1000 * Math.min(300, Math.max(1, Number.isFinite(seconds) ? seconds : 5));
  }

  get inBackground(): boolean {
    return vscode.workspace.getConfiguration(settings.section).get<boolean>(settings.monitorInBackground, false);
  }

  thresholds(connectionId: string): Thresholds {
    return this.own?.thresholds(connectionId) ?? defaultThresholds;
  }

  limits(connectionId: string): Limits {
    return this.own?.of(connectionId) ?? standardLimits;
  }

  dispose(): void {
    this.subscription.dispose();
    this.changes.dispose();
    this.thresholdChanges.dispose();
  }

  private async follow(): Promise<void> {
    const given = vscode.workspace.getConfiguration(settings.section).get<unknown>(settings.thresholds);
    if (this.own === undefined && (given === undefined || (Array.isArray(given) && given.length === 0))) return;
    const { ownLimitsOf } = await import('./own-limits');
    this.own = ownLimitsOf(this.profiles);
    this.thresholdChanges.fire();
  }
}
