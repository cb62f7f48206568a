import type { Finding, FindingSeverity } from './finding';

/** What the editor asks of the lint worker. */
export interface LintRequest {
  readonly id: number;
  readonly root: string;
  readonly locations: readonly string[];
  readonly requireReason: boolean;
  readonly severities: Readonly<Record<string, FindingSeverity | 'off'>>;
  /** Unsaved texts by path. */
  readonly unsaved: readonly (readonly [string, string])[];
  /** Only unsaved texts may differ from the last run: no file is read again. */
  readonly filesUnchanged: boolean;
}

/** A range in lines and columns from 0, as VS Code counts. */
export interface PlacedFinding extends Finding {
  readonly range: {
    readonly startLine: number;
    readonly startColumn: number;
    readonly endLine: number;
    readonly endColumn: number;
  };
}

export type LintReply =
  | {
      readonly id: number;
      readonly ok: true;
      readonly findings: readonly PlacedFinding[];
      readonly scripts: number;
      /** The folders whose files concern lint, for the watchers. */
      readonly folders: readonly string[];
      readonly problems: readonly string[];
    }
  | { readonly id: number; readonly ok: false; readonly message: string };
