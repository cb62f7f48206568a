import { nameHolder, wayOut, type HorizonHolder } from '../../reports/bloat/horizon';
import { maskSecrets } from '../../sql/mask-secrets';
import { number, numberOrNull, textOrNull, type RawRow } from '../../ports/row';
import type { Statement } from '../../ports/session';
import { escapeMarkdown } from '../markdown';
import { outcomeResult } from '../outcome-result';
import type { RunbookTools } from '../registry';
import { failed, ok, type StepResult, type StepRun } from '../runbook';
import type { Victim } from '../session-actions';
import { orderedChoices, victimPlaceholder } from '../victim-choice';

/** Sessions of the horizon, with the start that tells each from a later one of the same pid. */
function holderSessions(pids: readonly number[]): Statement<Victim> {
  return {
    name: 'sessions that hold vacuum back',
    text: `
SELECT a.pid, a.backend_start::text AS backend_start, a.usename::text AS usename, a.datname::text AS datname,
  a.application_name, a.client_addr::text AS client_addr, a.state, left(a.query, 2000) AS query,
  extract(epoch FROM clock_timestamp() - a.xact_start)::float8 AS age
FROM pg_catalog.pg_stat_activity AS a
WHERE a.pid = ANY ($1::int4[]) AND (a.backend_xmin IS NOT NULL OR a.backend_xid IS NOT NULL)
ORDER BY a.xact_start`,
    values: [pids],
    row: (raw: RawRow) => ({
      pid: number(raw, 'pid'),
      backendStart: textOrNull(raw, 'backend_start'),
      user: textOrNull(raw, 'usename'),
      database: textOrNull(raw, 'datname'),
      application: textOrNull(raw, 'application_name'),
      clientAddress: textOrNull(raw, 'client_addr'),
      state: textOrNull(raw, 'state'),
      transactionAgeS: numberOrNull(raw, 'age'),
      query: maskSecrets(textOrNull(raw, 'query')),
      holdsUp: 0,
    }),
  };
}

/** Lets a person end a session that holds vacuum back; for slots, prepared transactions and standbys it says who can. */
export async function endHolder(
  run: StepRun,
  holders: readonly HorizonHolder[],
  { gate, prompts }: RunbookTools,
): Promise<StepResult> {
  const standing = holders.filter(({ age }) => age > 0);
  const [oldest] = standing;
  if (!oldest) return ok('Nobody holds vacuum back: there is nothing to end.');
  if (oldest.kind !== 'xact')
    return failed(
      escapeMarkdown(`${nameHolder(oldest)} is the oldest. ${wayOut[oldest.kind]} ${whereTo[oldest.kind]}`),
    );
  const pids = standing.filter(({ kind }) => kind === 'xact').map(({ id }) => Number(id));
  const victims = await run.session.read(holderSessions(pids), run.signal);
  const recommended = victims.find(({ pid }) => pid === Number(oldest.id));
  if (victims.length === 0) return ok('The transactions have ended meanwhile.');
  const chosen = await prompts.pick(
    `Vacuum on ${run.profile.name}`,
    orderedChoices(
      victims,
      recommended && {
        pid: recommended.pid,
        action: recommended.state === 'active' ? 'cancel' : 'terminate',
        why: 'the oldest',
      },
    ),
    victimPlaceholder,
  );
  if (!chosen) return ok('Nothing was done.');
  const outcome = await gate.signal(run.profile.id, chosen.victim, chosen.action, run.signal);
  return outcomeResult(outcome, { role: run.session.capabilities.user });
}

const whereTo = {
  slot: 'The Replication Lag runbook shows what its consumer would lose.',
  prepared: 'The Lock Contention runbook shows it.',
  standby: 'It is a session of the standby: open a runbook there.',
} as const;
