import { parseLsn } from '../../health/lsn';
import type { ConnectionProfile } from '../../connection/profile';
import type { OtherServer } from '../other-servers';
import type { StandbySide } from '../standby-side';

/** A standby that could be promoted. */
export interface Candidate {
  readonly connectionId: string;
  readonly connection: string;
  readonly side: StandbySide;
  /** WAL that another standby of the same cluster has and this one has not; 0 for the most advanced. */
  readonly behindBytes: number;
  /** By its receiver it follows the server of this runbook. False: another one. Null: it does not tell. */
  readonly follows: boolean | null;
}

/** Other servers of a cluster: its standbys, and what is primary by now. */
export interface Cluster {
  readonly candidates: readonly Candidate[];
  /** Connections that answer as a primary; of which cluster is not known where the old one cannot be asked. */
  readonly primaries: readonly {
    readonly connectionId: string;
    readonly connection: string;
    readonly side: StandbySide;
  }[];
  readonly unanswered: readonly OtherServer<unknown>[];
}

/** Those that may belong to `profile`'s server, the one that has received most first. */
export function clusterOf(profile: ConnectionProfile, others: readonly OtherServer<StandbySide>[]): Cluster {
  const standbys = others.flatMap(({ profile: { id, name }, answer }) =>
    answer?.inRecovery === true ? [{ connectionId: id, connection: name, side: answer }] : [],
  );
  const candidates = standbys
    .map((one): Candidate => {
      const same = standbys.filter(({ side }) => side.systemIdentifier === one.side.systemIdentifier);
      const most = Math.max(...same.map(({ side }) => reached(side)));
      return { ...one, behindBytes: most - reached(one.side), follows: followsOf(profile, one.side) };
    })
    .sort((a, b) => Number(b.follows === true) - Number(a.follows === true) || a.behindBytes - b.behindBytes);
  const primaries = others.flatMap(({ profile: { id, name }, answer }) =>
    answer?.inRecovery === false ? [{ connectionId: id, connection: name, side: answer }] : [],
  );
  return { candidates, primaries, unanswered: others.filter(({ answer }) => !answer) };
}

/** The last position it has: a standby that restores from an archive has replayed what it never received. */
export function reached({ receivedLsn, replayedLsn }: StandbySide): number {
  return Math.max(...[receivedLsn, replayedLsn].map((lsn) => (lsn === null ? 0 : parseLsn(lsn))));
}

/** Names may differ for one machine: only equal ones prove something, and an equal port alone proves nothing. */
function followsOf({ target }: ConnectionProfile, side: StandbySide): boolean | null {
  if (side.senderHost === null || target.host === undefined) return null;
  if (side.senderHost !== target.host) return null;
  return side.senderPort === null ? null : side.senderPort === (target.port ?? 5432);
}
