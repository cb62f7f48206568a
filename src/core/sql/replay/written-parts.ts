import { written, type StatementScope } from './scope';

/** What ends a DEFAULT or GENERATED expression of a column when it stands outside of parentheses. */
const endsExpression = new Set([
  'not',
  'null',
  'check',
  'unique',
  'primary',
  'references',
  'constraint',
  'generated',
  'collate',
  'deferrable',
  'initially',
]);

/**
 * The end of the element of a list in parentheses, or of a list of subcommands, that begins at `from`: the comma or
 * parenthesis behind it, not looking into parentheses. `limit` is where it ends at the latest.
 */
export function elementEnd(scope: StatementScope, from: number, limit = scope.statement.end): number {
  return walk(scope, from, limit, () => false);
}

/** An expression of a column that begins behind the keyword at `keyword`. */
export function expressionAfter(scope: StatementScope, keyword: number): string {
  const { tokens } = scope.statement.split;
  const at = indexAt(scope, keyword);
  const start = tokens[at + 1]?.start ?? scope.statement.end;
  const end = walk(scope, start, scope.statement.end, (word) => endsExpression.has(word));
  return written(scope, start, end);
}

/** The index of the first token at or behind an offset of the script. */
export function indexAt(scope: StatementScope, offset: number): number {
  const { tokens } = scope.statement.split;
  let low = 0;
  let high = tokens.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((tokens[middle]?.start ?? 0) < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

function walk(scope: StatementScope, from: number, limit: number, stops: (word: string) => boolean): number {
  const { tokens } = scope.statement.split;
  let depth = 0;
  let end = from;
  for (let index = indexAt(scope, from); index < tokens.length; index++) {
    const token = tokens[index];
    if (!token || token.start >= limit) break;
    const symbol = token.kind === 'symbol' ? scope.sql.charAt(token.start) : '';
    if (symbol === '(' || symbol === '[') depth++;
    if (symbol === ')' || symbol === ']') depth--;
    if (depth < 0 || (depth === 0 && symbol === ',')) break;
    const isWord = depth === 0 && token.kind === 'word' && token.start > from;
    if (isWord && stops(scope.sql.slice(token.start, token.end).toLowerCase())) break;
    end = token.end;
  }
  return end;
}
