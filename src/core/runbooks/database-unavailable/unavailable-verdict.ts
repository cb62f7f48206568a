import { formatBytes, formatDuration } from '../../format/quantities';
import type { Verdict } from '../verdict';
import type { Cluster } from './candidates';
import type { Reach, Stage } from './reach';

export type UnavailableCause =
  | 'name'
  | 'port'
  | 'path'
  | 'unclear'
  | 'tls'
  | 'authentication'
  | 'full'
  | 'starting'
  | 'stopping'
  | 'database'
  | 'lost'
  | 'standby'
  | 'read-only'
  | 'up';

/** Where the way to the server ends, and whether the server itself is down: its standbys know. */
export function unavailableVerdict(reach: Reach, cluster: Cluster): Verdict<UnavailableCause> {
  if (reach.kind === 'reached') return ofSelf(reach);
  const { reason, message, remedy } = reach;
  const said = [message, ...(remedy === undefined ? [] : [remedy])];
  switch (reason) {
    case 'too-many-connections':
      return {
        cause: 'full',
        headline: 'The server is up and full: it refuses new sessions.',
        lines: [
          ...said,
          'This is no failover: open the Pool Exhaustion runbook. The session that this panel holds still works.',
        ],
      };
    case 'starting-up':
      return {
        cause: 'starting',
        headline: 'The server is starting: it replays its WAL and takes nobody in yet.',
        lines: [
          ...said,
          'After a crash this takes as long as since the last checkpoint, minutes at most. Wait, and look at its log. A failover now may cost more than it gains.',
        ],
      };
    case 'shutting-down':
      return {
        cause: 'stopping',
        headline: 'The server is shutting down: somebody or something stops it.',
        lines: said,
      };
    case 'database-missing':
      return { cause: 'database', headline: 'The server is up; the database is not there.', lines: said };
    case 'connection-lost':
    case 'pooler-refused':
    case 'statement-failed':
    case 'permission-denied':
      return { cause: 'lost', headline: 'The server was reached, and the session did not come about.', lines: said };
    default:
      return ofStage(reach.at, said, cluster);
  }
}

function ofStage(at: Stage, said: readonly string[], cluster: Cluster): Verdict<UnavailableCause> {
  switch (at) {
    case 'name':
      return {
        cause: 'name',
        headline: 'The name of the server leads nowhere.',
        lines: [
          ...said,
          'The server may be well: look at DNS, the service file and the connection before anything else.',
        ],
      };
    case 'tls':
      return {
        cause: 'tls',
        headline: 'The server answers, and TLS fails.',
        lines: [...said, 'The server is up. Has its certificate run out or been replaced? This is no failover.'],
      };
    case 'authentication':
      return {
        cause: 'authentication',
        headline: 'The server answers, and refuses this login.',
        lines: [...said, 'The server is up. Was a password or pg_hba.conf changed? This is no failover.'],
      };
    default:
      return unreachable(said, cluster);
  }
}

/** Nothing answers. The standbys tell whether it is down or only the way to it. */
function unreachable(
  said: readonly string[],
  { candidates, primaries, unanswered }: Cluster,
): Verdict<UnavailableCause> {
  const mine = candidates.filter(({ follows }) => follows !== false);
  const streaming = mine.filter(({ side, follows }) => side.receiving === true && follows === true);
  if (streaming.length > 0) {
    return {
      cause: 'path',
      headline: `The server LIVES: ${streaming.map(({ connection }) => connection).join(', ')} still receives from it. The way from here is broken.`,
      lines: [
        ...said,
        'Look at the network and the firewall between here and there. Promoting a standby now makes two primaries.',
      ],
    };
  }
  // One whose primary answers is of another cluster.
  const others = new Set(primaries.map(({ side }) => side.systemIdentifier).filter((id) => id !== null));
  const unclear = mine.filter(({ side }) => side.receiving !== false && !others.has(side.systemIdentifier ?? ''));
  if (unclear.length > 0) {
    return {
      cause: 'unclear',
      headline: 'Nothing answers at the address of the server. Whether it is down is not known.',
      lines: [
        ...said,
        ...unclear.map(
          ({ connection, side }) =>
            `${connection} ${side.receiving === true ? 'still receives' : 'may still receive'} from ${side.senderHost ?? 'a host that is not told'}: if that is this server under another name, it LIVES, and only the way from here is broken.`,
        ),
        'Find out which server that is before anything else. Promoting a standby while it lives makes two primaries.',
      ],
    };
  }
  const best = mine.find(({ side }) => side.receiving === false);
  const lines = [...said];
  if (primaries.length > 0)
    lines.push(
      `Already a primary: ${primaries.map(({ connection }) => connection).join(', ')}. If it is of this cluster, the failover has happened.`,
    );
  if (!best) {
    lines.push(
      unanswered.length > 0
        ? 'No saved connection to a standby answers either: the network from here may be gone.'
        : 'No standby is among the saved connections: bring this server back, or restore it.',
    );
    return { cause: 'port', headline: 'Nothing answers at the address of the server.', lines };
  }
  lines.push(
    `${best.connection} has the most: it received up to ${best.side.receivedLsn ?? best.side.replayedLsn ?? 'an unknown position'} on timeline ${best.side.timeline ?? 'unknown'}, ${best.side.applyBytes === null ? 'an unknown amount' : formatBytes(best.side.applyBytes)} of it not replayed yet.`,
    'First try to bring the primary back: a restart is often quicker than a failover, and loses nothing. Then the checklist.',
  );
  return {
    cause: 'port',
    headline: 'The server is down: nothing answers, and no standby receives from it.',
    lines,
    next: {
      step: 'promote',
      words: `when it cannot come back and is fenced, promote ${best.connection}: cell Act, promote.`,
    },
  };
}

function ofSelf({ self }: Extract<Reach, { kind: 'reached' }>): Verdict<UnavailableCause> {
  const up = `Up for ${formatDuration(self.upS)}; ${self.used} of ${self.usable} usable slots are taken.`;
  if (self.inRecovery)
    return {
      cause: 'standby',
      headline: 'The server answers as a STANDBY: it takes no writes.',
      lines: [up, 'Does the application lead to the right server? After a failover the old name may still lead here.'],
    };
  if (self.readOnly)
    return {
      cause: 'read-only',
      headline: 'The server answers, and its configuration makes every transaction read-only.',
      lines: [up, 'default_transaction_read_only is on in its configuration: some tools set it when a disk is full.'],
    };
  const restarted =
    self.upS < 3600
      ? [`It was started ${formatDuration(self.upS)} ago: a restart or a crash. Its log says which.`]
      : [];
  return {
    cause: 'up',
    headline: 'The server is up and takes a new login.',
    lines: [
      up,
      ...restarted,
      'If an application cannot reach it, look from where it runs: its network, its pooler, its pool.',
    ],
  };
}
