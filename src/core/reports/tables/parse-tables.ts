import { Parser } from 'node-sql-parser/build/postgresql';
import { simplifyStatement } from './simplify-statement';
import type { TableName, TablesOfStatement } from './table-name';

/** The parser's time grows with the square of the length; in characters. */
const longestStatement = 50_000;

const parser = new Parser();

/** The tables of one statement. Best effort: what the parser does not know is said to be so. Never throws. */
export function parseTables(statement: string): TablesOfStatement {
  if (statement.length > longestStatement) return unparsed(`it has over ${longestStatement / 1000},000 characters`);
  const simple = simplifyStatement(statement);
  if (simple.several) return unparsed('it holds several statements');
  if (simple.text === '') return unparsed('it is empty');
  try {
    // Twice: a few places want the text of a value where others want a number.
    const parsed = firstThat([simple.text, simple.text.replaceAll(/(?<=\s)1(?=\s|$)/g, "'1'")], (text) =>
      parser.parse(text, { database: 'postgresql' }),
    );
    const temporary = commonTables(parsed.ast);
    const found = new Map<string, TableName>();
    for (const entry of parsed.tableList) {
      // Stand-ins and folded words hold no colon, so the three parts are certain.
      const [, schemaWord = 'null', word = ''] = entry.split('::');
      const schema = schemaWord === 'null' ? undefined : nameOf(schemaWord, simple.names);
      if (schema === undefined && temporary.has(word)) continue;
      const table = { schema, name: nameOf(word, simple.names) };
      found.set(JSON.stringify([table.schema, table.name]), table);
    }
    if (
      found.size === 0 &&
      temporary.size === 0 &&
      /\b(?:from|join|into|update) (?!\w+(?:\.\w+)? \()/.test(simple.text)
    )
      return unparsed('the parser finds no table where one is named');
    return { kind: 'tables', tables: [...found.values()] };
  } catch {
    return unparsed('the parser does not know this form');
  }
}

function firstThat<T>(texts: readonly string[], parse: (text: string) => T): T {
  let failure: unknown;
  for (const text of new Set(texts)) {
    try {
      return parse(text);
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

/** `catalog.schema` is a name of three parts: the schema is what counts. */
function nameOf(word: string, names: ReadonlyMap<string, string>): string {
  const last = word.slice(word.lastIndexOf('.') + 1);
  return names.get(last) ?? last;
}

function unparsed(why: string): TablesOfStatement {
  return { kind: 'unparsed', why };
}

/** The names given by `WITH`, at any depth. */
function commonTables(ast: unknown): ReadonlySet<string> {
  const found = new Set<string>();
  const waiting: unknown[] = [ast];
  while (waiting.length > 0) {
    const node = waiting.pop();
    if (typeof node !== 'object' || node === null) continue;
    for (const [key, value] of Object.entries(node)) {
      if (key === 'with' && Array.isArray(value)) for (const item of value as unknown[]) addName(found, item);
      waiting.push(value);
    }
  }
  return found;
}

function addName(found: Set<string>, item: unknown): void {
  if (typeof item !== 'object' || item === null || !('name' in item)) return;
  const { name } = item;
  if (typeof name === 'string') found.add(name);
  else if (typeof name === 'object' && name !== null && 'value' in name && typeof name.value === 'string')
    found.add(name.value);
}
