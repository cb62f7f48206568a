import { formatBytes, formatDuration } from '../../format/quantities';
import { escapeMarkdown, markdownTable } from '../markdown';
import type { Cluster } from './candidates';
import { stages, type Reach, type Stage } from './reach';

const titles: Readonly<Record<Stage, string>> = {
  name: 'The name leads to an address',
  port: 'Something listens there',
  tls: 'TLS, as the connection wants it',
  authentication: 'The login is accepted',
  session: 'The server takes the session in',
};

/** Each stage of the way: passed, ended here, or not come to. */
export function reachMarkdown(reach: Reach): string {
  const end = reach.kind === 'stopped' ? stages.indexOf(reach.at) : stages.length;
  const rows = stages.map((stage, index) => {
    const state = index < end ? 'passed' : index === end ? '**ends here**' : 'not come to';
    const said = index === end && reach.kind === 'stopped' ? [reach.message, reach.remedy ?? ''].join(' ').trim() : '';
    return [titles[stage], state, escapeMarkdown(said)];
  });
  const table = markdownTable(['Stage', 'State', 'What was said'], rows);
  if (reach.kind === 'stopped') return table;
  const { self } = reach;
  const role = self.inRecovery ? 'a **standby**' : 'a primary';
  return `${table}\n\nIt is ${role}${self.readOnly ? ', **read-only by its configuration**' : ''}, up for ${formatDuration(self.upS)} (since ${escapeMarkdown(self.startedAt)}); ${self.used} of ${self.usable} usable slots are taken.`;
}

/** The other servers, the most advanced standby first. */
export function clusterMarkdown({ candidates, primaries, unanswered }: Cluster): string {
  const rows = candidates.map(({ connection, side, behindBytes, follows }, index) => [
    `${escapeMarkdown(connection)}${index === 0 && candidates.length > 1 && behindBytes === 0 ? ' **(most advanced)**' : ''}`,
    side.receiving === null ? 'hidden' : side.receiving ? 'receives' : '**receives nothing**',
    follows === true
      ? 'this server'
      : escapeMarkdown(side.senderHost === null ? 'not told' : `${side.senderHost}:${side.senderPort ?? ''}`),
    String(side.timeline ?? 'not known'),
    escapeMarkdown(side.receivedLsn ?? 'not known'),
    escapeMarkdown(side.replayedLsn ?? 'not known'),
    behindBytes === 0 ? '0' : formatBytes(behindBytes),
    side.paused ? '**PAUSED**' : 'replays',
    escapeMarkdown(side.systemIdentifier ?? 'hidden'),
  ]);
  const parts = [
    rows.length === 0
      ? 'No saved connection leads to a standby that answers.'
      : markdownTable(
          [
            'Standby',
            'Receiver',
            'Follows',
            'Timeline',
            'Received',
            'Replayed',
            'Behind the first',
            'Replay',
            'Cluster',
          ],
          rows,
        ),
    ...primaries.map(
      ({ connection, side }) =>
        `${escapeMarkdown(connection)} answers as a primary (timeline ${side.timeline ?? 'not known'}, cluster ${escapeMarkdown(side.systemIdentifier ?? 'hidden')}).`,
    ),
  ];
  if (unanswered.length > 0)
    parts.push(
      `Not answered:\n\n${unanswered.map(({ profile, problem }) => `- ${escapeMarkdown(profile.name)}: ${escapeMarkdown(problem ?? '')}`).join('\n')}`,
    );
  return parts.join('\n\n');
}
