import { Kept } from '../kept';
import { allGood, compareMeasures, type Measure } from '../measures';
import { askOthers } from '../other-servers';
import { outcomeResult } from '../outcome-result';
import type { RunbookTools } from '../registry';
import { failed, ok, type OfflineRun, type Runbook, type StepResult } from '../runbook';
import { standbySideStatement } from '../standby-side';
import { verdictText } from '../verdict';
import { clusterOf, type Cluster } from './candidates';
import { promote, promoteSql } from './promote';
import { reach, selfStatement, type Reach } from './reach';
import { clusterMarkdown, reachMarkdown } from './unavailable-text';
import { unavailableVerdict } from './unavailable-verdict';

const why = `# Database Unavailable

**When:** nothing reaches the database, or the panel shows it as unreachable.

From the client to the server, one stage after the other: name, port, TLS, login, session. Where it ends decides what to do;
most ends are no failover. The standbys know whether the primary is down or only the way to it.`;

const checklist = `## Before a failover

- ☐ The primary cannot come back soon: its host, its disk and its log were looked at, and a restart was tried
- ☐ It is **fenced**: shut down for good, its network or its storage taken away, so that it cannot take writes again by itself
- ☐ The standby that has received most is the one to promote (see above); what only the primary had will be lost, and somebody who may decide has said yes
- ☐ Its replay is not paused by intention, and it is no delayed standby
- ☐ It is known how applications are led to the new primary (name, pooler, setting), and who does it

After it: point the other standbys to the new primary, make a new base backup, rewind the old primary (pg_rewind) or build it anew.`;

const before = new Kept<readonly Measure[]>();
/** Connections that were standbys of this server when it was looked at: one that is primary by now has taken over. */
const standbysBefore = new Kept<ReadonlySet<string>>();

interface Found {
  readonly reached: Reach;
  readonly cluster: Cluster;
}

/** The runbook of the guide's "Database unavailable". */
export function databaseUnavailable(tools: RunbookTools): Runbook {
  return {
    id: 'database-unavailable',
    version: 1,
    title: 'Database Unavailable',
    level: 'L2',
    steps: [
      { id: 'why', kind: 'why', language: 'markdown', text: () => why },
      {
        id: 'reach',
        kind: 'diagnose',
        language: 'sql',
        heading: '## From here to the server\n\nA new login, as an application would make it, then this statement.',
        text: () => selfStatement.text.trim(),
        runOffline: async ({ profile, signal }) =>
          ok(reachMarkdown(await reach(tools.connections, profile.id, signal))),
      },
      {
        id: 'standbys',
        kind: 'diagnose',
        language: 'sql',
        heading: '## The other servers\n\nAsked of all other saved connections. One cluster has one number.',
        text: ({ major }) => standbySideStatement(major).text.trim(),
        runOffline: async (run) => ok(clusterMarkdown(await readCluster(run, tools))),
      },
      {
        id: 'verdict',
        kind: 'verdict',
        language: 'plaintext',
        heading: '## Verdict',
        text: () => 'Where the way ends, whether the server is down, and the next step',
        runOffline: async (run) => {
          const found = await look(run, tools);
          standbysBefore.set(
            run.memory,
            new Set(found.cluster.candidates.filter(({ follows }) => follows !== false).map((one) => one.connectionId)),
          );
          before.set(run.memory, measuresOf(found, run));
          const verdict = unavailableVerdict(found.reached, found.cluster);
          return { ...ok(verdictText(verdict)), ...(verdict.next ? { next: verdict.next.step } : {}) };
        },
      },
      { id: 'checklist', kind: 'why', language: 'markdown', text: () => checklist },
      {
        id: 'promote',
        kind: 'act',
        language: 'sql',
        button: 'Act: promote a standby…',
        heading:
          '## Act: promote a standby\n\nRefused while the old primary answers, or while the standby still receives from it.',
        text: () => `${promoteSql};`,
        runOffline: (run) => failOver(run, tools),
      },
      {
        id: 'verify',
        kind: 'verify',
        language: 'sql',
        heading: '## Verify',
        text: () => selfStatement.text.trim(),
        runOffline: (run) => verify(run, tools),
      },
    ],
  };
}

async function readCluster({ profile, signal }: OfflineRun, { connections }: RunbookTools): Promise<Cluster> {
  const others = await askOthers(
    connections,
    profile.id,
    async (session, abort) => {
      const [side] = await session.read(standbySideStatement(session.capabilities.major), abort);
      if (!side) throw new Error('It told nothing of itself.');
      return side;
    },
    signal,
  );
  return clusterOf(profile, others);
}

async function look(run: OfflineRun, tools: RunbookTools): Promise<Found> {
  const [reached, cluster] = await Promise.all([
    reach(tools.connections, run.profile.id, run.signal),
    readCluster(run, tools),
  ]);
  return { reached, cluster };
}

/** A primary elsewhere counts only where it was a standby of this server: any other one proves nothing. */
function measuresOf({ reached, cluster }: Found, { memory }: OfflineRun): readonly Measure[] {
  const primary = reached.kind === 'reached' && !reached.self.inRecovery && !reached.self.readOnly;
  const others = cluster.primaries
    .filter(({ connectionId }) => standbysBefore.get(memory)?.has(connectionId) === true)
    .map(({ connection }) => connection);
  return [
    {
      name: 'A new login to this server',
      shown: reached.kind === 'reached' ? 'taken in' : `ends at ${reached.at}`,
      good: primary || others.length > 0,
    },
    {
      name: 'A primary that takes writes',
      shown: primary ? 'this server' : others.length > 0 ? others.join(', ') : 'none known',
      good: primary || others.length > 0,
    },
  ];
}

async function failOver(run: OfflineRun, tools: RunbookTools): Promise<StepResult> {
  const { gate, prompts, connections } = tools;
  const cluster = await readCluster(run, tools);
  const candidates = cluster.candidates.filter(({ follows }) => follows !== false);
  if (candidates.length === 0)
    return ok('No saved connection leads to a standby of this server that answers: there is none to promote.');
  const chosen = await prompts.pick(
    `Promote a Standby of ${run.profile.name}`,
    candidates.map((one) => ({
      label: one.connection,
      description: [
        `received ${one.side.receivedLsn ?? 'unknown'}`,
        one.behindBytes === 0 ? 'most advanced' : 'BEHIND another one',
        one.side.receiving === true ? 'still receives' : 'receives nothing',
      ].join(' · '),
      value: one,
    })),
    'Which one? The most advanced is first',
  );
  if (!chosen) return ok('Nothing was done.');
  const fenced = await prompts.pick(
    `Is ${run.profile.name} fenced?`,
    [
      { label: 'No, or not sure', description: 'nothing is done', value: false },
      {
        label: 'Yes, it cannot take writes again by itself',
        description: 'shut down for good, or cut off from network or storage',
        value: true,
      },
    ],
    'Two primaries tear the data apart',
  );
  if (fenced !== true) return ok('Nothing was done: fence the old primary first.');
  const oldPrimary = async (): Promise<string | undefined> => {
    const state = await reach(connections, run.profile.id, run.signal);
    if (state.kind === 'reached' && !state.self.inRecovery)
      return `${run.profile.name} still answers and takes writes: it is not fenced.`;
    // A refusal of the login comes from a server that lives.
    if (
      state.kind === 'stopped' &&
      (state.at === 'authentication' || (state.at === 'session' && state.reason !== 'shutting-down'))
    )
      return `${run.profile.name} still answers (${state.message}): it is not fenced.`;
    return undefined;
  };
  const outcome = await gate.run(chosen.connectionId, promote(chosen, oldPrimary), run.signal, run.profile.id);
  return outcomeResult(outcome, { on: chosen.connection });
}

async function verify(run: OfflineRun, tools: RunbookTools): Promise<StepResult> {
  const found = await look(run, tools);
  const measures = measuresOf(found, run);
  const table = compareMeasures(before.get(run.memory), measures);
  if (allGood(measures)) {
    const moved =
      found.reached.kind === 'reached'
        ? ''
        : '\n\nApplications must now lead to the new primary; the other standbys too. Is it of this cluster? Compare the number in the table of the other servers.';
    return ok(`**Good again.**\n\n${table}${moved}`);
  }
  return failed(`${table}\n\n${verdictText(unavailableVerdict(found.reached, found.cluster))}`);
}
