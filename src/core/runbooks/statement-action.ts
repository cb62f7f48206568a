import type { Capabilities, Statement } from '../ports/session';
import type { GuardedAction, Inspection, Plan } from './guarded-action';
import type { Outcome } from './outcome';

/** An action on something other than a session: a slot, a table, a setting. All text is plain. */
export interface StatementAction<Now> {
  /** e.g. "drop replication slot dead_cdc". */
  readonly name: string;
  /** e.g. "Drop the replication slot dead_cdc". */
  readonly question: string;
  readonly button: string;
  /** e.g. "the slot was dropped". */
  readonly whether: string;
  readonly readAgain: string;
  /** The subject and the privileges in one row; no row: it is gone. The subject must be told by an identity, not by a name that another may have by now. */
  readonly preflight: Statement<Now>;
  readonly gone: string;
  readonly refusal: (now: Now, server: Capabilities) => string | undefined;
  readonly describe: (now: Now) => readonly string[];
  readonly risk: string;
  /** What the person relies on. When it is another one after the confirmation, nothing runs. */
  readonly frozen: (now: Now) => unknown;
  readonly statement: (now: Now, server: Capabilities) => Statement<unknown>;
  readonly ownSession?: boolean;
  readonly alwaysTyped?: boolean;
  readonly leftovers?: string;
  readonly outcome?: (rows: readonly unknown[]) => Outcome;
  /** Said when it is done, where `outcome` is missing. */
  readonly done?: string;
  readonly look?: Plan['look'];
}

/** Makes it something the gate can run. */
export function statementAction<Now>(action: StatementAction<Now>): GuardedAction {
  const { name } = action;
  return {
    name,
    inspect: async (session, abort): Promise<Inspection> => {
      const [now] = await session.read(action.preflight, abort);
      if (now === undefined) return { kind: 'gone', message: action.gone };
      const refusal = action.refusal(now, session.capabilities);
      if (refusal !== undefined) return { kind: 'refused', message: refusal };
      return { kind: 'ready', plan: planOf(action, now, session.capabilities) };
    },
  };
}

function planOf<Now>(action: StatementAction<Now>, now: Now, server: Capabilities): Plan {
  const { name, question, button, whether, readAgain, ownSession, alwaysTyped, leftovers, look, done } = action;
  const frozen = JSON.stringify(action.frozen(now));
  return {
    name,
    question,
    button,
    whether,
    readAgain,
    frozen,
    detail: [...action.describe(now), `Risk: ${action.risk}`],
    statement: action.statement(now, server),
    moved: (later) => (later.frozen === frozen ? undefined : 'What it acts on has changed'),
    outcome: action.outcome ?? (() => ({ kind: 'done', message: done ?? 'The server has done it.' })),
    ...(ownSession === undefined ? {} : { ownSession }),
    ...(alwaysTyped === undefined ? {} : { alwaysTyped }),
    ...(leftovers === undefined ? {} : { leftovers }),
    ...(look === undefined ? {} : { look }),
  };
}
