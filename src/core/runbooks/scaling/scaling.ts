import { slotsStatement } from '../../health/checks/slots';
import { sessionsStatement } from '../../health/sessions-statement';
import type { SignalOutcome } from '../../health/signal';
import { readHistory } from '../../history/read-history';
import { observedOutcomes } from '../../monitor/observed-outcomes';
import { systemClock } from '../../ports/clock';
import { baseBackupsMarkdown, baseBackupsStatement } from '../base-backups';
import { Kept } from '../kept';
import { escapeMarkdown } from '../markdown';
import { allGood, compareMeasures, type Measure } from '../measures';
import { askOthers } from '../other-servers';
import { outcomeResult } from '../outcome-result';
import { sizingLines } from '../pool-exhaustion/layers';
import { limitsStatement, sizeAdvice } from '../pool-exhaustion/size-advice';
import type { RunbookTools } from '../registry';
import { dropSlotSql } from '../replication-lag/lag-actions';
import { dropChosenSlot } from '../replication-lag/drop-chosen-slot';
import { failed, ok, type Runbook, type Step, type StepResult, type StepRun } from '../runbook';
import { verdictText } from '../verdict';
import { capacityStatement, tooSmallOnStandbys, type Capacity, type Peer } from './capacity';
import { memoryAdvice } from './memory-advice';
import { machineMemory, memoryOf } from './machine-memory';
import { poolSettings } from './pool-settings';
import { followersOf, positionsStatement, replayedStatement, type Follower, type OwnSide } from './replay-delay';
import { baseBackupCommand, preconditionsMarkdown, progressMarkdown, type ReplicaEvidence } from './replica-progress';
import { createSlot, createSlotSql, slotNameProblem } from './slot-action';
import { measuredMarkdown, standbyRuleMarkdown } from './scaling-text';
import { scalingMeasures, scalingVerdict, type ScalingEvidence } from './scaling-verdict';

const why = `# Scaling

**When:** the server is full, reads are slow or lag grows with load, a disk fills, or pools do not fit any more.

The guide adds a **replica** when the CPU of the replicas stays above 70 %, lag grows with load, or reads miss their p95; it
takes a **larger server** when the CPU stays above 80 %, memory is short, or a disk makes requests wait for more than 20 ms.
SQL sees none of these but the lag: what is not measured is said to be so. A leak, a lock or one bad statement fills any
server; that comes first.

The guide divides by \`max_connections\` and forgets reserved slots and other applications; here the usable slots count.`;

const before = new Kept<readonly Measure[]>();

/** The runbook of the guide's "Scaling". */
export function scaling(tools: RunbookTools): Runbook {
  return {
    id: 'scaling',
    version: 1,
    title: 'Scaling',
    level: 'L3',
    parameters: [machineMemory],
    steps: [...diagnosis(tools), ...replica(tools)],
  };
}

function diagnosis(tools: RunbookTools): readonly Step[] {
  return [
    { id: 'why', kind: 'why', language: 'markdown', text: () => why },
    {
      id: 'measured',
      kind: 'diagnose',
      language: 'sql',
      heading: '## What is measured, and what is not',
      text: () => `${sessionsStatement.text.trim()};\n\n${capacityStatement.text.trim()}`,
      run: async (run) => ok(measuredMarkdown(await readEvidence(run, tools))),
    },
    {
      id: 'verdict',
      kind: 'verdict',
      language: 'plaintext',
      heading: '## Verdict',
      text: () => 'What asks for more, of what, and the next step',
      run: async (run) => {
        const evidence = await readEvidence(run, tools);
        const { main, others } = scalingVerdict(evidence);
        before.set(run.memory, scalingMeasures(evidence));
        return { ...ok(verdictText(main, others)), ...(main.next ? { next: main.next.step } : {}) };
      },
    },
    {
      id: 'memory',
      kind: 'diagnose',
      language: 'sql',
      heading: '## Memory: shared\\_buffers and work\\_mem',
      text: () => capacityStatement.text.trim(),
      run: async ({ session, signal, parameters }) =>
        ok(list(memoryAdvice(await capacityOf(session, signal), memoryOf(parameters)))),
    },
    {
      id: 'connections',
      kind: 'diagnose',
      language: 'sql',
      heading: '## Connections: pools, max\\_connections and the standbys',
      text: () => limitsStatement.text.trim(),
      run: (run) => connections(run, tools),
    },
  ];
}

function replica(tools: RunbookTools): readonly Step[] {
  return [
    {
      id: 'before',
      kind: 'diagnose',
      language: 'sql',
      heading: '## A new replica: what must be there before',
      text: () => capacityStatement.text.trim(),
      run: async (run) => ok(preconditionsMarkdown(await capacityOf(run.session, run.signal))),
    },
    {
      id: 'slot',
      kind: 'act',
      language: 'sql',
      button: 'Act: make a slot…',
      heading:
        '## Act, 1: make its slot\n\nFrom the beginning of its base backup on it keeps the WAL that the replica will need.',
      text: () => `${createSlotSql};`,
      run: (run) => makeSlot(run, tools),
    },
    {
      id: 'progress',
      kind: 'diagnose',
      language: 'sql',
      heading:
        '## 2 to 4: base backup, streaming, lag\n\nRun this cell again after each step. The lag is measured: how long until a standby has replayed what the primary had when it was asked.',
      text: ({ major }) =>
        [
          slotsStatement(major).text.trim(),
          positionsStatement.text.trim(),
          ...(major >= 13 ? [baseBackupsStatement.text.trim()] : []),
        ].join(';\n\n'),
      run: (run) => progress(run, tools),
    },
    {
      id: 'drop',
      kind: 'act',
      language: 'sql',
      button: 'Act: drop a slot…',
      heading:
        '## Act: drop the slot of a replica that was not built\n\n`$1` is its name, `$2` its position when it was chosen.',
      text: () => `${dropSlotSql};`,
      run: (run) => dropChosenSlot(run, tools),
    },
    {
      id: 'verify',
      kind: 'verify',
      language: 'sql',
      heading: '## Verify',
      text: () => sessionsStatement.text.trim(),
      run: async (run) => {
        const evidence = await readEvidence(run, tools);
        const measures = scalingMeasures(evidence);
        const compared = compareMeasures(before.get(run.memory), measures);
        if (allGood(measures)) return ok(`**Good again,** by what SQL can tell.\n\n${compared}`);
        const { main, others } = scalingVerdict(evidence);
        return failed(`${compared}\n\n${verdictText(main, others)}`);
      },
    },
  ];
}

async function capacityOf(session: StepRun['session'], signal: AbortSignal): Promise<Capacity> {
  const [capacity] = await session.read(capacityStatement, signal);
  if (!capacity) throw new Error('The server told nothing of itself.');
  return capacity;
}

/** This server first, then those of its cluster among the saved connections. */
async function peersOf(
  { session, signal, profile }: StepRun,
  tools: RunbookTools,
): Promise<readonly [Peer, ...Peer[]]> {
  const capacity = await capacityOf(session, signal);
  const others = await askOthers(tools.connections, profile.id, capacityOf, signal);
  const peers = others.flatMap(({ profile: { id, name, target }, answer }): Peer[] =>
    answer?.systemIdentifier === capacity.systemIdentifier
      ? [{ connectionId: id, connection: name, host: target.host, port: target.port, capacity: answer }]
      : [],
  );
  const { id, name, target } = profile;
  return [{ connectionId: id, connection: name, host: target.host, port: target.port, capacity }, ...peers];
}

/** How far the standbys are, asked of themselves where a connection is saved. */
function followers(
  { session, signal }: StepRun,
  peers: readonly Peer[],
  tools: RunbookTools,
): Promise<readonly Follower[]> {
  const sides = peers
    .filter(({ capacity }) => capacity.inRecovery)
    .map(({ connectionId, capacity }): OwnSide => ({
      slot: capacity.slotName,
      name: capacity.clusterName,
      replayed: async (abort) => {
        const standby = await tools.connections.session(connectionId, abort);
        return (await standby.read(replayedStatement, abort))[0] ?? null;
      },
    }));
  return followersOf(session, sides, systemClock, signal);
}

async function readEvidence(run: StepRun, tools: RunbookTools): Promise<ScalingEvidence> {
  const { session, signal, profile, now } = run;
  const [sessions] = await session.read(sessionsStatement, signal);
  if (!sessions) throw new Error('The server told nothing of its sessions.');
  const peers = await peersOf(run, tools);
  const primary = peers.find((peer) => !peer.capacity.inRecovery);
  return {
    sessions,
    capacity: peers[0].capacity,
    major: session.capabilities.major,
    followers: await followers(run, peers, tools),
    tooSmall: primary ? tooSmallOnStandbys(primary.capacity, peers) : [],
    signals: signalsOf(tools, profile.id, now),
    peak: await peakOf(tools, profile.id, now),
  };
}

/** What the monitor last read of the checks that call for this runbook, and of the pools; none where it is not watched. */
function signalsOf({ snapshot }: RunbookTools, connectionId: string, now: Date): readonly SignalOutcome[] {
  const shown = snapshot(connectionId);
  if (!shown.watched) return [];
  return observedOutcomes(shown, now.getTime()).filter(
    ({ about: { id, runbook } }) => runbook === 'scaling' || id === 'hikari-sizing',
  );
}

/** A quarter of a year, as the guide reviews pools. In ms. */
const lookBackMs = 92 * 86_400_000;

async function peakOf(tools: RunbookTools, connectionId: string, now: Date): Promise<ScalingEvidence['peak']> {
  const at = now.getTime();
  const key = { connectionId, signal: 'sessions.used', subject: '' };
  const points = readHistory(await tools.history(), key, at - lookBackMs, at);
  const [first] = points;
  if (!first) return null;
  const days = Math.max(1, Math.round((at - first.at) / 86_400_000));
  return { part: Math.max(...points.map(({ max }) => max)), days };
}

async function connections(run: StepRun, tools: RunbookTools): Promise<StepResult> {
  const { session, signal, profile } = run;
  const [limits] = await session.read(limitsStatement, signal);
  if (!limits) return failed('The server told nothing.');
  const peers = await peersOf(run, tools);
  const usable = limits.maxConnections - limits.superuserReserved - limits.reserved;
  const addressOf = ({ host, port }: Peer): { host: string; port: number | undefined }[] =>
    host === undefined ? [] : [{ host, port }];
  const [primary] = peers.filter(({ capacity }) => !capacity.inRecovery).flatMap(addressOf);
  const standbys = peers.filter(({ capacity }) => capacity.inRecovery).flatMap(addressOf);
  return ok(
    [
      list(sizeAdvice(limits, sizingLines(tools.snapshot(profile.id)))),
      standbyRuleMarkdown(peers, limits.major),
      '**To copy into the application** (Spring Boot, pgjdbc):',
      poolSettings(primary, standbys, session.capabilities.database, usable),
    ].join('\n\n'),
  );
}

async function replicas(run: StepRun, tools: RunbookTools): Promise<ReplicaEvidence> {
  const { session, signal } = run;
  const { major } = session.capabilities;
  return {
    slots: await session.read(slotsStatement(major), signal),
    followers: await followers(run, await peersOf(run, tools), tools),
    backups: major >= 13 ? await session.read(baseBackupsStatement, signal) : null,
  };
}

async function progress(run: StepRun, tools: RunbookTools): Promise<StepResult> {
  const evidence = await replicas(run, tools);
  const waiting = evidence.slots.find((slot) => !slot.logical && !slot.active);
  const { host, port } = run.profile.target;
  const command =
    waiting === undefined ? [] : ['Next:', baseBackupCommand(host ?? 'PRIMARY', port ?? 5432, waiting.name)];
  return ok([progressMarkdown(evidence), baseBackupsMarkdown(evidence.backups), ...command].join('\n\n'));
}

async function makeSlot(run: StepRun, { gate, prompts }: RunbookTools): Promise<StepResult> {
  const name = await prompts.input({
    title: `New Replication Slot on ${run.profile.name}`,
    prompt: 'The name of the new replica; small letters, digits and underscores',
    placeholder: 'replica_b',
    validate: slotNameProblem,
  });
  if (name === undefined) return ok('Nothing was done.');
  const outcome = await gate.run(run.profile.id, createSlot(name), run.signal);
  return outcomeResult(outcome, { role: run.session.capabilities.user });
}

function list(lines: readonly string[]): string {
  return lines.map((line) => `- ${escapeMarkdown(line)}`).join('\n');
}
