import { locksStatement } from '../../health/blocking';
import { buildLockState } from '../../health/blocking-graph';
import { sessionsStatement } from '../../health/sessions-statement';
import { Kept } from '../kept';
import { escapeMarkdown } from '../markdown';
import { allGood, compareMeasures, type Measure } from '../measures';
import { outcomeResult } from '../outcome-result';
import type { RunbookTools } from '../registry';
import { failed, ok, type Runbook, type StepResult, type StepRun } from '../runbook';
import { actionStatement, freeze } from '../session-actions';
import { verdictText } from '../verdict';
import { orderedChoices, victimPlaceholder } from '../victim-choice';
import { layersOf, sizingLines } from './layers';
import { busyMarkdown, groupsMarkdown, placesMarkdown, poolMeasures } from './pool-evidence';
import { poolVerdict, slowS, type PoolEvidence } from './pool-verdict';
import { busySessionsStatement, sessionGroupsStatement } from './session-groups';
import { limitsStatement, sizeAdvice } from './size-advice';

const why = `# Connection Pool Exhaustion

**When:** requests wait for a connection, time out or fail with 503; the server says "too many clients" (53300).

It can be full at three places: the pool of an application, a pooler, the server. Why it is full decides what to do: many
sessions _idle in transaction_ are a leak, many _active_ ones a slow statement or a lock, many _idle_ ones pools that are
too large. A larger pool heals none of the first three.

The guide's query for long statements also lists walsenders, and its bulk kill can end backups and this session: here each
session is chosen, shown and checked again inside the statement that ends it.`;

const before = new Kept<readonly Measure[]>();

/** The runbook of the guide's "Connection Pool Exhaustion". */
export function poolExhaustion(tools: RunbookTools): Runbook {
  const evidenceOf = (run: StepRun): Promise<PoolEvidence> => readEvidence(run, tools);
  return {
    id: 'pool-exhaustion',
    version: 1,
    title: 'Pool Exhaustion',
    level: 'L1',
    steps: [
      { id: 'why', kind: 'why', language: 'markdown', text: () => why },
      {
        id: 'places',
        kind: 'diagnose',
        language: 'sql',
        heading: '## Where it is full',
        text: () => sessionsStatement.text.trim(),
        run: async (run) => ok(placesMarkdown(await evidenceOf(run))),
      },
      {
        id: 'groups',
        kind: 'diagnose',
        language: 'sql',
        heading: '## Who holds the connections',
        text: () => sessionGroupsStatement.text.trim(),
        run: async ({ session, signal }) => ok(groupsMarkdown(await session.read(sessionGroupsStatement, signal))),
      },
      {
        id: 'busy',
        kind: 'diagnose',
        language: 'sql',
        heading: `## What they do\n\nSessions at work or left in a transaction for more than ${slowS.whenFull} s, as \`$1\` says.`,
        text: () => busySessionsStatement(slowS.whenFull).text.trim(),
        run: async ({ session, signal }) =>
          ok(busyMarkdown(await session.read(busySessionsStatement(slowS.whenFull), signal))),
      },
      {
        id: 'verdict',
        kind: 'verdict',
        language: 'plaintext',
        heading: '## Verdict',
        text: () => 'Where it is full, why, and the next step',
        run: async (run) => {
          const evidence = await evidenceOf(run);
          const verdict = poolVerdict(evidence);
          before.set(run.memory, poolMeasures(evidence, verdict));
          const { next } = verdict.main;
          return { ...ok(verdictText(verdict.main, verdict.others)), ...(next ? { next: next.step } : {}) };
        },
      },
      {
        id: 'act',
        kind: 'act',
        language: 'sql',
        button: 'Act: choose a session…',
        heading:
          '## Act: end a session\n\nRun the cell to choose one. `$1` is its pid and `$2` its `backend_start`: a later session with the same pid is not touched. Nothing runs before you have confirmed it.',
        text: ({ major }) =>
          (['cancel', 'terminate'] as const)
            .map((action) => `-- ${action}\n${actionStatement(action, { pid: 0, backendStart: null }, major).text};`)
            .join('\n\n'),
        run: (run) => act(run, tools),
      },
      {
        id: 'size',
        kind: 'diagnose',
        language: 'sql',
        heading: '## How large may the pools be\n\nOnly after the cause is gone, or where there is none but load.',
        text: () => limitsStatement.text.trim(),
        run: async ({ session, signal, profile }) => {
          const [limits] = await session.read(limitsStatement, signal);
          if (!limits) return failed('The server told nothing.');
          const lines = sizeAdvice(limits, sizingLines(tools.snapshot(profile.id)));
          return ok(lines.map((line) => `- ${escapeMarkdown(line)}`).join('\n'));
        },
      },
      {
        id: 'verify',
        kind: 'verify',
        language: 'sql',
        heading: '## Verify',
        text: () => sessionsStatement.text.trim(),
        run: (run) => verify(run, tools),
      },
    ],
  };
}

async function readEvidence({ session, signal, profile }: StepRun, tools: RunbookTools): Promise<PoolEvidence> {
  const { major, seesAllSessions } = session.capabilities;
  const [sessions] = await session.read(sessionsStatement, signal);
  if (!sessions) throw new Error('The server did not tell its sessions.');
  const locks = buildLockState(await session.read(locksStatement(major), signal), !seesAllSessions);
  return {
    sessions,
    locks,
    groups: seesAllSessions ? await session.read(sessionGroupsStatement, signal) : [],
    busy: seesAllSessions ? await session.read(busySessionsStatement(slowS.whenFull), signal) : [],
    layers: layersOf(tools.snapshot(profile.id)),
  };
}

async function act(run: StepRun, { gate, prompts, ...tools }: RunbookTools): Promise<StepResult> {
  const evidence = await readEvidence(run, { gate, prompts, ...tools });
  const { recommended } = poolVerdict(evidence);
  const { sessions } = evidence.locks;
  const inGraph = [...sessions.values()].filter(
    ({ pid, blocks }) => pid !== 0 && (blocks.length > 0 || pid === recommended?.pid),
  );
  const others = evidence.busy
    .filter(({ pid }) => !inGraph.some((session) => session.pid === pid))
    .map((busy) => ({ ...busy, holdsUp: sessions.get(busy.pid)?.holdsUp ?? 0 }));
  const victims = [...inGraph.map(freeze), ...others];
  if (victims.length === 0) return ok('No session has been busy for long or holds up others: there is none to end.');
  const chosen = await prompts.pick(
    `Pool Exhaustion on ${run.profile.name}`,
    orderedChoices(victims, recommended),
    victimPlaceholder,
  );
  if (!chosen) return ok('Nothing was done.');
  const outcome = await gate.signal(run.profile.id, chosen.victim, chosen.action, run.signal);
  return outcomeResult(outcome, { role: run.session.capabilities.user });
}

async function verify(run: StepRun, tools: RunbookTools): Promise<StepResult> {
  const evidence = await readEvidence(run, tools);
  const verdict = poolVerdict(evidence);
  const measures = poolMeasures(evidence, verdict);
  const table = compareMeasures(before.get(run.memory), measures);
  if (allGood(measures)) return ok(`**Good again.**\n\n${table}`);
  return failed(`${table}\n\n${verdictText(verdict.main, verdict.others)}`);
}
