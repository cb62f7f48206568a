import type { FlywayConfig } from '../flyway/flyway-config';
import type { LintScript } from './lint-script';
import { calledSetting } from '../sql/session-settings';

/** Callbacks that run before the scripts, in a session that the scripts run in. */
const before = new Set([
  'beforeMigrate',
  'beforeEachMigrate',
  'beforeEachMigrateStatement',
  'beforeConnect',
  'afterConnect',
]);

/**
 * Whether every script runs with a lock_timeout: set by a callback for the session, and not only for its transaction,
 * or by initSql.
 */
export function setsLockTimeout(scripts: readonly LintScript[], { initSql = '' }: FlywayConfig): boolean {
  const initial = /\bset\s+(?:session\s+)?lock_timeout\s*(?:=|\bto\b)\s*'?\s*([^\s';]+)/i.exec(initSql)?.[1];
  if (initial !== undefined) return !/^(?:0\D*$|default$)/i.test(initial);
  return scripts.some((script) => {
    if (script.meaning.kind !== 'callback' || !before.has(script.meaning.event)) return false;
    for (const part of script.parts()) {
      const set = 'statement' in part ? calledSetting(part.statement, 'lock_timeout') : undefined;
      if (set && !set.local && set.value !== undefined && !/^0/.test(set.value)) return true;
    }
    return false;
  });
}
