import { calledSetting } from '../../../sql/session-settings';
import type { FlywayConfig } from '../../../flyway/flyway-config';
import type { Issue, ScriptRule } from '../../rule';

/** Settings of which a value that stays changes what the next script does. The role is not among them: Flyway sets it back. */
const watched = ['lock_timeout', 'statement_timeout', 'search_path', 'timezone', 'session_replication_role'];

export const setOutlivesTransaction: ScriptRule = {
  id: 'safety/set-outlives-transaction',
  title: 'SET without LOCAL stays for the scripts that follow',
  inUndo: true,
  begin({ script: { meaning, config } }) {
    const names = watched.filter((name) => name !== 'search_path' || keepsSearchPath(config));
    const open = new Map<string, Issue>();
    return {
      statement(context) {
        if (meaning.kind === 'callback' || context.transaction === undefined) return [];
        for (const name of names) {
          const set = calledSetting(context.statement, name);
          if (!set || set.local) continue;
          if (set.value === undefined) open.delete(name);
          else
            open.set(name, {
              ...context.head,
              message: `SET outlives the script's transaction: ${name} stays for every script of this run. Write SET LOCAL ${name} …`,
            });
        }
        return [];
      },
      end: () => [...open.values()],
    };
  },
};

/**
 * Before each script Flyway puts its default schema in front of the search_path that the session began with, and so takes
 * back what a script has set; not where that begins with the schema already.
 */
function keepsSearchPath({ connectionSchema, defaultSchema }: FlywayConfig): boolean {
  return connectionSchema !== undefined && connectionSchema === defaultSchema;
}
