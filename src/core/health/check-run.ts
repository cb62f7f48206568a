import { DatabaseError, endsSession, isAbort } from '../ports/database-error';
import type { Capabilities, Session, Statement } from '../ports/session';
import { quoteLiteral } from '../sql/identifier';
import { tiers, type CheckContext, type CheckDefinition, type Sample } from './check';
import type { SessionsState } from './sessions';
import { worstFirst, type Finding, type SignalAbout, type SignalOutcome } from './signal';

/** A statement that ran into its time-out is not sent again for this long: it would hold up the others. In ms. */
const afterTimeoutMs = 900_000;

/** One check of one server over time, whatever its rows are. */
export interface RunningCheck {
  readonly outcome: SignalOutcome;
  /** ms since the epoch of the latest attempt; undefined: it is due. */
  readonly triedAt: number | undefined;
  isDue(now: number): boolean;
  /** Makes it due whatever its tier says. */
  hurry(): void;
  /** The limits are other ones: what was read last is compared with them. */
  regrade(): void;
  /** Reads and evaluates. Throws only what ends the session. */
  run(session: Session, sessions: SessionsState | undefined, now: () => number, signal: AbortSignal): Promise<void>;
}

/** What a check needs beside its session. */
export type Limits = CheckContext['limits'];

/** Keeps the samples of one check, and what they mean. A reading that fails leaves the last findings, with its reason. */
export class CheckRun<Row> implements RunningCheck {
  outcome: SignalOutcome;
  private samples: readonly Sample<Row>[] = [];
  triedAt: number | undefined;
  private waitMs: number;
  /** What the samples came from. */
  private server: Capabilities | undefined;

  constructor(
    private readonly check: CheckDefinition<Row>,
    private readonly limits: Limits,
  ) {
    this.waitMs = check.tierMs;
    this.outcome = { about: aboutOf(check), sql: '', at: null, problem: null, absent: null, findings: [] };
  }

  isDue(now: number): boolean {
    if (this.triedAt === undefined) return true;
    const age = now - this.triedAt;
    // Polls come a little early or late; one tenth of a tier must not cost a whole poll.
    return age >= 0.9 * this.waitMs || age < 0;
  }

  hurry(): void {
    this.triedAt = undefined;
  }

  regrade(): void {
    // Statements that ask by a limit are read every few seconds to a minute: they are read anew.
    if (this.check.tierMs < tiers.quarter) this.hurry();
    const now = this.samples.at(-1);
    if (!now || !this.server || this.outcome.absent !== null) return;
    const context: CheckContext = { server: this.server, limits: this.limits };
    const findings = this.check.evaluate({ now, earlier: this.samples.slice(0, -1) }, context);
    this.outcome = { ...this.outcome, findings: worstFirst(findings) };
  }

  async run(
    session: Session,
    sessions: SessionsState | undefined,
    now: () => number,
    signal: AbortSignal,
  ): Promise<void> {
    const { check } = this;
    const { capabilities: server } = session;
    this.triedAt = now();
    this.waitMs = check.tierMs;
    if (this.server && isAnother(this.server, server, this.samples.at(-1)?.at)) this.samples = [];
    const absent = check.absent?.(server) ?? null;
    if (absent !== null) {
      this.samples = [];
      this.outcome = { ...this.outcome, at: now(), problem: null, absent, findings: [] };
      return;
    }
    if (check.needsFullView === true && !server.seesAllSessions) {
      this.samples = [];
      this.outcome = { ...this.outcome, at: now(), problem: null, absent: null, findings: [limitedView(check.id)] };
      return;
    }
    const context: CheckContext = { server, limits: this.limits };
    const sent: string[] = [];
    try {
      const query = <R>(statement: Statement<R>): Promise<readonly R[]> => {
        sent.push(asSent(statement));
        return session.read(statement, signal);
      };
      const needed = sessions === undefined || check.isNeeded === undefined || check.isNeeded(sessions);
      const rows = needed ? await check.read(query, context) : [];
      const at = now();
      const earlier = this.samples.filter((sample) => sample.at < at && at - sample.at <= (check.keepMs ?? 0));
      const findings = check.evaluate({ now: { at, rows }, earlier }, context);
      this.samples = [...earlier, { at, rows }];
      this.server = server;
      const sql = sent.length > 0 ? sent.join(';\n\n') : this.outcome.sql;
      this.outcome = { ...this.outcome, sql, at, problem: null, absent: null, findings: worstFirst(findings) };
    } catch (error) {
      if (isAbort(error) || endsSession(error)) throw error;
      if (error instanceof DatabaseError && error.reason === 'statement-timeout') {
        this.waitMs = Math.max(afterTimeoutMs, check.tierMs);
      }
      const sql = sent.length > 0 ? sent.join(';\n\n') : this.outcome.sql;
      this.outcome = { ...this.outcome, sql, absent: null, problem: `not read: ${reasonOf(error)}` };
    }
  }
}

function aboutOf({ id, group, title, explanation, runbook, tierMs }: SignalAbout): SignalAbout {
  return { id, group, title, explanation, runbook, tierMs };
}

/**
 * The address leads to another server now (a failover, a second host): its counters are no later ones of the same. One that
 * was only restarted began after it was read last.
 */
function isAnother(before: Capabilities, now: Capabilities, readAt: number | undefined): boolean {
  const [then, since] = [Date.parse(before.startedAt), Date.parse(now.startedAt)];
  return readAt !== undefined && then !== since && since < readAt;
}

/** A statement with its values in their places, as a person runs it again. It is shown and copied, and never sent. */
function asSent({ text, values = [] }: Statement<unknown>): string {
  const literal = (value: unknown): string =>
    Array.isArray(value)
      ? `ARRAY[${(value as unknown[]).map(literal).join(', ')}]`
      : value === null || value === undefined
        ? 'NULL'
        : typeof value === 'number'
          ? String(value)
          : quoteLiteral(typeof value === 'string' ? value : JSON.stringify(value));
  return text.trim().replace(/\$(\d+)/g, (place, digits: string) => {
    const index = Number(digits) - 1;
    return index < values.length ? literal(values[index]) : place;
  });
}

function reasonOf(error: unknown): string {
  if (error instanceof DatabaseError && error.reason === 'lock-timeout') return 'a table was locked exclusively';
  return error instanceof Error ? error.message : String(error);
}

function limitedView(id: string): Finding {
  return {
    signal: `${id}.view`,
    subject: '',
    value: null,
    unit: 'count',
    threshold: null,
    severity: 'unknown',
    words: 'limited view',
    lines: ['Limited view: the server hides this from the role. Grant pg_monitor.'],
  };
}
