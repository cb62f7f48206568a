import { textOf } from '../../../rollback/tree';
import type { Issue, ScriptRule } from '../../rule';

const begins = new Set(['TRANS_STMT_BEGIN', 'TRANS_STMT_START']);
const ends = new Set(['TRANS_STMT_COMMIT', 'TRANS_STMT_ROLLBACK', 'TRANS_STMT_PREPARE']);

export const transactionControl: ScriptRule = {
  id: 'safety/transaction-control',
  title: 'BEGIN, COMMIT or ROLLBACK in a script',
  inUndo: true,
  begin(script) {
    const around = script.transactions.mode !== 'autocommit';
    let open: Issue | undefined;
    return {
      *statement(context): Generator<Issue> {
        if (context.type !== 'TransactionStmt') return;
        const kind = textOf(context.node, 'kind') ?? '';
        if (begins.has(kind)) {
          if (around)
            yield {
              ...context.head,
              message:
                'Flyway has begun a transaction already: this BEGIN only warns, and the COMMIT that belongs to it ends that of Flyway.',
            };
          open = {
            ...context.head,
            message:
              'This transaction is never committed: its work is lost, and its locks stay until the session ends.',
          };
        } else if (ends.has(kind)) {
          open = undefined;
          if (around)
            yield {
              ...context.head,
              severity: 'error',
              message: `This ends Flyway's own transaction: what stands behind it commits statement by statement, and a failure leaves the script half done. Leave it out, or set executeInTransaction=false in the script's .conf.`,
            };
        }
      },
      end: () => (open && !around ? [open] : []),
    };
  },
};
