import { number, text, type RawRow } from '../../ports/row';
import type { Statement } from '../../ports/session';
import { tiers, type CheckDefinition } from '../check';
import { measured, nothingFound } from '../finding';
import { standardOf } from '../standard-limits';

/** A role that may log in, with a limit of its own, and how much of it is used. */
export interface RoleLimit {
  readonly role: string;
  readonly used: number;
  readonly limit: number;
}

/** Superusers are held to no limit and left out. 12 to 18. */
export const roleLimitsStatement: Statement<RoleLimit> = {
  name: 'connection limits of roles',
  text: `
SELECT r.rolname::text AS name, r.rolconnlimit AS connection_limit,
  (SELECT count(*) FROM pg_catalog.pg_stat_get_activity(NULL) AS a WHERE a.usesysid = r.oid
    AND coalesce(a.backend_type, 'client backend') = 'client backend')::int AS used
FROM pg_catalog.pg_roles AS r WHERE r.rolcanlogin AND NOT r.rolsuper AND r.rolconnlimit > 0 ORDER BY r.rolname LIMIT 50`,
  row: (raw: RawRow) => ({
    role: text(raw, 'name'),
    used: number(raw, 'used'),
    limit: number(raw, 'connection_limit'),
  }),
};

export const roleLimits: CheckDefinition<RoleLimit> = {
  id: 'role-limits',
  group: 'pool',
  title: 'Connection limits of roles',
  explanation:
    'A role may be allowed fewer sessions than the server (ALTER ROLE … CONNECTION LIMIT); beyond them its logins fail although the server has room.',
  runbook: 'pool-exhaustion',
  tierMs: tiers.minute,
  read: (query) => query(roleLimitsStatement),
  evaluate: ({ now: { rows } }, { limits }) => {
    const threshold = limits('role-limits.used', standardOf('role-limits.used'));
    if (rows.length === 0) return [nothingFound('role-limits.used', 'no role has a limit of its own')];
    return rows.map(({ role, used, limit }) =>
      measured('role-limits.used', role, used / limit, 'ratio', threshold, {
        words: `role ${role}: ${used} of its ${limit} sessions`,
      }),
    );
  },
};
