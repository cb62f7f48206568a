import { CheckRun, type Limits, type RunningCheck } from '../check-run';
import type { CheckDefinition } from '../check';
import { archiveAge } from './archive-age';
import { archiver } from './archiver';
import { autovacuumNeed } from './autovacuum-need';
import { cacheHit } from './cache-hit';
import { checkpoints } from './checkpoints';
import { databaseLimits } from './database-limits';
import { databaseSizes } from './database-sizes';
import { deadlocks } from './deadlocks';
import { duplicateIndexes } from './duplicate-indexes';
import { flywayHistory } from './flyway-history';
import { foreignKeys } from './foreign-keys';
import { horizon } from './horizon';
import { invalidIndexes } from './invalid-indexes';
import { leaks } from './leaks';
import { longQueries } from './long-queries';
import { longTransactions } from './long-transactions';
import { neverVacuumed } from './never-vacuumed';
import { preparedTransactions } from './prepared-transactions';
import { roleLimits } from './role-limits';
import { sequences } from './sequences';
import { settings } from './settings';
import { slots } from './slots';
import { standbyConflicts } from './standby-conflicts';
import { statements } from './statements';
import { tableGrowth } from './table-growth';
import { tempFiles } from './temp-files';
import { unusedIndexes } from './unused-indexes';
import { vacuumProgress } from './vacuum-progress';
import { walBacklog } from './wal-backlog';
import { wraparound } from './wraparound';

/** Every check, begun for one server, in the order of their groups; within a group what a person wants to know first. */
export function startChecks(limits: Limits): readonly RunningCheck[] {
  const start = <Row>(check: CheckDefinition<Row>): RunningCheck => new CheckRun(check, limits);
  return [
    start(leaks),
    start(databaseLimits),
    start(roleLimits),
    start(slots),
    start(standbyConflicts),
    start(deadlocks),
    start(preparedTransactions),
    start(longQueries),
    start(statements),
    start(longTransactions),
    start(cacheHit),
    start(tempFiles),
    start(databaseSizes),
    start(tableGrowth),
    start(horizon),
    start(wraparound),
    start(autovacuumNeed),
    start(vacuumProgress),
    start(neverVacuumed),
    start(invalidIndexes),
    start(duplicateIndexes),
    start(unusedIndexes),
    start(foreignKeys),
    start(sequences),
    start(checkpoints),
    start(settings),
    start(flywayHistory),
    start(archiveAge),
    start(archiver),
    start(walBacklog),
  ];
}
