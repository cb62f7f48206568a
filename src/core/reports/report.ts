import type { ConnectionProfile } from '../connection/profile';
import type { Connections } from '../ports/connections';
import type { Prompts } from '../ports/prompts';
import type { Session } from '../ports/session';
import type { ReportDocument, ReportId, RowAddress, RowDetail } from './document';

/** The person's choices by option id; what is missing or unknown is the default. */
export type ChosenOptions = Readonly<Record<string, string>>;

/** What a reading is given. */
export interface ReadContext {
  readonly profile: ConnectionProfile;
  readonly session: Session;
  readonly options: ChosenOptions;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly signal: AbortSignal;
  /** Shows what is read so far, when the rest takes its time. */
  readonly preview: (reading: Reading) => void;
}

/** What an action on a row may use beside the server. */
export interface ActionTools {
  readonly profile: ConnectionProfile;
  readonly connections: Connections;
  readonly prompts: Prompts;
  readonly signal: AbortSignal;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Puts a text on the clipboard. */
  readonly copy: (text: string) => Promise<void>;
  /** Something that takes time has begun; it can be cancelled. */
  readonly begin: (what: string) => void;
}

/** How an action ended: a line for the person, and whether the document is another one now. */
export interface ActionResult {
  readonly message: string;
  readonly changed: boolean;
}

/** What was read at one time. */
export interface Reading {
  readonly document: ReportDocument;
  /** Undefined when there is no such row. */
  detail(address: RowAddress): RowDetail | undefined;
  /** Undefined when there is no such row or action. */
  act(address: RowAddress, action: string, tools: ActionTools): Promise<ActionResult> | undefined;
}

/** A kind of report. `read` rejects with a DatabaseError, or with an AbortError when given up. */
export interface Report {
  readonly id: ReportId;
  readonly title: string;
  read(context: ReadContext): Promise<Reading>;
}
