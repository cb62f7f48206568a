import type { ReportDocument, ReportId, RowAddress, RowDetail } from '../core/reports/document';
import { reportIds } from '../core/reports/document';
import { RequestError } from './channel';
import type { Failure } from './envelope';

/** What a report is doing. `document` counts the documents: the webview shows the one of this number. */
export interface ReportState {
  /** `idle`: what is shown is complete. `failed` and `cancelled` leave the last document as it was, with its age. */
  readonly phase: 'loading' | 'idle' | 'failed' | 'cancelled';
  readonly title: string;
  readonly connectionName: string;
  /** When the phase began, in ms by the host's clock. */
  readonly since: number;
  /** The host's clock when this was sent: the webview may run on another machine. */
  readonly sentAt: number;
  readonly failure: Failure | null;
  /** An action on a row that takes time, and the row. */
  readonly action: { readonly what: string; readonly address: RowAddress } | null;
  /** How the last action ended. */
  readonly message: string | null;
}

/** What the webview asks of the host. It names rows, actions and options, and never sends SQL. */
export type ReportRequests = {
  /** The webview is there, or there again. */
  readonly ready: { readonly body: null; readonly answer: { state: ReportState; document: ReportDocument | null } };
  readonly refresh: { readonly body: null; readonly answer: null };
  readonly cancel: { readonly body: null; readonly answer: null };
  readonly choose: { readonly body: { option: string; value: string }; readonly answer: null };
  readonly detail: { readonly body: RowAddress; readonly answer: RowDetail };
  readonly act: { readonly body: RowAddress & { action: string }; readonly answer: null };
  readonly copyNotice: { readonly body: { notice: string }; readonly answer: null };
};

/** What the host announces. */
export type ReportEvents = {
  readonly state: ReportState;
  readonly document: ReportDocument;
};

/** What the webview keeps over a reload, and the host needs to make the report again. */
export interface RestoredReport {
  readonly report: ReportId;
  readonly connectionId: string;
  readonly options: Readonly<Record<string, string>>;
}

/** Reads one text field of what the webview sent. Throws a RequestError for anything else. */
export function textField(body: unknown, field: string): string {
  if (typeof body === 'object' && body !== null && field in body) {
    const value = (body as Record<string, unknown>)[field];
    if (typeof value === 'string') return value;
  }
  throw new RequestError('bad-request', `The request lacks ${field}.`);
}

export function rowAddress(body: unknown): RowAddress {
  return { section: textField(body, 'section'), row: textField(body, 'row') };
}

/** What VS Code kept of a webview, or undefined when it is not to be understood. */
export function readRestored(state: unknown): RestoredReport | undefined {
  if (typeof state !== 'object' || state === null) return undefined;
  const { report, connectionId, options } = state as Record<string, unknown>;
  const known = reportIds.find((id) => id === report);
  if (known === undefined || typeof connectionId !== 'string') return undefined;
  const chosen = Object.entries(typeof options === 'object' && options !== null ? options : {}).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  return { report: known, connectionId, options: Object.fromEntries(chosen) };
}
