import * as vscode from 'vscode';
import { longWorkKey } from '../../contributions';
import type { ShowWork, WorkRecord, WorkStore } from '../../core/runbooks/long-work/long-work';

/** A notification that stays as long as the work does; its Cancel reaches the server. */
export const showWork: ShowWork = async (title, run) =>
  vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title, cancellable: true },
    (progress, token) => {
      const cancel = new AbortController();
      token.onCancellationRequested(() => cancel.abort());
      return run((message) => progress.report({ message }), cancel.signal);
    },
  );

/** In the state of the workspace, for this window when it is loaded anew. */
export function workStore(memento: vscode.Memento): WorkStore {
  return {
    list: () => {
      const stored = memento.get<unknown>(longWorkKey);
      return Array.isArray(stored) ? stored.filter(isRecord) : [];
    },
    save: async (records) => memento.update(longWorkKey, records.length === 0 ? undefined : records),
  };
}

function isRecord(value: unknown): value is WorkRecord {
  if (typeof value !== 'object' || value === null) return false;
  const { connectionId, connection, name, pid, backendStart } = value as Partial<Record<keyof WorkRecord, unknown>>;
  return (
    [connectionId, connection, name, backendStart].every((text) => typeof text === 'string') && typeof pid === 'number'
  );
}
