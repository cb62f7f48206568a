import * as vscode from 'vscode';
import { readProfiles, type ReadProfiles } from '../../core/connection/read-profiles';
import { withoutPassword } from '../../core/connection/settings-password';
import type { ConnectionProfile } from '../../core/connection/profile';
import type { ProfileStore } from '../../core/ports/connections';
import { settings } from '../../contributions';

/**
 * The connections of the setting `dbOps.connections`. Its scope is the machine, and only the person's own value is read:
 * a workspace cannot bring connections along.
 */
export class SettingsProfiles implements ProfileStore, vscode.Disposable {
  private readonly changes = new vscode.EventEmitter<void>();
  readonly onDidChange = (listener: () => void): vscode.Disposable => this.changes.event(listener);
  private current: ReadProfiles;
  private readonly subscription: vscode.Disposable;

  constructor() {
    this.current = readProfiles(ownValue());
    this.subscription = vscode.workspace.onDidChangeConfiguration((event) => {
      if (!event.affectsConfiguration(`${settings.section}.${settings.connections}`)) return;
      this.current = readProfiles(ownValue());
      this.changes.fire();
    });
  }

  list(): readonly ConnectionProfile[] {
    return this.current.profiles;
  }

  find(id: string): ConnectionProfile | undefined {
    return this.current.profiles.find((profile) => profile.id === id);
  }

  get problems(): ReadProfiles['problems'] {
    return this.current.problems;
  }

  /** Adds a connection or replaces the one of the same id. What else stands in the setting stays as it is. */
  async save(profile: ConnectionProfile): Promise<void> {
    const entries = rawEntries();
    const at = entries.findIndex((entry) => hasId(entry, profile.id));
    await this.write(
      at === -1 ? [...entries, profile] : entries.map((entry, index) => (index === at ? profile : entry)),
    );
  }

  async remove(id: string): Promise<void> {
    await this.write(rawEntries().filter((entry) => !hasId(entry, id)));
  }

  /** Takes the password out of one entry of the setting. */
  async stripPassword(id: string): Promise<void> {
    await this.write(rawEntries().map((entry) => (hasId(entry, id) ? withoutPassword(entry) : entry)));
  }

  dispose(): void {
    this.subscription.dispose();
    this.changes.dispose();
  }

  private async write(entries: readonly unknown[]): Promise<void> {
    await vscode.workspace
      .getConfiguration(settings.section)
      .update(settings.connections, entries, vscode.ConfigurationTarget.Global);
    this.current = readProfiles(ownValue());
    this.changes.fire();
  }
}

function ownValue(): unknown {
  return vscode.workspace.getConfiguration(settings.section).inspect(settings.connections)?.globalValue;
}

function rawEntries(): readonly unknown[] {
  const value = ownValue();
  return Array.isArray(value) ? (value as readonly unknown[]) : [];
}

function hasId(entry: unknown, id: string): entry is Record<string, unknown> {
  return typeof entry === 'object' && entry !== null && 'id' in entry && entry.id === id;
}
