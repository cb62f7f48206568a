import { lockName } from '../../impact/lock-mode';
import type { Issue, ScriptRule } from '../../rule';
import { calledSetting } from '../../../sql/session-settings';
import { milliseconds } from '../../duration';
import type { StrongLock } from '../../statement-context';

/** A lock_timeout above this keeps everybody who queues behind the waiting statement out for longer than a person waits. */
const longestMs = 30_000;

export const lockTimeout: ScriptRule = {
  id: 'safety/lock-timeout',
  title: 'A strong lock is waited for without a lock_timeout',
  inUndo: true,
  begin(script) {
    let timeout = script.settings.sessionLockTimeout;
    let first: Issue | undefined;
    let late: Issue | undefined;
    const values: Issue[] = [];
    return {
      statement(context) {
        const set = calledSetting(context.statement, 'lock_timeout');
        if (set) {
          const ms = set.value === undefined ? undefined : milliseconds(set.value);
          if (first && !late) late = lateIssue(context.head);
          timeout = ms !== 0;
          if (ms === 0 || (ms ?? 0) > longestMs) values.push(valueIssue(context.head, ms ?? 0));
        } else if (!first && !timeout && context.type !== 'LockStmt') {
          const [found] = context.strongLocks;
          if (found) first = missing(found);
        }
        return [];
      },
      end: () => [...(late ? [late] : first && values.length === 0 ? [first] : []), ...values],
    };
  },
};

function missing({ start, end, table, mode }: StrongLock): Issue {
  return {
    start,
    end,
    // What lets reads go on is waited for by fewer.
    ...(mode !== 'AccessExclusive' && { severity: 'hint' as const }),
    message: `While this waits for ${lockName(mode)} on ${table}, everybody who comes later waits behind it, without a limit. Write SET LOCAL lock_timeout = '2s'; at the top of the script, and run it again when it fails.`,
  };
}

function lateIssue(place: { readonly start: number; readonly end: number }): Issue {
  return {
    ...place,
    message: 'lock_timeout is set after the first strong lock is taken: move it to the top of the script.',
  };
}

function valueIssue(place: { readonly start: number; readonly end: number }, ms: number): Issue {
  return {
    ...place,
    message:
      ms === 0
        ? 'lock_timeout = 0 is no limit: everybody who comes later waits behind a statement that waits for its lock.'
        : `With a lock_timeout of ${ms / 1000} s everybody who comes later waits as long behind the statement. A few seconds are enough: run the script again when it fails.`,
  };
}
