import type { ConnectionProfile } from '../connection/profile';
import { formatCount } from '../format/quantities';
import type { Clock } from '../ports/clock';
import type { Connections } from '../ports/connections';
import { DatabaseError, isAbort } from '../ports/database-error';
import type { Log } from '../ports/log';
import type { Prompts } from '../ports/prompts';
import type { Session } from '../ports/session';
import { describeVictim, withParameters } from './action-text';
import { refused, type Outcome } from './outcome';
import {
  actionStatement,
  preflightStatement,
  refusal,
  refusalBeforeAsking,
  type Preflight,
  type SessionAction,
  type Victim,
} from './session-actions';

/** How long the gate looks whether a signal has worked, in ms. */
const lookForMs = 5000;
const lookAgainMs = 100;

interface Attempt {
  readonly profile: ConnectionProfile;
  readonly victim: Victim;
  readonly action: SessionAction;
  readonly sql: string;
  readonly session: Session;
}

/**
 * The one way to a statement that changes something. It refuses before it asks, shows exactly what will run on whom,
 * asks, makes sure that what was shown is still so, runs, looks whether it worked, and logs.
 */
export class ActionGate {
  constructor(
    private readonly connections: Connections,
    private readonly prompts: Prompts,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /**
   * Cancels the statement of a session or terminates the session. Where a cancel would do nothing, since no statement
   * runs, the question is whether to terminate. Never rejects.
   */
  async signal(connectionId: string, victim: Victim, wanted: SessionAction, abort?: AbortSignal): Promise<Outcome> {
    const profile = this.connections.profiles.find(connectionId);
    if (!profile) return refused('This connection was removed.');
    const outcome = await this.attempt(profile, victim, wanted, abort).catch((error: unknown): Outcome => {
      if (isAbort(error) || abort?.aborted === true) return backedOut;
      return refused(`Nothing was done: ${reasonOf(error)}`);
    });
    if (outcome.sql === undefined) {
      this.log.info(
        `Action on ${place(profile)}: ${wanted} session ${victim.pid}: ${outcome.kind}. ${outcome.message}`,
      );
    }
    return outcome;
  }

  private async attempt(
    profile: ConnectionProfile,
    victim: Victim,
    wanted: SessionAction,
    abort?: AbortSignal,
  ): Promise<Outcome> {
    const early = refusalBeforeAsking(profile, victim);
    if (early !== undefined) return refused(early);
    const session = await this.connections.session(profile.id, abort);
    const [shown] = await session.read(preflightStatement(victim), abort);
    if (!shown) return gone(victim);
    const reason = refusal(victim, shown);
    if (reason !== undefined) return refused(`Session ${victim.pid}: ${reason}`);

    const action = wanted === 'cancel' && shown.state?.startsWith('idle') === true ? 'terminate' : wanted;
    const sql = withParameters(actionStatement(action, victim, session.capabilities.major));
    if (!(await this.ask(profile, victim, shown, wanted, action, sql))) return backedOut;

    // A person may think for minutes: the connection may be another one by now, and the victim may have moved on.
    const current = this.connections.profiles.find(profile.id);
    if (!current || current.readOnly || !asksAlike(current, profile))
      return refused('The connection was changed meanwhile. Nothing was done.');
    const again = await this.connections.session(profile.id, abort);
    if (withParameters(actionStatement(action, victim, again.capabilities.major)) !== sql)
      return refused('The server is of another version than the one asked about. Nothing was done.');
    const [now] = await again.read(preflightStatement(victim), abort);
    if (!now) return gone(victim);
    const moved = movedOn(action, shown, now);
    if (moved !== undefined)
      return refused(`Session ${victim.pid} ${moved} since you were asked. Nothing was done: read the locks again.`);
    return this.run({ profile, victim, action, sql, session: again }, now, abort);
  }

  private ask(
    profile: ConnectionProfile,
    victim: Victim,
    shown: Preflight,
    wanted: SessionAction,
    action: SessionAction,
    sql: string,
  ): Promise<boolean> {
    const cancels = action === 'cancel';
    return this.prompts.confirm({
      title: cancels
        ? `Cancel the query of session ${victim.pid} on ${profile.name}?`
        : `Terminate session ${victim.pid} on ${profile.name}?`,
      detail: [
        ...describeVictim(victim, shown),
        `When it was listed, it held up ${formatCount(victim.holdsUp, 'session')}.`,
        cancels
          ? 'Risk: its statement ends with an error, and the transaction it belongs to can only be rolled back.'
          : 'Risk: its connection is closed and its open transaction is rolled back; the application sees a broken connection.',
        ...(action === wanted
          ? []
          : [
              `It is ${shown.state ?? 'idle'}, so no statement runs: a cancel would return true and do nothing. It can only be terminated.`,
            ]),
      ].join('\n'),
      sql,
      action: cancels ? 'Cancel Query' : 'Terminate Session',
      ...(profile.environment === 'production' ? { typedName: profile.name } : {}),
    });
  }

  /** From here on everything is logged: before it is sent, lest a crash hide it, and with its result. */
  private async run(attempt: Attempt, before: Preflight, abort?: AbortSignal): Promise<Outcome> {
    const { profile, victim, action, sql, session } = attempt;
    const what = `Action on ${place(profile)} as role ${session.capabilities.user}: ${action} session ${victim.pid} of role ${victim.user ?? 'unknown'}`;
    this.log.info(`${what}, sent: ${sql.replace(/\s+/g, ' ')}`);
    const outcome = await this.send(attempt, before, abort);
    this.log.info(`${what}: ${outcome.kind}. ${outcome.message}`);
    return outcome;
  }

  private async send(
    { victim, action, sql, session }: Attempt,
    before: Preflight,
    abort?: AbortSignal,
  ): Promise<Outcome> {
    const id = `session ${victim.pid}`;
    try {
      // Not aborted half-way: whether it worked would not be known.
      const rows = await session.act(actionStatement(action, victim, session.capabilities.major));
      if (rows.length === 0) return { ...gone(victim), sql };
    } catch (error) {
      if (error instanceof DatabaseError && serverSaidNo.has(error.reason))
        return { ...refused(`The server refused: ${reasonOf(error)}`), sql };
      const message = `Whether ${id} was ${action === 'cancel' ? 'cancelled' : 'terminated'} is not known: ${reasonOf(error)} Read the locks again.`;
      return { kind: 'unknown', message, sql };
    }
    try {
      return { ...(await this.look(session, victim, action, before, abort)), sql };
    } catch (error) {
      const why = isAbort(error) ? 'the wait for it was cancelled.' : reasonOf(error);
      return {
        kind: 'unknown',
        message: `The signal was sent. Whether ${id} obeyed is not known: ${why} Read the locks again.`,
        sql,
      };
    }
  }

  /** Looks until the signal has worked or the time for it is over. */
  private async look(
    session: Session,
    victim: Victim,
    action: SessionAction,
    before: Preflight,
    abort?: AbortSignal,
  ): Promise<Outcome> {
    const end = this.clock.now() + lookForMs;
    for (;;) {
      const [after] = await session.read(preflightStatement(victim), abort);
      if (!after) return { kind: 'done', message: `Session ${victim.pid} has ended.` };
      if (action === 'cancel' && after.moment !== before.moment)
        return {
          kind: 'done',
          message: `The statement of session ${victim.pid} has ended; the session is ${after.state ?? 'there'}.`,
        };
      if (this.clock.now() > end) {
        const next =
          action === 'cancel'
            ? 'Read the locks again, and terminate it if it must end.'
            : 'It may be in a system call. Read the locks again.';
        return {
          kind: 'still-there',
          message: `The signal was sent, and after ${lookForMs / 1000} s session ${victim.pid} is still at it. ${next}`,
        };
      }
      await new Promise<void>((resolve) => void this.clock.after(lookAgainMs, resolve));
    }
  }
}

/** Reasons with which the server itself answered, so that nothing was done. */
const serverSaidNo: ReadonlySet<string> = new Set([
  'permission-denied',
  'refused',
  'statement-failed',
  'undefined-object',
]);

const backedOut: Outcome = { kind: 'backed-out', message: 'Nothing was done.' };

function gone({ pid }: Victim): Outcome {
  return { kind: 'already-gone', message: `Session ${pid} is already gone. Nothing was done.` };
}

/** How the victim differs from what was shown, where it matters for this action. */
function movedOn(action: SessionAction, shown: Preflight, now: Preflight): string | undefined {
  if (now.transaction !== shown.transaction)
    return shown.transaction === '' ? 'has begun a transaction' : 'has ended its transaction';
  if (action === 'cancel' && now.moment !== shown.moment) return 'has gone on to something else';
  return undefined;
}

function place(profile: ConnectionProfile): string {
  return `${profile.name} (${profile.environment})`;
}

function reasonOf(error: unknown): string {
  if (error instanceof DatabaseError && error.remedy !== undefined) return `${error.message} ${error.remedy}`;
  return error instanceof Error ? error.message : String(error);
}

/** What was confirmed still holds: the same server, under the same name, asked about in the same way. */
function asksAlike(a: ConnectionProfile, b: ConnectionProfile): boolean {
  return a.name === b.name && a.environment === b.environment && JSON.stringify(a.target) === JSON.stringify(b.target);
}
