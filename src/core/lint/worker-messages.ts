import type { Finding, FindingSeverity, Fix } from './finding';

/** What the editor asks of the lint worker: all findings of a folder. */
export interface LintRequest {
  readonly id: number;
  readonly kind: 'lint';
  readonly root: string;
  readonly locations: readonly string[];
  readonly requireReason: boolean;
  readonly severities: Readonly<Record<string, FindingSeverity | 'off'>>;
  /** Unsaved texts by path. */
  readonly unsaved: readonly (readonly [string, string])[];
  /** Only unsaved texts may differ from the last run: no file is read again. */
  readonly filesUnchanged: boolean;
}

/** The text of the undo script that a finding of the last run offers. */
export interface UndoRequest {
  readonly id: number;
  readonly kind: 'undo';
  readonly path: string;
}

export type WorkerRequest = LintRequest | UndoRequest;

/** What a quick fix needs before it is chosen: the text of an undo may be long, and is asked for then. */
export type OfferedFix =
  Exclude<Fix, { kind: 'create-undo' }> | { readonly kind: 'create-undo'; readonly name: string };

/** A finding with its range in lines and columns from 0, as VS Code counts. */
export interface PlacedFinding extends Omit<Finding, 'fix'> {
  readonly fix?: OfferedFix;
  readonly range: {
    readonly startLine: number;
    readonly startColumn: number;
    readonly endLine: number;
    readonly endColumn: number;
  };
}

export interface LintDone {
  readonly id: number;
  readonly ok: true;
  readonly kind: 'lint';
  readonly findings: readonly PlacedFinding[];
  readonly scripts: number;
  /** The folders whose files concern lint, for the watchers: the locations, and below them each that holds a script. */
  readonly folders: readonly string[];
  readonly problems: readonly string[];
}

export interface UndoDone {
  readonly id: number;
  readonly ok: true;
  readonly kind: 'undo';
  /** Undefined when there is nothing to undo any more. */
  readonly text: string | undefined;
}

export interface WorkerFailure {
  readonly id: number;
  readonly ok: false;
  readonly message: string;
}

export type WorkerReply = LintDone | UndoDone | WorkerFailure;
