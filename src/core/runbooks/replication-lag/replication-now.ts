import { replicationStatement, type ReplicationState } from '../../health/replication';
import { ReplicationTracker } from '../../health/replication-tracker';
import type { RunbookTools } from '../registry';
import type { StepRun } from '../runbook';

/** What the server says now; how long it lasts is known to the monitor, which has watched the positions. */
export async function replicationOf(
  { session, signal, profile, now }: StepRun,
  tools: Pick<RunbookTools, 'snapshot'>,
): Promise<ReplicationState> {
  const [row] = await session.read(replicationStatement(session.capabilities.major), signal);
  if (!row) throw new Error('The server told nothing of its replication.');
  const state = new ReplicationTracker().take(row, now.getTime());
  const { reading } = tools.snapshot(profile.id).replication;
  if (reading.kind !== 'value') return state;
  const known = new Map(reading.value.standbys.map((standby) => [standby.key, standby]));
  const standbys = state.standbys.map((standby) => {
    const { lagSeconds = null, lagAtLeastSeconds } = known.get(standby.key) ?? {};
    if (standby.totalBytes === 0) return standby;
    return { ...standby, lagSeconds, ...(lagAtLeastSeconds === undefined ? {} : { lagAtLeastSeconds }) };
  });
  return { ...state, standbys };
}
