import { textOf } from '../../../rollback/tree';
import type { Issue, ScriptRule } from '../../rule';

const begins = new Set(['TRANS_STMT_BEGIN', 'TRANS_STMT_START']);
const ends = new Set(['TRANS_STMT_COMMIT', 'TRANS_STMT_ROLLBACK', 'TRANS_STMT_PREPARE']);

/** The end of Flyway's own transaction, and what it undoes or leaves behind. */
interface Ended {
  readonly head: { readonly start: number; readonly end: number };
  readonly rollsBack: boolean;
  /** Nothing but SELECT and the end of transactions that are over already has followed. */
  isLast: boolean;
}

export const transactionControl: ScriptRule = {
  id: 'safety/transaction-control',
  title: 'BEGIN, COMMIT or ROLLBACK in a script',
  inUndo: true,
  begin(script) {
    const around = script.transactions.mode !== 'autocommit';
    let open: Ended['head'] | undefined;
    const ended: Ended[] = [];
    const begun: Ended['head'][] = [];
    return {
      statement(context) {
        const kind = context.type === 'TransactionStmt' ? (textOf(context.node, 'kind') ?? '') : '';
        if (begins.has(kind)) {
          begun.push(context.head);
          open = context.head;
        } else if (ends.has(kind)) {
          // Behind its end there is no transaction until the next BEGIN: this one only warns.
          if (ended.length === 0 || open !== undefined)
            ended.push({ head: context.head, rollsBack: kind === 'TRANS_STMT_ROLLBACK', isLast: true });
          open = undefined;
        } else for (const end of ended) end.isLast = false;
        return [];
      },
      *end(): Generator<Issue> {
        if (!around) {
          if (open)
            yield {
              ...open,
              message:
                'This transaction is never committed: its work is lost, and its locks stay until the session ends.',
            };
          return;
        }
        const [first] = begun;
        // BEGIN and the COMMIT at the end around the whole script are one habit, and one finding.
        if (first && !(ended.length > 0 && ended.some(({ isLast, rollsBack }) => !isLast || rollsBack)))
          yield {
            ...first,
            message:
              ended.length > 0
                ? 'Flyway has begun a transaction already: this BEGIN only warns, and the COMMIT at the end commits the script before Flyway has written it down as applied. Leave both out.'
                : 'Flyway has begun a transaction already: this BEGIN only warns. Leave it out.',
          };
        for (const { head: place, isLast, rollsBack } of ended)
          if (rollsBack)
            yield {
              ...place,
              severity: 'error',
              message:
                'This undoes what the script has done so far, and Flyway writes it down as applied all the same. Leave it out.',
            };
          else if (!isLast)
            yield {
              ...place,
              severity: 'error',
              message: `This ends Flyway's own transaction: what stands behind it commits statement by statement, and a failure leaves the script half done. Leave it out, or set executeInTransaction=false in the script's .conf.`,
            };
          else if (!first)
            yield {
              ...place,
              message:
                "This ends Flyway's own transaction: the script is committed before Flyway has written it down as applied. Leave it out.",
            };
      },
    };
  },
};
