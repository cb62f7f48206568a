import { formatInteger } from '../../format/numbers';
import { formatDuration } from '../../format/quantities';
import { horizonStatement, nameHolder, type HorizonHolder } from '../../reports/bloat/horizon';
import { tiers, type CheckDefinition } from '../check';
import { measured, nothingFound } from '../finding';
import { standardOf } from '../standard-limits';

const signal = 'horizon.age';
/** Whom nobody serves any more is told earlier: it will not go by itself. In transactions. */
const abandonedBack = 100_000;

export const horizon: CheckDefinition<HorizonHolder> = {
  id: 'horizon',
  group: 'maintenance',
  title: 'What holds vacuum back',
  explanation:
    'VACUUM removes no row that was deleted after the oldest transaction, slot or standby query began: bloat grows whatever autovacuum does.',
  runbook: 'vacuum',
  tierMs: tiers.minute,
  needsFullView: true,
  read: (query) => query(horizonStatement),
  evaluate: ({ now: { rows } }, { limits }) => {
    const threshold = limits(signal, standardOf(signal));
    const [oldest] = rows;
    if (!oldest || oldest.age === 0) {
      return [{ ...nothingFound(signal, 'nothing holds vacuum back'), unit: 'transactions', threshold }];
    }
    return rows.map((holder, at) => {
      const found = measured(signal, `${holder.kind} ${holder.id}`, holder.age, 'transactions', threshold, {
        words: `${at === 0 ? 'vacuum held back by' : 'also by'} ${nameHolder(holder)}, ${formatInteger(holder.age)} transactions`,
        lines: holder.openS === null ? [] : [`Open for ${formatDuration(holder.openS)}.`],
      });
      const forgotten = found.severity === 'ok' && holder.abandoned && holder.age > abandonedBack;
      return { ...found, severity: forgotten ? 'warning' : found.severity, detail: at > 0 };
    });
  },
};
