import { quoteIdentifier } from '../../sql/identifier';
import type { Notice } from '../document';
import { featuresOf, oldestVersion } from './extension-version';
import { isPreloaded, type Prerequisites } from './prerequisites';

/** Why nothing can be read, with the exact way out; undefined when it can. */
export function obstacle(found: Prerequisites): Notice | undefined {
  if (isPreloaded(found.preloaded) === false) return notPreloaded(found);
  if (found.version === null) return notCreated(found);
  if (!featuresOf(found.version)) {
    return {
      id: 'version',
      level: 'error',
      title: `pg_stat_statements ${found.version} is too old`,
      text: `This report reads ${oldestVersion} and newer.${
        found.available === null ? '' : ` The server has the files of ${found.available}.`
      } The owner of the extension, or a superuser, brings it up to date in ${found.database}; no restart is needed.`,
      copy: { label: 'Copy statement', text: 'ALTER EXTENSION pg_stat_statements UPDATE;' },
    };
  }
  if (!found.mayUseSchema) {
    const grant = `GRANT USAGE ON SCHEMA ${quoteIdentifier(found.schema ?? 'public')} TO ${quoteIdentifier(found.user)};`;
    return {
      id: 'schema',
      level: 'error',
      title: `${found.user} may not use the schema of pg_stat_statements`,
      text: `The extension is in the schema ${found.schema ?? ''}, which this role has no privilege on.`,
      copy: { label: 'Copy statement', text: grant },
    };
  }
  return undefined;
}

function notCreated(found: Prerequisites): Notice {
  if (found.available === null) {
    return {
      id: 'not-installed',
      level: 'error',
      title: 'The files of pg_stat_statements are not on this server',
      text: 'Install the contrib package of this PostgreSQL (postgresql-contrib on most systems), preload the library, then create the extension.',
    };
  }
  return {
    id: 'not-created',
    level: 'error',
    title: `pg_stat_statements is not created in ${found.database}`,
    text: `Run this in the database ${found.database}, as a superuser or a role that may create extensions. The library must also be in shared_preload_libraries${
      found.preloaded === null ? ', which this role may not see' : ', where it is'
    }.`,
    copy: { label: 'Copy statement', text: 'CREATE EXTENSION pg_stat_statements;' },
  };
}

/** The setting with what is in it now: setting it anew without the others would switch those off. */
export function notPreloaded(found: Prerequisites): Notice {
  const others = (found.preloaded ?? '').trim();
  const value = others === '' ? 'pg_stat_statements' : `${others},pg_stat_statements`;
  const unseen =
    found.preloaded === null
      ? ' This role may not see what is in it now: keep that, and add pg_stat_statements behind a comma.'
      : '';
  const create = found.version === null ? ` Then: CREATE EXTENSION pg_stat_statements; in ${found.database}.` : '';
  return {
    id: 'not-preloaded',
    level: 'error',
    title: 'pg_stat_statements is not preloaded',
    text: `It must be in shared_preload_libraries. Put this line into postgresql.conf (a managed service has it in its parameters) and RESTART the server: a reload is not enough.${unseen}${create}`,
    copy: { label: 'Copy setting', text: `shared_preload_libraries = '${value.replaceAll("'", "''")}'` },
  };
}

/** What makes the numbers less than the whole. */
export function reservations(found: Prerequisites, hidden: number): Notice[] {
  const notices: Notice[] = [];
  if (!found.seesAll) {
    notices.push({
      id: 'limited',
      level: 'limited',
      title: 'Limited view',
      text: `${found.user} sees the texts of its own statements only${
        hidden === 0 ? '' : `; ${hidden} of the rows below are those of others, without text`
      }. A role with the privilege sees them all:`,
      copy: { label: 'Copy statement', text: `GRANT pg_read_all_stats TO ${quoteIdentifier(found.user)};` },
    });
  }
  if (found.computeQueryId === 'off') {
    notices.push({
      id: 'query-id',
      level: 'warning',
      title: 'compute_query_id is off: new statements are not counted',
      text: 'Since PostgreSQL 14 pg_stat_statements needs it, unless another module makes the identifiers. auto is the default; a reload is enough.',
      copy: { label: 'Copy statement', text: 'ALTER SYSTEM SET compute_query_id = auto; SELECT pg_reload_conf();' },
    });
  }
  if (found.track === 'none') {
    notices.push({
      id: 'track',
      level: 'warning',
      title: 'pg_stat_statements.track is none: statements are not counted',
      text: 'top is the default; a reload is enough.',
      copy: {
        label: 'Copy statement',
        text: 'ALTER SYSTEM SET pg_stat_statements.track = top; SELECT pg_reload_conf();',
      },
    });
  }
  return notices;
}
