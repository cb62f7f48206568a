import type { ConnectionProfile } from '../connection/profile';
import type { Session } from '../ports/session';

/** What a cell of a runbook is for. Only `act` can change anything, and only through the action gate. */
export type StepKind = 'why' | 'diagnose' | 'verdict' | 'act' | 'verify';

/** What a step shows: Markdown with every foreign text escaped. `failed` marks the cell. */
export interface StepResult {
  readonly markdown: string;
  readonly failed: boolean;
}

/** What a step is given when it runs. `memory` lives as long as the notebook is open, and starts empty. */
export interface StepRun<Memory> {
  readonly profile: ConnectionProfile;
  readonly session: Session;
  readonly memory: Memory;
  readonly now: Date;
  readonly signal: AbortSignal;
}

/** A step. `text` is what the cell shows for a server of this major; the cell runs the step, never its text. */
export interface Step<Memory> {
  readonly id: string;
  readonly kind: StepKind;
  readonly language: 'markdown' | 'sql' | 'plaintext';
  readonly text: (major: number) => string;
  readonly run?: (run: StepRun<Memory>) => Promise<StepResult>;
}

/** A procedure. `version` changes when the meaning of a step does: an older file is then shown and not run. */
export interface Runbook<Memory> {
  readonly id: string;
  readonly version: number;
  readonly title: string;
  readonly steps: readonly Step<Memory>[];
  readonly newMemory: () => Memory;
}
