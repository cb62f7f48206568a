import { userInfo } from 'node:os';
import * as vscode from 'vscode';
import type { AlertBook } from '../../core/alerts/alert-book';
import { isFleetServer } from '../../core/alerts/fleet-alert-watch';
import type { Incident } from '../../core/alerts/incident';
import type { ProfileStore } from '../../core/ports/connections';
import type { Prompts } from '../../core/ports/prompts';
import { findRunbook } from '../../core/runbooks/registry';
import { commands, views } from '../../contributions';
import type { AlertConfiguration } from './alert-configuration';
import type { AlertElement } from './incident-item';
import type { StartedWindows } from './started-windows';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** What a person does with alerts. */
export class AlertActions {
  constructor(
    private readonly book: AlertBook,
    private readonly prompts: Prompts,
    private readonly profiles: ProfileStore,
    private readonly started: StartedWindows,
    private readonly configuration: AlertConfiguration,
  ) {}

  /** Opens the runbook of an incident, or the tree where there is none. */
  async open(incident: Incident): Promise<void> {
    const { connectionId, runbook, subject } = incident;
    if (isFleetServer(connectionId)) await vscode.commands.executeCommand(`${views.fleet}.focus`);
    else if (!this.profiles.find(connectionId) || !findRunbook(runbook))
      await vscode.commands.executeCommand(`${views.connections}.focus`);
    else await vscode.commands.executeCommand(commands.openRunbook, { connectionId, runbook, subject });
  }

  async run(command: string, element: AlertElement | undefined): Promise<void> {
    if (element?.kind === 'muted') {
      if (command === commands.unmuteAlert) this.book.unmute(element.key);
      return;
    }
    if (element?.kind !== 'incident' && element?.kind !== 'past') return;
    const { incident } = element;
    switch (command) {
      case commands.openAlert:
        await this.open(incident);
        break;
      case commands.acknowledgeAlert:
        this.book.acknowledge(incident.id, userName());
        break;
      case commands.snoozeAlert:
        await this.snooze([incident]);
        break;
      case commands.muteAlert:
        this.book.mute(incident.key);
        break;
      case commands.unmuteAlert:
        this.book.unmute(incident.key);
    }
  }

  async snooze(incidents: readonly Incident[]): Promise<void> {
    const ms = await this.prompts.pick(vscode.l10n.t('Snooze for'), [
      { label: vscode.l10n.t('15 minutes'), value: 15 * minuteMs },
      { label: vscode.l10n.t('1 hour'), value: hourMs },
      { label: vscode.l10n.t('4 hours'), value: 4 * hourMs },
      { label: vscode.l10n.t('24 hours'), value: 24 * hourMs },
    ]);
    if (ms !== undefined) for (const { id } of incidents) this.book.snooze(id, ms);
  }

  /** Begins a maintenance window for one connection or for all; incidents are recorded and not told. */
  async startMaintenance(): Promise<void> {
    const title = vscode.l10n.t('Start Maintenance');
    const connections = await this.prompts.pick<readonly string[]>(title, [
      { label: vscode.l10n.t('All connections'), value: [] },
      ...this.profiles.list().map(({ id, name }) => ({ label: name, value: [id] })),
    ]);
    if (!connections) return;
    const ms = await this.prompts.pick(title, [
      { label: vscode.l10n.t('30 minutes'), value: 30 * minuteMs },
      { label: vscode.l10n.t('1 hour'), value: hourMs },
      { label: vscode.l10n.t('2 hours'), value: 2 * hourMs },
      { label: vscode.l10n.t('8 hours'), value: 8 * hourMs },
    ]);
    if (ms === undefined) return;
    const from = Date.now();
    await this.started.add({ kind: 'once', connections, reason: '', from, to: from + ms });
    this.configuration.setStarted(this.started.windows);
  }

  async endMaintenance(): Promise<void> {
    await this.started.clear();
    this.configuration.setStarted([]);
  }
}

/** Who sits here, as the operating system says. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run as a user without an entry.
    return process.env['USER'] ?? '';
  }
}
