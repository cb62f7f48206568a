import { flagOf, listOf, nodeOf, textOf } from '../../../rollback/tree';
import type { TreeNode } from '../../../sql/grammar';
import type { Issue, StatementRule } from '../../rule';

/** Roles of PostgreSQL that reach beyond the database. */
const powerful = new Set([
  'pg_execute_server_program',
  'pg_write_server_files',
  'pg_read_server_files',
  'pg_write_all_data',
  'pg_read_all_data',
]);
/** What everybody may do by default, or does no harm with: a function, a language, a type; a schema by USAGE. */
const harmless = new Set([
  'OBJECT_FUNCTION',
  'OBJECT_PROCEDURE',
  'OBJECT_ROUTINE',
  'OBJECT_TYPE',
  'OBJECT_DOMAIN',
  'OBJECT_LANGUAGE',
]);

export const wideGrant: StatementRule = {
  id: 'safety/wide-grant',
  title: 'Rights for everybody, rights to pass on, and roles that reach beyond the database',
  inUndo: true,
  on: ['GrantStmt', 'AlterDefaultPrivilegesStmt', 'GrantRoleStmt', 'AlterRoleStmt', 'CreateRoleStmt'],
  *check(context): Generator<Issue> {
    const { node, type } = context;
    if (type === 'GrantRoleStmt') {
      const roles = listOf(node, 'granted_roles').map((item) => textOf(nodeOf(item, 'AccessPriv'), 'priv_name') ?? '');
      const found = flagOf(node, 'is_grant') ? roles.find((role) => powerful.has(role)) : undefined;
      if (found !== undefined)
        yield {
          ...context.head,
          message: `${found} reaches every table, or the files and programs of the server. Grant what is needed by name.`,
        };
      return;
    }
    if (type === 'AlterRoleStmt' || type === 'CreateRoleStmt') {
      const superuser = listOf(node, 'options')
        .map((item) => nodeOf(item, 'DefElem'))
        .find(
          (option) =>
            textOf(option, 'defname') === 'superuser' && flagOf(nodeOf(nodeOf(option, 'arg'), 'Boolean'), 'boolval'),
        );
      if (superuser)
        yield { ...context.head, message: 'A superuser passes every check there is. Grant what is needed by name.' };
      return;
    }
    const grant = type === 'GrantStmt' ? node : nodeOf(node, 'action');
    if (grant && flagOf(grant, 'is_grant')) yield* ofGrant(grant, context.head);
  },
};

function* ofGrant(grant: TreeNode, place: { readonly start: number; readonly end: number }): Generator<Issue> {
  const everybody = listOf(grant, 'grantees').some(
    (item) => textOf(nodeOf(item, 'RoleSpec'), 'roletype') === 'ROLESPEC_PUBLIC',
  );
  const kind = textOf(grant, 'objtype') ?? '';
  const privileges = listOf(grant, 'privileges').map((item) => textOf(nodeOf(item, 'AccessPriv'), 'priv_name') ?? '');
  const onlyUsage =
    privileges.length > 0 && privileges.every((one) => ['usage', 'connect', 'temporary', 'temp'].includes(one));
  if (everybody && !harmless.has(kind) && !onlyUsage)
    yield { ...place, message: 'PUBLIC is every role that there is or will be. Grant it to the roles that need it.' };
  else if (flagOf(grant, 'grant_option'))
    yield {
      ...place,
      severity: 'information',
      message: 'WITH GRANT OPTION: whoever gets this can pass it on to anybody.',
    };
}
