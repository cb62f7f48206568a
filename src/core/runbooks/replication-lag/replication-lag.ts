import { archiverStatement } from '../../health/checks/archiver';
import { slotsStatement, type Slot } from '../../health/checks/slots';
import { replicationStatement } from '../../health/replication';
import { sessionsStatement } from '../../health/sessions-statement';
import type { Session } from '../../ports/session';
import { Kept } from '../kept';
import { allGood, compareMeasures, type Measure } from '../measures';
import { askOthers, type OtherServer } from '../other-servers';
import { outcomeResult } from '../outcome-result';
import { busySessionsStatement } from '../pool-exhaustion/session-groups';
import type { RunbookTools } from '../registry';
import { failed, ok, type Runbook, type Step, type StepResult, type StepRun } from '../runbook';
import { actionStatement } from '../session-actions';
import { standbySideStatement } from '../standby-side';
import { verdictText } from '../verdict';
import { orderedChoices, victimPlaceholder } from '../victim-choice';
import { dropChosenSlot } from './drop-chosen-slot';
import { dropSlotSql, resumeReplay, resumeSql } from './lag-actions';
import {
  archiverMarkdown,
  headroomMarkdown,
  lagMeasures,
  slotsMarkdown,
  stagesMarkdown,
  standbysMarkdown,
} from './lag-evidence';
import { lagVerdict, type KnownStandby, type LagEvidence } from './lag-verdict';
import { replicationOf } from './replication-now';

const why = `# Replication Lag

**When:** reads from a standby are stale, the lag is above 10 MB or a second.

WAL passes three stages: it is sent (network, walsender), flushed on the standby (its disk) and replayed there (a pause, a
query in the way, one process for all). The stage that holds the most decides what to do.

The guide's statement compares with \`sent_lsn\` and shows 0 while everything waits to be replayed; its slot statement shows
nothing for physical slots. Both are read to the end here. Never drop a slot without seeing what is lost.`;

const before = new Kept<readonly Measure[]>();

interface Read {
  readonly evidence: LagEvidence;
  readonly unanswered: readonly OtherServer<unknown>[];
}

/** The runbook of the guide's "Replication Lag". */
export function replicationLag(tools: RunbookTools): Runbook {
  return {
    id: 'replication-lag',
    version: 1,
    title: 'Replication Lag',
    level: 'L1',
    steps: [...diagnosis(tools), ...actions(tools)],
  };
}

function diagnosis(tools: RunbookTools): readonly Step[] {
  return [
    { id: 'why', kind: 'why', language: 'markdown', text: () => why },
    {
      id: 'stages',
      kind: 'diagnose',
      language: 'sql',
      heading: '## Stage by stage',
      text: ({ major }) => replicationStatement(major).text.trim(),
      run: async (run) => ok(stagesMarkdown(await replicationOf(run, tools))),
    },
    {
      id: 'standbys',
      kind: 'diagnose',
      language: 'sql',
      heading: '## On the standbys\n\nAsked of the other saved connections of the same cluster.',
      text: ({ major }) => standbySideStatement(major).text.trim(),
      run: async (run) => {
        const { evidence, unanswered } = await read(run, tools);
        return ok(standbysMarkdown(evidence.standbys, unanswered));
      },
    },
    {
      id: 'slots',
      kind: 'diagnose',
      language: 'sql',
      heading: '## Slots',
      text: ({ major }) => slotsStatement(major).text.trim(),
      run: async ({ session, signal }) =>
        ok(slotsMarkdown(await session.read(slotsStatement(session.capabilities.major), signal))),
    },
    {
      id: 'archiver',
      kind: 'diagnose',
      language: 'sql',
      heading: '## Archive',
      text: () => archiverStatement.text.trim(),
      run: async ({ session, signal }) => {
        const rows = session.capabilities.inRecovery ? [] : await session.read(archiverStatement, signal);
        return ok(archiverMarkdown(rows[0]));
      },
    },
    {
      id: 'verdict',
      kind: 'verdict',
      language: 'plaintext',
      heading: '## Verdict',
      text: () => 'Which stage holds it up, why, and the next step',
      run: async (run) => {
        const { evidence } = await read(run, tools);
        before.set(run.memory, lagMeasures(evidence));
        const { main, others } = lagVerdict(evidence);
        return { ...ok(verdictText(main, others)), ...(main.next ? { next: main.next.step } : {}) };
      },
    },
    {
      id: 'headroom',
      kind: 'diagnose',
      language: 'sql',
      heading: '## May reads go to the primary',
      text: () => sessionsStatement.text.trim(),
      run: async (run) => {
        const [sessions] = await run.session.read(sessionsStatement, run.signal);
        const { main } = lagVerdict((await read(run, tools)).evidence);
        if (!sessions) return failed('The server told nothing of its sessions.');
        return ok(headroomMarkdown(sessions, run.session.capabilities.inRecovery, main.cause !== 'none'));
      },
    },
  ];
}

function actions(tools: RunbookTools): readonly Step[] {
  const signals = (major: number): string =>
    (['cancel', 'terminate'] as const)
      .map((action) => `-- ${action}\n${actionStatement(action, { pid: 0, backendStart: null }, major).text};`)
      .join('\n\n');
  return [
    {
      id: 'resume',
      kind: 'act',
      language: 'sql',
      button: 'Act: resume replay on a standby…',
      heading: '## Act: resume replay',
      text: () => `${resumeSql};`,
      run: (run) => resume(run, tools),
    },
    {
      id: 'query',
      kind: 'act',
      language: 'sql',
      button: 'Act: end a query on a standby…',
      heading: '## Act: end the query that replay waits for\n\n`$1` is its pid and `$2` its `backend_start`.',
      text: ({ major }) => signals(major),
      run: (run) => endQuery(run, tools),
    },
    {
      id: 'slot',
      kind: 'act',
      language: 'sql',
      button: 'Act: drop a slot…',
      heading: '## Act: drop a slot without a consumer\n\n`$1` is its name, `$2` its position when it was chosen.',
      text: () => `${dropSlotSql};`,
      run: (run) => dropChosenSlot(run, tools),
    },
    {
      id: 'verify',
      kind: 'verify',
      language: 'sql',
      heading: '## Verify',
      text: ({ major }) => replicationStatement(major).text.trim(),
      run: (run) => verify(run, tools),
    },
  ];
}

async function read(run: StepRun, tools: RunbookTools): Promise<Read> {
  const { session, signal, profile } = run;
  const { major, inRecovery } = session.capabilities;
  const replication = await replicationOf(run, tools);
  const slots: readonly Slot[] = await session.read(slotsStatement(major), signal);
  const [archiver] = inRecovery ? [] : await session.read(archiverStatement, signal);
  const own = await sideOf(session, signal);
  const others = await askOthers(tools.connections, profile.id, sideOf, signal);
  const standbys = others.flatMap(({ profile: { id, name }, answer }): KnownStandby[] => {
    if (!answer?.side.inRecovery || answer.side.systemIdentifier !== own.side.systemIdentifier) return [];
    return [{ connectionId: id, connection: name, ...answer }];
  });
  const here: KnownStandby[] = own.side.inRecovery
    ? [{ connectionId: profile.id, connection: profile.name, ...own }]
    : [];
  const evidence = {
    replication,
    slots,
    archiver: archiver ?? null,
    standbys: [...here, ...standbys],
    limited: replication.limited,
  };
  return { evidence, unanswered: others.filter(({ answer }) => !answer) };
}

async function sideOf(session: Session, signal: AbortSignal): Promise<Pick<KnownStandby, 'side' | 'busy'>> {
  const [side] = await session.read(standbySideStatement(session.capabilities.major), signal);
  if (!side) throw new Error('The server told nothing of itself.');
  return { side, busy: side.inRecovery ? await session.read(busySessionsStatement(1), signal) : [] };
}

async function resume(run: StepRun, tools: RunbookTools): Promise<StepResult> {
  const { evidence } = await read(run, tools);
  const paused = evidence.standbys.filter(({ side }) => side.paused);
  const chosen = await chooseStandby(paused, 'Resume Replay', tools);
  if (!chosen)
    return ok(
      paused.length === 0 ? 'No standby among the saved connections has its replay paused.' : 'Nothing was done.',
    );
  const outcome = await tools.gate.run(chosen.connectionId, resumeReplay(), run.signal, run.profile.id);
  return outcomeResult(outcome, { on: chosen.connection });
}

async function chooseStandby(
  standbys: readonly KnownStandby[],
  title: string,
  { prompts }: RunbookTools,
): Promise<KnownStandby | undefined> {
  if (standbys.length <= 1) return standbys[0];
  return prompts.pick(
    title,
    standbys.map((standby) => ({ label: standby.connection, value: standby })),
    'On which standby?',
  );
}

async function endQuery(run: StepRun, tools: RunbookTools): Promise<StepResult> {
  const { evidence } = await read(run, tools);
  const busy = evidence.standbys.filter((standby) => standby.busy.length > 0);
  const standby = await chooseStandby(busy, 'End a Query on a Standby', tools);
  if (!standby)
    return ok(busy.length === 0 ? 'No session on a standby has been at work for long.' : 'Nothing was done.');
  const chosen = await tools.prompts.pick(
    `Sessions on ${standby.connection}`,
    orderedChoices(standby.busy, undefined),
    victimPlaceholder,
  );
  if (!chosen) return ok('Nothing was done.');
  const { victim, action } = chosen;
  const outcome = await tools.gate.signal(standby.connectionId, victim, action, run.signal, run.profile.id);
  return outcomeResult(outcome, { on: standby.connection });
}

async function verify(run: StepRun, tools: RunbookTools): Promise<StepResult> {
  const { evidence } = await read(run, tools);
  const measures = lagMeasures(evidence);
  const table = compareMeasures(before.get(run.memory), measures);
  if (allGood(measures)) return ok(`**Good again.**\n\n${table}`);
  const { main, others } = lagVerdict(evidence);
  return failed(`${table}\n\n${verdictText(main, others)}`);
}
