import type { ConnectionProfile } from '../connection/profile';
import type { AuditEntry, AuditLog } from '../history/audit-log';
import type { Clock } from '../ports/clock';
import type { Connections } from '../ports/connections';
import { DatabaseError, isAbort } from '../ports/database-error';
import type { Log } from '../ports/log';
import type { Prompts } from '../ports/prompts';
import type { Session } from '../ports/session';
import { withParameters } from './action-text';
import type { GuardedAction, Plan } from './guarded-action';
import { refused, type Outcome } from './outcome';
import type { SessionAction, Victim } from './session-actions';
import { signalAction } from './signal-action';

interface Attempt {
  readonly profile: ConnectionProfile;
  readonly takenFor: string;
  readonly plan: Plan;
  readonly sql: string;
  readonly session: Session;
}

/** Who acts, and where it is written down. */
export interface Auditor {
  readonly osUser: string;
  readonly log: () => Promise<AuditLog>;
}

/**
 * The one way to a statement that changes something. It refuses before it asks, shows exactly what will run on what, asks,
 * makes sure that what was shown is still so, runs it once, looks whether it worked, and writes it down.
 */
export class ActionGate {
  constructor(
    private readonly connections: Connections,
    private readonly prompts: Prompts,
    private readonly clock: Clock,
    private readonly log: Log,
    private readonly auditor: Auditor,
  ) {}

  /** Cancels the statement of a session or terminates the session. Never rejects. See `run`. */
  signal(
    connectionId: string,
    victim: Victim,
    wanted: SessionAction,
    abort?: AbortSignal,
    takenFor = connectionId,
  ): Promise<Outcome> {
    return this.run(connectionId, signalAction(victim, wanted, this.clock), abort, takenFor);
  }

  /**
   * Never rejects: what went wrong is the outcome.
   * @param takenFor the connection whose runbook asks for it, where that is another one than the one acted on
   */
  async run(
    connectionId: string,
    action: GuardedAction,
    abort?: AbortSignal,
    takenFor = connectionId,
  ): Promise<Outcome> {
    const profile = this.connections.profiles.find(connectionId);
    if (!profile) return refused('This connection was removed.');
    const outcome = await this.attempt(profile, takenFor, action, abort).catch((error: unknown): Outcome => {
      if (isAbort(error) || abort?.aborted === true) return backedOut;
      return refused(`Nothing was done: ${reasonOf(error)}`);
    });
    if (outcome.sql === undefined)
      this.log.info(`Action on ${place(profile)}: ${action.name}: ${outcome.kind}. ${outcome.message}`);
    return outcome;
  }

  private async attempt(
    profile: ConnectionProfile,
    takenFor: string,
    action: GuardedAction,
    abort?: AbortSignal,
  ): Promise<Outcome> {
    if (profile.readOnly) return refused(readOnlyText(profile));
    if (action.refusedAtOnce !== undefined) return refused(action.refusedAtOnce);
    const session = await this.connections.session(profile.id, abort);
    const shown = await action.inspect(session, abort);
    if (shown.kind !== 'ready') return notReady(shown);
    const { plan } = shown;
    const sql = withParameters(plan.statement);
    if (!(await this.ask(profile, plan, sql))) return backedOut;

    // A person may think for minutes: the connection may be another one by now, and the subject may have moved on.
    const current = this.connections.profiles.find(profile.id);
    if (!current || current.readOnly || !asksAlike(current, profile))
      return refused('The connection was changed meanwhile. Nothing was done.');
    const again = await this.connections.session(profile.id, abort);
    const now = await action.inspect(again, abort);
    if (now.kind !== 'ready') return notReady(now);
    if (again.capabilities.versionNum !== session.capabilities.versionNum)
      return refused('The server is of another version than the one asked about. Nothing was done.');
    const moved = plan.moved(now.plan);
    if (moved !== undefined) return refused(`${moved} since you were asked. Nothing was done. ${plan.readAgain}`);
    if (withParameters(now.plan.statement) !== sql)
      return refused(`The statement would be another one by now. Nothing was done. ${plan.readAgain}`);
    const attempt = { profile, takenFor, plan: now.plan, sql };
    if (plan.ownSession !== true) return this.carryOut({ ...attempt, session: again }, abort);
    const own = await this.connections.dedicated(profile.id, abort);
    try {
      await now.plan.started?.(own);
      return await this.carryOut({ ...attempt, session: own }, abort);
    } finally {
      await own.close();
    }
  }

  private ask(profile: ConnectionProfile, plan: Plan, sql: string): Promise<boolean> {
    return this.prompts.confirm({
      title: `${plan.question} on ${profile.name}?`,
      detail: plan.detail.join('\n'),
      sql,
      action: plan.button,
      ...(profile.environment === 'production' || plan.alwaysTyped === true ? { typedName: profile.name } : {}),
    });
  }

  /** From here on everything is written down: before it is sent, lest a crash hide it, and with its result. */
  private async carryOut(attempt: Attempt, abort?: AbortSignal): Promise<Outcome> {
    const { profile, takenFor, plan, sql, session } = attempt;
    const { user, backendPid } = session.capabilities;
    const what = `Action on ${place(profile)} as role ${user}: ${plan.name}`;
    const at = this.clock.now();
    const entry: AuditEntry = {
      id: `${at}-${Math.floor(this.clock.random() * 1e9)}`,
      at,
      endedAt: null,
      osUser: this.auditor.osUser,
      connectionId: profile.id,
      takenFor,
      connection: profile.name,
      environment: profile.environment,
      role: user,
      backendPid,
      action: plan.name,
      statement: sql,
      outcome: 'sent',
      message: '',
    };
    await this.record(entry);
    this.log.info(`${what}, sent: ${sql.replace(/\s+/g, ' ')}`);
    const outcome = { ...(await this.send(attempt, abort)), sql };
    this.log.info(`${what}: ${outcome.kind}. ${outcome.message}`);
    await this.record({ ...entry, endedAt: this.clock.now(), outcome: outcome.kind, message: outcome.message });
    return outcome;
  }

  /** At night a busy file must not keep anyone from acting: the log of the extension has it all the same. */
  private async record(entry: AuditEntry): Promise<void> {
    try {
      (await this.auditor.log()).record(entry);
    } catch (error) {
      this.log.error('The action could not be written to the audit log; it stands in this log only.', error);
    }
  }

  private async send({ plan, session }: Attempt, abort?: AbortSignal): Promise<Outcome> {
    let rows: readonly unknown[];
    try {
      // Only a long one is aborted half-way: of a short one it would not be known whether it worked.
      rows = await session.act(plan.statement, plan.ownSession === true ? abort : undefined);
    } catch (error) {
      if (isAbort(error)) return stopped(plan, 'It was cancelled.');
      if (error instanceof DatabaseError && serverSaidNo.has(error.reason))
        return refused(`The server refused: ${reasonOf(error)}`);
      if (error instanceof DatabaseError && serverStopped.has(error.reason)) return stopped(plan, reasonOf(error));
      return notKnown(`Whether ${plan.whether} is not known: ${reasonOf(error)} ${plan.readAgain}`);
    }
    const outcome = plan.outcome?.(rows);
    if (outcome && outcome.kind !== 'done') return outcome;
    if (!outcome && rows.length === 0)
      return { kind: 'already-gone', message: 'It is already gone. Nothing was done.' };
    if (!plan.look) return outcome ?? { kind: 'done', message: 'The server has done it.' };
    try {
      return await plan.look(session, abort);
    } catch (error) {
      const why = isAbort(error) ? 'the wait for it was cancelled.' : reasonOf(error);
      return notKnown(`It was sent. Whether ${plan.whether} is not known: ${why} ${plan.readAgain}`);
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

/** The statement was ended before its end; in a transaction that undoes it. */
const serverStopped: ReadonlySet<string> = new Set(['lock-timeout', 'statement-timeout', 'cancelled-by-server']);

const backedOut: Outcome = { kind: 'backed-out', message: 'Nothing was done.' };

function notReady({ kind, message }: { readonly kind: 'refused' | 'gone'; readonly message: string }): Outcome {
  return kind === 'gone' ? { kind: 'already-gone', message: `${message} Nothing was done.` } : refused(message);
}

function notKnown(message: string): Outcome {
  return { kind: 'unknown', message };
}

function stopped(plan: Plan, why: string): Outcome {
  return { kind: 'stopped', message: `${why} ${plan.leftovers ?? 'Nothing was changed.'}` };
}

function place(profile: ConnectionProfile): string {
  return `${profile.name} (${profile.environment})`;
}

function readOnlyText(profile: ConnectionProfile): string {
  return `${profile.name} is read-only in this panel. To allow actions: DB Ops: Edit Connection…, "Actions", "Allow actions".`;
}

function reasonOf(error: unknown): string {
  if (error instanceof DatabaseError && error.remedy !== undefined) return `${error.message} ${error.remedy}`;
  return error instanceof Error ? error.message : String(error);
}

/** What was confirmed still holds: the same server, under the same name, asked about in the same way. */
function asksAlike(a: ConnectionProfile, b: ConnectionProfile): boolean {
  return a.name === b.name && a.environment === b.environment && JSON.stringify(a.target) === JSON.stringify(b.target);
}
