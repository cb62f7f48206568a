import * as vscode from 'vscode';
import { readOverrides } from '../../core/alerts/alert-policy';
import type { AlertSettings } from '../../core/alerts/alert-settings';
import { escalationLevels, type Contacts } from '../../core/alerts/escalation';
import { readWindows, type MaintenanceWindow } from '../../core/alerts/maintenance';
import type { ProfileStore } from '../../core/ports/connections';
import type { Log } from '../../core/ports/log';
import type { Prompts } from '../../core/ports/prompts';
import { settings } from '../../contributions';
import { ownSetting } from '../connections/own-setting';

/** The settings of the alerts. What cannot be used is told once in the log and in a message. */
export class AlertConfiguration implements AlertSettings, vscode.Disposable {
  overrides: AlertSettings['overrides'] = [];
  notifyFrom: AlertSettings['notifyFrom'] = 'critical';
  contacts: Contacts = {};
  private fixedWindows: readonly MaintenanceWindow[] = [];
  private readonly told = new Set<string>();
  private readonly changes = new vscode.EventEmitter<void>();
  readonly onDidChange = (listener: () => void): vscode.Disposable => this.changes.event(listener);
  private readonly subscription: vscode.Disposable;

  /** @param started windows that a person began with a command; they outlive the window of the editor */
  constructor(
    private readonly log: Log,
    private readonly prompts: Prompts,
    private readonly profiles: ProfileStore,
    private started: readonly MaintenanceWindow[],
  ) {
    const follow = (): void => {
      this.read();
      this.changes.fire();
    };
    this.subscription = vscode.Disposable.from(
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration(`${settings.section}.alerts`)) follow();
      }),
      profiles.onDidChange(follow),
    );
    this.read();
  }

  get maintenance(): readonly MaintenanceWindow[] {
    return [...this.fixedWindows, ...this.started];
  }

  setStarted(windows: readonly MaintenanceWindow[]): void {
    this.started = windows;
    this.changes.fire();
  }

  dispose(): void {
    this.subscription.dispose();
    this.changes.dispose();
  }

  private read(): void {
    const configuration = vscode.workspace.getConfiguration(settings.section);
    const rules = ownSetting(settings.alertRules, this.profiles);
    const maintenance = ownSetting(settings.alertMaintenance, this.profiles);
    const { overrides, problems } = readOverrides(rules.value);
    const read = readWindows(maintenance.value);
    this.overrides = overrides;
    this.fixedWindows = read.windows;
    const level = configuration.get<string>(settings.alertNotifications);
    this.notifyFrom = level === 'warning' || level === 'off' ? level : 'critical';
    const contacts = configuration.get<Record<string, unknown>>(settings.alertContacts) ?? {};
    this.contacts = Object.fromEntries(
      escalationLevels.flatMap((name) => (typeof contacts[name] === 'string' ? [[name, contacts[name]]] : [])),
    );
    for (const problem of [...rules.problems, ...problems, ...maintenance.problems, ...read.problems]) {
      if (this.told.has(problem)) continue;
      this.told.add(problem);
      this.log.warn(problem);
      void this.prompts.notify('warning', problem);
    }
  }
}
