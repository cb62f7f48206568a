import type { SplitStatement } from '../sql/splitter';

/** The words that can begin a subcommand of ALTER TABLE. */
const beginnings = new Set([
  'add',
  'drop',
  'alter',
  'rename',
  'validate',
  'set',
  'reset',
  'enable',
  'disable',
  'force',
  'no',
  'inherit',
  'owner',
  'attach',
  'detach',
  'cluster',
  'replica',
  'of',
  'not',
]);

/**
 * The places of the `count` subcommands of an ALTER TABLE in the script: they are separated by commas outside of
 * parentheses. Empty when the text does not divide into that many.
 */
export function subcommandRanges(
  script: string,
  statement: SplitStatement,
  count: number,
): { start: number; end: number }[] {
  const { tokens } = statement;
  const word = (index: number): string => {
    const token = tokens[index];
    return token?.kind === 'word' ? script.slice(token.start, token.end).toLowerCase() : '';
  };
  // ALTER TABLE [IF EXISTS] [ONLY] name [*]: the first subcommand begins at the first such word behind the name.
  let first = tokens.findIndex((token, index) => index >= 3 && token.kind === 'word' && beginnings.has(word(index)));
  if (first === -1) return [];
  // A table may be named like one of the words: the name stands directly behind TABLE, EXISTS, ONLY or a dot.
  while (
    first < tokens.length - 1 &&
    (['table', 'exists', 'only'].includes(word(first - 1)) || script.charAt(tokens[first - 1]?.start ?? 0) === '.')
  )
    first++;
  const ranges: { start: number; end: number }[] = [];
  let depth = 0;
  let begin = first;
  for (let index = first; index < tokens.length; index++) {
    const token = tokens[index];
    const symbol = token?.kind === 'symbol' ? script.charAt(token.start) : '';
    if (symbol === '(' || symbol === '[') depth++;
    if (symbol === ')' || symbol === ']') depth--;
    const last = index === tokens.length - 1;
    if ((symbol === ',' && depth === 0) || last) {
      const from = tokens[begin];
      const to = tokens[symbol === ',' && depth === 0 ? index - 1 : index];
      if (from && to) ranges.push({ start: from.start, end: to.end });
      begin = index + 1;
    }
  }
  return ranges.length === count ? ranges : [];
}
