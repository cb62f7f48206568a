import type { EscalationLevel } from '../alerts/escalation';
import type { ConnectionProfile } from '../connection/profile';
import type { RunbookId } from '../health/signal';
import type { Session } from '../ports/session';
import type { Memory } from './kept';
import type { Parameter, ParameterValues } from './parameter';

/** What a cell of a runbook is for. Only `act` can change anything, and only through the action gate. */
export type StepKind = 'why' | 'diagnose' | 'verdict' | 'act' | 'verify';

/** What a step shows: Markdown with every foreign text escaped. `failed` marks the cell. */
export interface StepResult {
  readonly markdown: string;
  readonly failed: boolean;
  /** Something was sent to a server, so that what was read before is no longer true. */
  readonly acted?: boolean;
  /** The step to take next, of a verdict: its cell is marked. */
  readonly next?: string;
}

/** What a step is given that needs no server. `memory` lives as long as the notebook is open, and starts empty. */
export interface OfflineRun {
  readonly profile: ConnectionProfile;
  readonly parameters: ParameterValues;
  readonly memory: Memory;
  readonly now: Date;
  readonly signal: AbortSignal;
}

/** What a step is given when it runs: beside the rest the warm session of the connection. */
export interface StepRun extends OfflineRun {
  readonly session: Session;
}

/** What the text of a cell may depend on. */
export interface Place {
  readonly major: number;
  readonly parameters: ParameterValues;
}

/** A step. `text` is what the cell shows for a server of this major; the cell runs the step, never its text. */
export interface Step {
  readonly id: string;
  readonly kind: StepKind;
  readonly language: 'markdown' | 'sql' | 'plaintext';
  /** Markdown that stands above the cell. */
  readonly heading?: string;
  /** What the button of a step that acts says: "Act: choose a session…". */
  readonly button?: string;
  readonly text: (place: Place) => string;
  /** Where it says no, a new notebook has no cell for it. */
  readonly shown?: (parameters: ParameterValues) => boolean;
  readonly run?: (run: StepRun) => Promise<StepResult>;
  /** In place of `run`: for a step that must work where the server cannot be reached. */
  readonly runOffline?: (run: OfflineRun) => Promise<StepResult>;
}

/** A procedure. `version` changes when the meaning of a step does: an older file is then shown and not run. */
export interface Runbook {
  readonly id: RunbookId;
  readonly version: number;
  readonly title: string;
  /** Whom the guide names for this. */
  readonly level: EscalationLevel;
  /** What is asked for before it opens, beside the connection; each may look at the answers before it. */
  readonly parameters?: readonly Parameter[];
  readonly steps: readonly Step[];
}

/** The majors whose texts a file may hold. */
export const knownMajors = [12, 13, 14, 15, 16, 17, 18] as const;

/** Whether a text is exactly the step's own, for this server or (`otherMajor`) for one of another version. */
export function compareText(step: Step, text: string, place: Place): 'same' | 'otherMajor' | 'foreign' {
  const found = normal(text);
  if (found === normal(step.text(place))) return 'same';
  return knownMajors.some((major) => found === normal(step.text({ ...place, major }))) ? 'otherMajor' : 'foreign';
}

/** Line ends and white space around do not change what a statement does. */
function normal(text: string): string {
  return text.replace(/\r\n?/g, '\n').trim();
}

export function ok(markdown: string): StepResult {
  return { markdown, failed: false };
}

export function failed(markdown: string): StepResult {
  return { markdown, failed: true };
}
