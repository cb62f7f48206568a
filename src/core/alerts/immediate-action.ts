import type { RunbookId, SignalGroup } from '../health/signal';
import type { Observation } from './observation';

/**
 * What to do first, from the guide's "Immediate Actions" where it names one, else from its remediation of the matter;
 * corrected where following it to the letter would do harm.
 */
const ofGroup: Readonly<Record<SignalGroup, string>> = {
  pool: 'Look for long-running queries and end them if that is safe; enlarge the pool for a while only if slots are free.',
  replication:
    'Route reads to the primary once its headroom is checked; look into the disk and the network of the standby.',
  locks: 'Find the session at the root and see whether it may be ended; ending the ones that wait helps nobody.',
  queries: 'See what the query waits for; cancel it if that is safe, before it uses up the connections.',
  size: 'Find what grows and how long it takes until the disk is full; free space before the server stops.',
  maintenance: 'See what holds vacuum back first: nothing is cleaned up while it stands.',
  migrations: 'Assess the impact (is data damaged?), then roll back if that is safe; do not touch the history table.',
  backups: 'See why the last archive or backup failed; until it works, data since then can be lost.',
};

const unavailable =
  'Check the instance of the primary; fail over to a standby if there is one, after its lag has been verified.';

const standbyUnavailable = 'Check the instance of this standby; send its reads elsewhere until it is back.';
const refused =
  'See why the login is refused (password, role, pg_hba.conf, certificate): it is no reason to fail over.';

const poolerDown = 'See whether PgBouncer runs, and start it: its applications get no connection while it is away.';

const ofRunbook: Partial<Readonly<Record<RunbookId, string>>> = {
  'database-unavailable': unavailable,
  reindex: 'This can wait for a quiet hour: rebuild or drop the index concurrently, and ask its owner first.',
};

/** The first line of an alert. */
export function immediateAction({ signal, group, runbook }: Pick<Observation, 'signal' | 'group' | 'runbook'>): string {
  if (signal === 'pgbouncer.read') return poolerDown;
  if (runbook === 'database-unavailable') {
    if (signal === 'server.login') return refused;
    if (group === 'replication') return standbyUnavailable;
  }
  return ofRunbook[runbook] ?? ofGroup[group];
}
