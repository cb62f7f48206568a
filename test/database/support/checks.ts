import assert from 'node:assert/strict';
import type { Threshold, Finding, SignalOutcome } from '../../../src/core/health/signal';
import { startChecks } from '../../../src/core/health/checks/all-checks';
import type { RunningCheck } from '../../../src/core/health/check-run';
import type { ConnectionTarget } from '../../../src/core/connection/profile';
import type { Session } from '../../../src/core/ports/session';
import type { LabServer } from '../../lab/server';
import { labOpener, profileOf } from './monitor';

/** The checks of one server as a test runs them: each when the test says so, at a time the test gives. */
export class CheckBench {
  /** Added to the real time, to let samples grow old. In ms. */
  skew = 0;
  private readonly checks: readonly RunningCheck[];

  private constructor(
    readonly session: Session,
    overrides: Readonly<Record<string, Partial<Threshold>>>,
  ) {
    this.checks = startChecks((signal, standard) => ({ ...standard, ...overrides[signal] }));
  }

  static async open(
    server: LabServer,
    target: ConnectionTarget = { user: 'monitor' },
    overrides: Readonly<Record<string, Partial<Threshold>>> = {},
  ): Promise<CheckBench> {
    const session = await labOpener.open(profileOf(server, 'checks', target), new AbortController().signal);
    return new CheckBench(session, overrides);
  }

  /** Runs one check now. */
  async run(id: string): Promise<SignalOutcome> {
    const check = this.checks.find(({ outcome }) => outcome.about.id === id);
    assert.ok(check, `no check ${id}`);
    await check.run(this.session, undefined, () => Date.now() + this.skew, new AbortController().signal);
    return check.outcome;
  }

  async all(): Promise<readonly SignalOutcome[]> {
    for (const { outcome } of this.checks) await this.run(outcome.about.id);
    return this.checks.map(({ outcome }) => outcome);
  }

  /** Runs one check and gives its findings; it must have been read. */
  async findings(id: string): Promise<readonly Finding[]> {
    const { problem, absent, findings } = await this.run(id);
    assert.deepEqual([problem, absent], [null, null]);
    return findings;
  }

  close(): Promise<void> {
    return this.session.close();
  }
}
