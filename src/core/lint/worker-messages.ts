import type { Phrase } from '../format/phrase';
import type { MigrationState } from '../flyway/history-states';
import type { FoundHistory } from '../flyway/read-history';
import type { Finding, FindingSeverity, Fix } from './finding';
import type { RuleSeverities } from './settings-file';
import type { TableFact } from './table-facts';

/** Which scripts the rules about locks and data look at: those that are not applied yet, or all. */
export type LintScope = 'notApplied' | 'all';

/** What the settings of the editor say for a folder; `dbops.toml` in it goes before them. */
export interface EditorSettings {
  readonly locations: readonly string[];
  readonly requireReason: boolean;
  readonly severities: RuleSeverities;
  readonly scope: LintScope;
}

/** What the editor asks of the lint worker: all findings of a folder. */
export interface LintRequest {
  readonly id: number;
  readonly kind: 'lint';
  readonly root: string;
  readonly settings: EditorSettings;
  /** git may be asked: a repository's own configuration can name programs, so never in an untrusted workspace. */
  readonly mayAskGit: boolean;
  /** Unsaved texts by path. */
  readonly unsaved: readonly (readonly [string, string])[];
  /** Only unsaved texts may differ from the last run: no file is read again. */
  readonly filesUnchanged: boolean;
  /** All findings are answered, not only those that differ from the last answer. */
  readonly afresh: boolean;
  /** Becomes 1 when nobody waits any more. */
  readonly cancelled?: Int32Array;
}

/** What a bound database tells, as of one reading. */
export interface DatabaseReading {
  /** The connection, for sentences. */
  readonly name: string;
  readonly major: number;
  /** Where names without a schema lead. */
  readonly currentSchema: string | null;
  readonly tables: readonly TableFact[];
  readonly histories: readonly FoundHistory[];
}

/** The reading that counts from now on; undefined: none does. It is answered without anything. */
export interface ReadingRequest {
  readonly id: number;
  readonly kind: 'reading';
  readonly reading: DatabaseReading | undefined;
}

/** The text of the undo script that a finding of the last run offers. */
export interface UndoRequest {
  readonly id: number;
  readonly kind: 'undo';
  readonly path: string;
}

/** The fixes of some findings of the last run, by their index among those of the file. */
export interface FixesRequest {
  readonly id: number;
  readonly kind: 'fixes';
  readonly path: string;
  readonly findings: readonly number[];
}

/** What is known of the statement at a place; line and column from 0. */
export interface StatementRequest {
  readonly id: number;
  readonly kind: 'statement';
  readonly path: string;
  readonly line: number;
  readonly column: number;
}

export type WorkerRequest = LintRequest | ReadingRequest | UndoRequest | FixesRequest | StatementRequest;

/** What a quick fix needs before it is chosen: the text of an undo may be long, and is asked for then. */
export type OfferedFix =
  Exclude<Fix, { kind: 'create-undo' }> | { readonly kind: 'create-undo'; readonly name: string };

/** Lines and columns from 0, as VS Code counts. */
export interface PlacedRange {
  readonly startLine: number;
  readonly startColumn: number;
  readonly endLine: number;
  readonly endColumn: number;
}

export interface PlacedFinding extends Omit<Finding, 'fix'> {
  readonly fix?: OfferedFix;
  readonly range: PlacedRange;
}

/** A fix with its edits in lines and columns. */
export interface PlacedFix {
  /** The finding's index among those of its file. */
  readonly finding: number;
  readonly title: Phrase;
  readonly edits: readonly { readonly path: string; readonly range: PlacedRange; readonly text: string }[];
  readonly files: readonly { readonly path: string; readonly text: string }[];
  readonly renames: readonly { readonly from: string; readonly to: string }[];
  /** A reason is asked for, which takes the place of `reasonMark`. */
  readonly asksReason: boolean;
}

/** What the history of the bound database says of a file. */
export interface FileState {
  readonly path: string;
  readonly state: MigrationState;
  readonly edited: boolean;
  readonly installedOn?: string;
  readonly installedBy?: string;
  readonly executionMs?: number;
  /** The checksums of what was applied, and of what stands here. */
  readonly checksums?: { readonly applied: number | null; readonly here: number };
}

/** One project, as "Show Flyway Configuration" explains it. */
export interface ShownProject {
  readonly folder: string;
  readonly database: string;
  readonly table: string;
  readonly migrationFolders: readonly string[];
  readonly settings: readonly {
    readonly name: string;
    readonly value: string;
    /** A file, or words. */
    readonly from: string;
    /** From 1, where the file has it in one place. */
    readonly line?: number;
  }[];
  readonly problems: readonly string[];
  /** Which scripts the rules about locks and data look at. */
  readonly scope: ShownScope;
  readonly scripts: number;
  /** How many of them those rules look at. */
  readonly looked: number;
  readonly states: readonly FileState[];
  /** Scripts that the history knows and nobody has here. */
  readonly missing: readonly string[];
}

/** `database`: what it has not applied; `branch`: what differs from git's main branch; `all`: why. */
export type ShownScope =
  | { readonly kind: 'database'; readonly name: string; readonly history: string | undefined }
  | { readonly kind: 'branch'; readonly name: string }
  | {
      readonly kind: 'all';
      readonly why: 'setting' | 'untrusted' | 'no branch' | 'unknown history';
      readonly detail?: string;
    };

/** A mistake in the settings file of a folder. */
export interface SettingsMistake {
  readonly path: string;
  readonly message: string;
  readonly isError: boolean;
  readonly range: PlacedRange;
}

export interface LintDone {
  readonly id: number;
  readonly ok: true;
  readonly kind: 'lint';
  /** The files whose findings are other ones than those of the last answer; an empty list where none are left. */
  readonly changed: readonly (readonly [path: string, findings: readonly PlacedFinding[]])[];
  /** Of findings and mistakes. */
  readonly counts: Readonly<Record<FindingSeverity, number>>;
  readonly scripts: number;
  /** The folders whose files concern lint, for the watchers: the locations, and below them each that holds a script. */
  readonly folders: readonly string[];
  readonly problems: readonly string[];
  readonly mistakes: readonly SettingsMistake[];
  /** Undefined: the same as in the last answer. */
  readonly projects: readonly ShownProject[] | undefined;
}

export interface UndoDone {
  readonly id: number;
  readonly ok: true;
  readonly kind: 'undo';
  /** Undefined when there is nothing to undo any more. */
  readonly text: string | undefined;
}

export interface FixesDone {
  readonly id: number;
  readonly ok: true;
  readonly kind: 'fixes';
  readonly fixes: readonly PlacedFix[];
  /** The script has run, as far as is known: no comment may be put into it. */
  readonly isSettled: boolean;
}

/** What a statement locks, and for how long. */
export interface StatementDone {
  readonly id: number;
  readonly ok: true;
  readonly kind: 'statement';
  readonly statement: ShownStatement | undefined;
}

export interface ShownStatement {
  readonly range: PlacedRange;
  readonly lines: readonly string[];
}

export interface ReadingDone {
  readonly id: number;
  readonly ok: true;
  readonly kind: 'reading';
}

export interface WorkerFailure {
  readonly id: number;
  readonly ok: false;
  readonly message: string;
  /** The person has cancelled it. */
  readonly cancelled?: boolean;
}

/** How far a run is: it comes before the answer, any number of times. */
export interface LintProgress {
  readonly id: number;
  readonly kind: 'progress';
  readonly done: number;
  readonly total: number;
}

export type WorkerAnswer = LintDone | UndoDone | FixesDone | StatementDone | ReadingDone | WorkerFailure;
export type WorkerReply = WorkerAnswer | LintProgress;
