import type { ConnectionProfile } from '../connection/profile';
import { formatCount, formatDuration } from '../format/quantities';
import type { Clock } from '../ports/clock';
import type { Connections } from '../ports/connections';
import { DatabaseError, isAbort } from '../ports/database-error';
import type { Log } from '../ports/log';
import type { Prompts } from '../ports/prompts';
import type { Session, Statement } from '../ports/session';
import {
  actionStatement,
  preflightStatement,
  refusal,
  terminateWaitMs,
  type Preflight,
  type SessionAction,
  type Victim,
} from './session-actions';

/** How an action ended. `unknown`: the connection was lost in the middle, so it may or may not have happened. */
export interface Outcome {
  readonly kind: 'done' | 'already-gone' | 'refused' | 'still-there' | 'unknown' | 'backed-out';
  readonly message: string;
  /** What ran, with its parameters; undefined when nothing did. */
  readonly sql?: string;
}

/** How long a cancelled statement gets to end, in ms. */
const cancelWaitMs = 5000;
const lookAgainMs = 100;

/**
 * The one way to a statement that changes something. It refuses before it asks, shows exactly what will run on whom,
 * asks, runs, looks whether it worked, and logs.
 */
export class ActionGate {
  constructor(
    private readonly connections: Connections,
    private readonly prompts: Prompts,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /** Cancels the statement of a session or terminates it. Cancelling an idle session does nothing: it is terminated. */
  async signal(connectionId: string, victim: Victim, wanted: SessionAction, abort?: AbortSignal): Promise<Outcome> {
    const profile = this.connections.profiles.find(connectionId);
    if (!profile) return refused('This connection was removed.');
    const outcome = await this.attempt(profile, victim, wanted, abort);
    this.audit(profile, wanted, victim, outcome);
    return outcome;
  }

  private async attempt(
    profile: ConnectionProfile,
    victim: Victim,
    wanted: SessionAction,
    abort?: AbortSignal,
  ): Promise<Outcome> {
    if (profile.readOnly) {
      return refused(
        `${profile.name} is read-only in this panel. To allow actions: DB Ops: Edit Connection…, "Actions", "Allow actions".`,
      );
    }
    if (victim.pid === 0) {
      return refused(
        'A prepared transaction has no session to signal. Its owner ends it with COMMIT PREPARED or ROLLBACK PREPARED and its name.',
      );
    }
    if (victim.backendStart === null) {
      return refused(
        'This role does not see when the session began, so it cannot be told from another one. Grant pg_monitor.',
      );
    }
    try {
      const session = await this.connections.session(profile.id, abort);
      const [now] = await session.read(preflightStatement(victim), abort);
      if (!now) return { kind: 'already-gone', message: `Session ${victim.pid} is already gone.` };
      const reason = refusal(victim, now);
      if (reason !== undefined) return refused(`Session ${victim.pid}: ${reason}`);
      return await this.askAndRun(profile, session, victim, now, wanted, abort);
    } catch (error) {
      if (isAbort(error)) return { kind: 'backed-out', message: 'Cancelled.' };
      return refused(error instanceof Error ? error.message : String(error));
    }
  }

  private async askAndRun(
    profile: ConnectionProfile,
    session: Session,
    victim: Victim,
    now: Preflight,
    wanted: SessionAction,
    abort?: AbortSignal,
  ): Promise<Outcome> {
    const idle = now.state !== null && now.state.startsWith('idle');
    const action: SessionAction = wanted === 'cancel' && idle ? 'terminate' : wanted;
    const statement = actionStatement(action, victim, session.capabilities.major);
    const sql = withParameters(statement);
    const confirmed = await this.prompts.confirm({
      title:
        action === 'cancel'
          ? `Cancel the query of session ${victim.pid} on ${profile.name}?`
          : `Terminate session ${victim.pid} on ${profile.name}?`,
      detail: [
        describe(victim, now.state),
        `It holds up ${formatCount(victim.holdsUp, 'session')}.`,
        action === 'cancel'
          ? 'Risk: its statement ends with an error, and its transaction is rolled back.'
          : 'Risk: its connection is closed and its open transaction is rolled back; the application sees a broken connection.',
        ...(action === wanted
          ? []
          : [`It is ${now.state ?? 'idle'}: a cancel would return true and do nothing, so it must be terminated.`]),
      ].join('\n'),
      sql,
      action: action === 'cancel' ? 'Cancel Query' : 'Terminate Session',
      ...(profile.environment === 'production' ? { typedName: profile.name } : {}),
    });
    if (!confirmed) return { kind: 'backed-out', message: 'Nothing was done.' };
    return this.run(session, victim, now, action, statement, sql, abort);
  }

  private async run(
    session: Session,
    victim: Victim,
    before: Preflight,
    action: SessionAction,
    statement: Statement<boolean>,
    sql: string,
    abort?: AbortSignal,
  ): Promise<Outcome> {
    try {
      // Once it is sent it is not aborted half-way: whether it worked would not be known.
      const [sent] = await session.act(statement);
      if (sent === undefined) return { kind: 'already-gone', message: `Session ${victim.pid} had ended before.`, sql };
      const limit = this.clock.now() + (action === 'cancel' ? cancelWaitMs : terminateWaitMs);
      for (;;) {
        const [after] = await session.read(preflightStatement(victim), abort);
        if (!after) return { kind: 'done', message: `Session ${victim.pid} has ended.`, sql };
        if (action === 'cancel' && after.queryId !== before.queryId)
          return {
            kind: 'done',
            message: `The statement of session ${victim.pid} has ended; the session is ${after.state ?? 'there'}.`,
            sql,
          };
        if (this.clock.now() > limit) {
          const next =
            action === 'cancel'
              ? 'Terminate it if it must end.'
              : 'It may be in a system call or in a critical section; look again.';
          return {
            kind: 'still-there',
            message: `The signal was ${sent ? 'sent' : 'not delivered'}, and session ${victim.pid} is still there. ${next}`,
            sql,
          };
        }
        await new Promise<void>((resolve) => void this.clock.after(lookAgainMs, resolve));
      }
    } catch (error) {
      if (error instanceof DatabaseError && error.reason === 'permission-denied')
        return { ...refused(error.message), sql };
      const message = `Whether session ${victim.pid} was ${action === 'cancel' ? 'cancelled' : 'terminated'} is not known: ${error instanceof Error ? error.message : String(error)} Read the locks again.`;
      return { kind: 'unknown', message, sql };
    }
  }

  private audit(profile: ConnectionProfile, wanted: SessionAction, victim: Victim, outcome: Outcome): void {
    const statement = outcome.sql === undefined ? 'nothing ran' : outcome.sql.replace(/\s+/g, ' ');
    this.log.info(
      `Action on ${profile.name} (${profile.environment}): ${wanted} ${victim.pid} of ${victim.user ?? 'unknown role'}: ${outcome.kind}. ${outcome.message} [${statement}]`,
    );
  }
}

function refused(message: string): Outcome {
  return { kind: 'refused', message };
}

/** The statement as it runs, its parameters beside it. */
export function withParameters(statement: Statement<unknown>): string {
  const parameters = (statement.values ?? []).map((value, index) => `-- $${index + 1} = ${JSON.stringify(value)}`);
  return [statement.text.trim(), ...parameters].join('\n');
}

/** One line about a victim, for lists and questions. */
export function describe(victim: Victim, state: string | null = victim.state): string {
  const age = victim.transactionAgeS === null ? '' : `, transaction open for ${formatDuration(victim.transactionAgeS)}`;
  const query = (victim.query ?? '').replace(/\s+/g, ' ').trim();
  return [
    `${victim.user ?? 'unknown role'}@${victim.database ?? '?'} · ${victim.application ?? ''} · ${victim.clientAddress ?? 'local'} · ${state ?? 'state hidden'}${age}`,
    ...(query === '' ? [] : [`Last statement: ${query.length > 200 ? `${query.slice(0, 199)}…` : query}`]),
  ].join('\n');
}
