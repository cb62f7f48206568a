import { formatBytes, formatCount } from '../format/quantities';
import { strongest, type Work } from './impact/impact';
import { blocks, lockName, stopsWrites } from './impact/lock-mode';
import type { StatementContext } from './statement-context';

const workWords: Readonly<Record<Work, string>> = {
  brief: 'It changes the catalog only.',
  scan: 'It reads every row.',
  build: 'It builds an index over every row.',
  rewrite: 'It writes the table again, with its indexes.',
  unknown: 'How long it takes, no script tells.',
};
const heaviest: readonly Work[] = ['rewrite', 'build', 'scan', 'unknown', 'brief'];

/** What a statement locks, how long, and until when: plain lines for a hover. Empty where it locks nothing in use. */
export function describeStatement(context: StatementContext): string[] {
  const locks = [...strongest(context.impacts.flatMap((impact) => impact.locks))].filter(
    ([key, mode]) => stopsWrites(mode) && context.schema.index(key) === undefined,
  );
  if (locks.length === 0) return [];
  const work = heaviest.find((one) => context.impacts.some((impact) => impact.work === one)) ?? 'unknown';
  const lines = locks.map(([key, mode]) => {
    const size = context.script.settings.database?.sizeOf(key);
    const rows = size && (size.rows === null ? 'never counted' : `about ${formatCount(size.rows, 'row')}`);
    const told = size ? ` (${rows ?? ''}, ${formatBytes(size.bytes)})` : '';
    const fresh = context.script.isNewTable(key) ? '; nobody uses it yet' : `, which blocks ${blocks(mode)}`;
    return `Takes ${lockName(mode)} on ${key}${told}${fresh}.`;
  });
  const { transaction } = context;
  const held =
    transaction === undefined
      ? 'It commits by itself: the lock is held while it runs.'
      : transaction === 0
        ? "The lock is held until Flyway's transaction around the script ends."
        : "The lock is held until the script's own transaction ends.";
  return [...lines, workWords[work], held];
}
