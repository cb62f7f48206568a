import { quoteQualified } from '../../sql/identifier';
import { flag, text, type RawRow } from '../../ports/row';
import type { GuardedAction } from '../guarded-action';
import { statementAction } from '../statement-action';
import { tableLabel, tunedOptions, type VacuumTable } from './vacuum-tables';

/** The ALTER TABLE that lets autovacuum come often enough; undefined where nothing needs to change. */
export function tuneSql(table: VacuumTable): string | undefined {
  const name = quoteQualified(table.schema, table.name);
  const options = tunedOptions(table);
  const set = Object.entries({ ...(table.disabled && { autovacuum_enabled: 'on' }), ...options }).map(
    ([option, value]) => `${option} = ${value}`,
  );
  return set.length === 0 ? undefined : `ALTER TABLE ${name} SET (${set.join(', ')})`;
}

interface TuneNow {
  readonly name: string;
  readonly options: string;
  readonly mayAlter: boolean;
}

/** Sets the options of one table. `sql` is that of `tuneSql`. */
export function tuneAction(table: VacuumTable, sql: string): GuardedAction {
  const label = tableLabel(table);
  return statementAction<TuneNow>({
    name: `set the autovacuum options of ${label}`,
    question: `Set the autovacuum options of ${label}`,
    button: 'Set Options',
    whether: 'the options were set',
    readAgain: 'Read the tables again.',
    preflight: {
      name: 'table to be tuned',
      text: `
SELECT n.nspname || '.' || c.relname AS name, coalesce(array_to_string(c.reloptions, ', '), '') AS options,
  pg_catalog.pg_has_role(current_user, c.relowner, 'usage') AS may_alter
FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace WHERE c.oid = $1`,
      values: [table.oid],
      row: (raw: RawRow) => ({
        name: text(raw, 'name'),
        options: text(raw, 'options'),
        mayAlter: flag(raw, 'may_alter'),
      }),
    },
    gone: `The table ${label} is gone.`,
    refusal: (now, server) => {
      if (server.inRecovery) return 'This is a standby: options are set on its primary.';
      if (now.name !== label) return `The table is called ${now.name} by now. Read the tables again.`;
      return now.mayAlter ? undefined : `Only the owner of ${label} or a superuser may set its options.`;
    },
    describe: (now) => [`Options now: ${now.options === '' ? 'none of its own' : now.options}.`],
    risk: 'small. Reads and writes go on; it waits at most 2 s for its lock (SHARE UPDATE EXCLUSIVE). RESET (…) takes it back.',
    frozen: (now) => now,
    statement: () => ({ name: 'set autovacuum options', text: sql, row: () => null, lockTimeoutMs: 2000 }),
    done: `Set. Autovacuum looks at ${label} in its next round (autovacuum_naptime).`,
  });
}
