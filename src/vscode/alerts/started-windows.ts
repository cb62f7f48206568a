import type * as vscode from 'vscode';
import type { MaintenanceWindow } from '../../core/alerts/maintenance';

const storeKey = 'dbOps.maintenance';

/** Maintenance that a person began by a command. */
export class StartedWindows {
  constructor(private readonly state: vscode.Memento) {}

  /** Those that are not over. */
  get windows(): readonly MaintenanceWindow[] {
    const stored = this.state.get<unknown>(storeKey);
    return Array.isArray(stored) ? (stored as readonly unknown[]).filter(isOpen) : [];
  }

  async add(window: MaintenanceWindow): Promise<void> {
    await this.state.update(storeKey, [...this.windows, window]);
  }

  async clear(): Promise<void> {
    await this.state.update(storeKey, []);
  }
}

function isOpen(value: unknown): value is MaintenanceWindow {
  if (typeof value !== 'object' || value === null) return false;
  const window = value as Readonly<Record<string, unknown>>;
  return (
    window['kind'] === 'once' &&
    typeof window['from'] === 'number' &&
    typeof window['to'] === 'number' &&
    window['to'] > Date.now() &&
    Array.isArray(window['connections'])
  );
}
