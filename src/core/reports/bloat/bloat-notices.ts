import { formatInteger } from '../../format/numbers';
import { quoteIdentifier } from '../../sql/identifier';
import type { Notice } from '../document';
import type { BloatBasis, BloatFindings } from './bloat-findings';

/** What makes the report less than the whole. */
export function bloatNotices(findings: BloatFindings, basis: BloatBasis, user: string): Notice[] {
  const notices: Notice[] = [];
  const hidden = findings.tables.filter(({ facts }) => !facts.mayReadStatistics).length;
  if (hidden > 0) {
    const some = hidden === findings.tables.length ? 'any table' : `${formatInteger(hidden)} of the tables`;
    notices.push({
      id: 'hidden-statistics',
      level: 'limited',
      title: 'Limited view',
      text: `${user} may not read the statistics of ${some}, so there is no estimate for them${
        basis.versionNum >= 140000 ? ':' : '. Grant it SELECT on the tables.'
      }`,
      ...(basis.versionNum >= 140000
        ? { copy: { label: 'Copy statement', text: `GRANT pg_read_all_data TO ${quoteIdentifier(user)};` } }
        : {}),
    });
  }
  if (basis.inRecovery) {
    notices.push({
      id: 'standby',
      level: 'limited',
      title: 'This is a standby',
      text: 'Its counters know nothing of the primary’s writes: dead rows, last vacuum and last analyze are not known here. Sizes and estimates are.',
    });
  }
  if (findings.lockedTables > 0) {
    notices.push({
      id: 'locked',
      level: 'info',
      title: `${formatInteger(findings.lockedTables)} skipped: locked exclusively`,
      text: `${findings.lockedTableName ?? 'A table'}${findings.lockedTables > 1 ? ' and others' : ''} cannot be measured without waiting for the lock.`,
    });
  }
  return notices;
}
