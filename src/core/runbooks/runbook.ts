import type { ConnectionProfile } from '../connection/profile';
import type { Session } from '../ports/session';

/** What a cell of a runbook is for. Only `act` can change anything, and only through the action gate. */
export type StepKind = 'why' | 'diagnose' | 'verdict' | 'act' | 'verify';

/** What a step shows: Markdown with every foreign text escaped. `failed` marks the cell. */
export interface StepResult {
  readonly markdown: string;
  readonly failed: boolean;
  /** Something was sent to the server, so that what was read before is no longer true. */
  readonly acted?: boolean;
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
  /** Markdown that stands above the cell. */
  readonly heading?: string;
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

/** The majors whose texts a file may hold. */
export const knownMajors = [12, 13, 14, 15, 16, 17, 18] as const;

/** Whether a text is exactly the step's own, for this server or (`otherMajor`) for one of another version. */
export function compareText(step: Step<never>, text: string, major: number): 'same' | 'otherMajor' | 'foreign' {
  const found = normal(text);
  if (found === normal(step.text(major))) return 'same';
  return knownMajors.some((known) => found === normal(step.text(known))) ? 'otherMajor' : 'foreign';
}

/** Line ends and white space around do not change what a statement does. */
function normal(text: string): string {
  return text.replace(/\r\n?/g, '\n').trim();
}

/**
 * A name for a new file: what it is about, the connection and the local time, without a character that a file system
 * could mind. `taken` tells a name that is in use.
 */
export function runbookFileName(id: string, connection: string, at: Date, taken: (name: string) => boolean): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  const place = connection
    .normalize('NFC')
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40);
  const stem = [id, place, day, `${two(at.getHours())}${two(at.getMinutes())}`].filter((part) => part !== '').join('-');
  for (let number = 1; ; number++) {
    const name = `${stem}${number === 1 ? '' : `-${number}`}.dbops.md`;
    if (!taken(name)) return name;
  }
}
