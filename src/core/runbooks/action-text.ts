import { formatDuration } from '../format/quantities';
import type { Statement } from '../ports/session';
import { shorten } from './markdown';
import type { Preflight, Victim } from './session-actions';

/** The statement as it runs, its parameters beside it. */
export function withParameters(statement: Statement<unknown>): string {
  const parameters = (statement.values ?? []).map((value, index) => `-- $${index + 1} = ${JSON.stringify(value)}`);
  return [statement.text.trim(), ...parameters].join('\n');
}

/** Who a session is and what it does at this moment, in lines for a question. */
export function describeVictim(victim: Victim, now: Preflight): readonly string[] {
  const query = (now.query ?? '').replace(/\s+/g, ' ').trim();
  const transaction =
    now.transactionAgeS === null
      ? 'no transaction open'
      : `transaction open for ${formatDuration(now.transactionAgeS)}`;
  return [
    `Role ${victim.user ?? 'unknown'} in database ${victim.database ?? 'unknown'}, ${applicationName(victim.application)}, from ${victim.clientAddress ?? 'the machine itself'}.`,
    `Now: ${now.state ?? 'state hidden'}, ${transaction}. Session since ${victim.backendStart ?? 'unknown'}.`,
    ...(query === '' ? [] : [`${now.state === 'active' ? 'Statement' : 'Last statement'}: ${shorten(query, 300)}`]),
  ];
}

export function applicationName(name: string | null): string {
  return name === null || name === '' ? 'no application name' : name;
}
