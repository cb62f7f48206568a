import { formatCount } from '../format/quantities';
import type { Clock } from '../ports/clock';
import type { Session } from '../ports/session';
import { describeVictim } from './action-text';
import type { GuardedAction, Inspection, Plan } from './guarded-action';
import type { Outcome } from './outcome';
import {
  actionStatement,
  preflightStatement,
  refusal,
  refusalOfVictim,
  type Preflight,
  type SessionAction,
  type Victim,
} from './session-actions';

/** How long it is looked whether a signal has worked, in ms. */
const lookForMs = 5000;
const lookAgainMs = 100;

/** What is compared before and after the question. */
interface Moment {
  readonly action: SessionAction;
  readonly transaction: string;
  readonly moment: string;
}

/**
 * Cancels the statement of a session or terminates the session. Where a cancel would do nothing, since no statement
 * runs, the question is whether to terminate.
 */
export function signalAction(victim: Victim, wanted: SessionAction, clock: Clock): GuardedAction {
  return {
    name: `${wanted} session ${victim.pid}`,
    refusedAtOnce: refusalOfVictim(victim),
    inspect: async (session, abort): Promise<Inspection> => {
      const [now] = await session.read(preflightStatement(victim), abort);
      if (!now) return gone(victim);
      const reason = refusal(victim, now);
      if (reason !== undefined) return { kind: 'refused', message: `Session ${victim.pid}: ${reason}` };
      return { kind: 'ready', plan: planOf(victim, wanted, now, session.capabilities.major, clock) };
    },
  };
}

function planOf(victim: Victim, wanted: SessionAction, now: Preflight, major: number, clock: Clock): Plan {
  const action = wanted === 'cancel' && now.state?.startsWith('idle') === true ? 'terminate' : wanted;
  const cancels = action === 'cancel';
  const { pid } = victim;
  const moment: Moment = { action, transaction: now.transaction, moment: now.moment };
  return {
    name: `${action} session ${pid} of role ${victim.user ?? 'unknown'}`,
    question: cancels ? `Cancel the query of session ${pid}` : `Terminate session ${pid}`,
    detail: [
      ...describeVictim(victim, now),
      `When it was listed, it held up ${formatCount(victim.holdsUp, 'session')}.`,
      cancels
        ? 'Risk: its statement ends with an error, and the transaction it belongs to can only be rolled back.'
        : 'Risk: its connection is closed and its open transaction is rolled back; the application sees a broken connection.',
      ...(action === wanted
        ? []
        : [
            `It is ${now.state ?? 'idle'}, so no statement runs: a cancel would return true and do nothing. It can only be terminated.`,
          ]),
    ],
    button: cancels ? 'Cancel Query' : 'Terminate Session',
    statement: actionStatement(action, victim, major),
    whether: `session ${pid} was ${cancels ? 'cancelled' : 'terminated'}`,
    readAgain: 'Read the locks again.',
    frozen: JSON.stringify(moment),
    moved: (later) => {
      const what = movedOn(moment, JSON.parse(later.frozen) as Moment);
      return what === undefined ? undefined : `Session ${pid} ${what}`;
    },
    look: (session, abort) => look(session, victim, action, now, clock, abort),
  };
}

function gone({ pid }: Victim): Inspection & { kind: 'gone' } {
  return { kind: 'gone', message: `Session ${pid} is already gone.` };
}

/** How the victim differs from what was shown, where it matters for this action. */
function movedOn(shown: Moment, now: Moment): string | undefined {
  if (now.transaction !== shown.transaction)
    return shown.transaction === '' ? 'has begun a transaction' : 'has ended its transaction';
  if (shown.action === 'cancel' && now.moment !== shown.moment) return 'has gone on to something else';
  return undefined;
}

/** Looks until the signal has worked or the time for it is over. */
async function look(
  session: Session,
  victim: Victim,
  action: SessionAction,
  before: Preflight,
  clock: Clock,
  abort?: AbortSignal,
): Promise<Outcome> {
  const end = clock.now() + lookForMs;
  for (;;) {
    const [after] = await session.read(preflightStatement(victim), abort);
    if (!after) return { kind: 'done', message: `Session ${victim.pid} has ended.` };
    if (action === 'cancel' && after.moment !== before.moment)
      return {
        kind: 'done',
        message: `The statement of session ${victim.pid} has ended; the session is ${after.state ?? 'there'}.`,
      };
    if (clock.now() > end) {
      const next =
        action === 'cancel'
          ? 'Read the locks again, and terminate it if it must end.'
          : 'It may be in a system call. Read the locks again.';
      return {
        kind: 'still-there',
        message: `The signal was sent, and after ${lookForMs / 1000} s session ${victim.pid} is still at it. ${next}`,
      };
    }
    await new Promise<void>((resolve) => void clock.after(lookAgainMs, resolve));
  }
}
