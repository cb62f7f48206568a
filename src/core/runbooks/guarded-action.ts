import type { Session, Statement } from '../ports/session';
import type { Outcome } from './outcome';

/** Everything there is to know and to ask before a statement runs. All text is plain. */
export interface Plan {
  /** e.g. "terminate session 4242 of role shop", for the log and the audit. */
  readonly name: string;
  /** The question without the connection: "Terminate session 4242". */
  readonly question: string;
  /** What it acts on as it is now, and the risk: lines. */
  readonly detail: readonly string[];
  /** The button: a verb. */
  readonly button: string;
  readonly statement: Statement<unknown>;
  /** "session 4242 was terminated", for "whether … is not known". */
  readonly whether: string;
  /** Where to look when it is not known: "Read the locks again." */
  readonly readAgain: string;
  /**
   * How the plan made right before the statement is sent differs from this one, where it matters: "Session 4242 has
   * ended its transaction". Undefined: it is what was confirmed.
   */
  readonly moved: (now: Plan) => string | undefined;
  /** What a person relied on; compared by `moved`. */
  readonly frozen: string;
  /** Long, or not to be run in a transaction: on a session of its own, which the person can cancel. */
  readonly ownSession?: boolean;
  /** The name of the connection is typed on every server, not only in production: it locks others out for long. */
  readonly alwaysTyped?: boolean;
  /** Told when the session of its own is there, before anything is sent on it. When it rejects, nothing is sent. */
  readonly started?: (own: Session) => Promise<void>;
  /** Said when the statement was stopped before its end: what it may have left. Without it: nothing was changed. */
  readonly leftovers?: string;
  /** The outcome by the rows of the statement; where it is missing, no rows mean that the subject is gone. */
  readonly outcome?: (rows: readonly unknown[]) => Outcome;
  /** Looks whether it has worked; else the statement's end is its success. */
  readonly look?: (session: Session, abort?: AbortSignal) => Promise<Outcome>;
}

export type Inspection =
  { readonly kind: 'ready'; readonly plan: Plan } | { readonly kind: 'refused' | 'gone'; readonly message: string };

/** Something that changes a server. The gate inspects it, asks, inspects it again and only then sends it. */
export interface GuardedAction {
  /** For the log where it never came to a plan. */
  readonly name: string;
  /** Why it is refused without asking the server; undefined when it may go on. */
  readonly refusedAtOnce?: string | undefined;
  /** What is true now, privileges included. Reads only. */
  inspect(session: Session, abort?: AbortSignal): Promise<Inspection>;
}
