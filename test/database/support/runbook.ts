import assert from 'node:assert/strict';
import type { ConnectionProfile } from '../../../src/core/connection/profile';
import type { ProjectScripts } from '../../../src/core/flyway/resolve-scripts';
import type { RunbookId } from '../../../src/core/health/signal';
import { MemoryHistory } from '../../../src/core/history/memory-history';
import type { ConnectionMonitor } from '../../../src/core/monitor/connection-monitor';
import type { KnownPools } from '../../../src/core/pool/known-pools';
import { systemClock } from '../../../src/core/ports/clock';
import { ActionGate } from '../../../src/core/runbooks/action-gate';
import { LongWork, type ShowWork, type WorkRecord } from '../../../src/core/runbooks/long-work/long-work';
import { Memory } from '../../../src/core/runbooks/kept';
import type { ParameterValues } from '../../../src/core/runbooks/parameter';
import { findRunbook, type RunbookTools } from '../../../src/core/runbooks/registry';
import type { Runbook, StepResult } from '../../../src/core/runbooks/runbook';
import { ScriptedPrompts } from '../../../src/vscode/scripted-prompts';
import { quietLog, realMonitor, TestProfiles } from './monitor';

/** A runbook opened on real connections, as a notebook has it: its steps share a memory and run one by one. */
export class RunbookBench {
  readonly prompts = new ScriptedPrompts();
  readonly audit = new MemoryHistory('a test');
  readonly profiles: TestProfiles;
  readonly monitor: ConnectionMonitor;
  readonly tools: RunbookTools;
  /** The scripts of the workspace, as the test sets them. */
  scripts: readonly ProjectScripts[] = [];
  /** The pools before the server, as the test sets them. */
  pools: KnownPools | undefined;
  readonly work: LongWork;
  /** Long work as it is written down, its notifications and what they said; `cancelWork` is their button. */
  workRecords: readonly WorkRecord[] = [];
  readonly shown: string[] = [];
  readonly reported: string[] = [];
  cancelWork = new AbortController();
  private memory = new Memory();

  constructor(profiles: readonly ConnectionProfile[]) {
    this.profiles = new TestProfiles(profiles);
    this.monitor = realMonitor(this.profiles, 60_000);
    const auditor = { osUser: 'tester', log: () => Promise.resolve(this.audit) };
    const gate = new ActionGate(this.monitor, this.prompts, systemClock, quietLog, auditor);
    const snapshot = this.monitor.snapshot.bind(this.monitor);
    const store = {
      list: () => this.workRecords,
      save: (all: readonly WorkRecord[]) => Promise.resolve(void (this.workRecords = all)),
    };
    const show: ShowWork = (title, run) => {
      this.shown.push(title);
      return run((words) => this.reported.push(words), this.cancelWork.signal);
    };
    this.work = new LongWork(gate, this.monitor, this.prompts, systemClock, store, show);
    this.tools = {
      connections: this.monitor,
      gate,
      prompts: this.prompts,
      work: this.work,
      snapshot,
      pools: () => this.pools,
      history: () => Promise.resolve(this.audit),
      scripts: () => Promise.resolve(this.scripts),
      lintOf: () => undefined,
    };
  }

  /** As a new notebook: what the cells knew of each other is forgotten. */
  open(id: RunbookId): Promise<Runbook> {
    this.memory = new Memory();
    const entry = findRunbook(id);
    assert.ok(entry, id);
    return entry.load(this.tools);
  }

  /** Runs a step on a connection. */
  async run(book: Runbook, step: string, connection: string, parameters: ParameterValues = {}): Promise<StepResult> {
    const found = book.steps.find(({ id }) => id === step);
    const profile = this.profiles.find(connection);
    assert.ok(found && profile, `${step} on ${connection}`);
    const { signal } = new AbortController();
    const offline = { profile, parameters, memory: this.memory, now: new Date(), signal };
    if (found.runOffline) return found.runOffline(offline);
    const session = await this.monitor.session(connection);
    const result = await found.run?.({ ...offline, session });
    assert.ok(result, `${step} runs`);
    return result;
  }

  /** Runs everything that only reads, in its order, and gives the verdict. */
  async diagnose(book: Runbook, connection: string, parameters: ParameterValues = {}): Promise<StepResult> {
    let verdict: StepResult | undefined;
    for (const { id, kind } of book.steps) {
      if (kind !== 'diagnose' && kind !== 'verdict') continue;
      const result = await this.run(book, id, connection, parameters);
      if (kind === 'verdict') verdict = result;
    }
    assert.ok(verdict);
    return verdict;
  }

  close(): Promise<void> {
    return this.monitor.close();
  }
}
