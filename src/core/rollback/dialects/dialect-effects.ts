import type { Dialect, DialectTree } from './dialect';
import { splitDialect } from './split-dialect';

/** What a statement makes or takes away, by a key that its inverse names too: `table t`, `column t.c`. */
export interface DialectEffect {
  readonly verb: 'makes' | 'drops' | 'renames' | 'changes' | 'inserts' | 'deletes' | 'updates' | 'unknown';
  readonly key: string;
  /** Of a rename: the key it has behind it. */
  readonly to?: string;
  readonly start: number;
  readonly end: number;
}

/** The effects of a script for another database; what the parser does not know is `unknown`. */
export function dialectEffects(script: string, dialect: Dialect): DialectEffect[] {
  return splitDialect(script).flatMap(({ start, end, text }): DialectEffect[] => {
    const place = { start, end };
    if (/^(set|use|start|begin|commit|lock|unlock|analyze|pragma|print|select|show|optimize)\b/i.test(text)) return [];
    const tree = dialect.parse(text);
    if (!tree) return [{ verb: 'unknown', key: text.slice(0, 40), ...place }];
    return effectsOfTree(tree).map((effect) => ({ ...effect, ...place }));
  });
}

type Effect = Omit<DialectEffect, 'start' | 'end'>;

function effectsOfTree(tree: DialectTree): Effect[] {
  const kind = textOf(tree['keyword']) ?? 'table';
  switch (tree['type']) {
    case 'create':
      return kind === 'index'
        ? [{ verb: 'makes', key: `index ${textOf(tree['index']) ?? nameIn(tree['index'])}` }]
        : namesIn(tree['table'] ?? tree['view'] ?? tree['database']).map((name) => ({
            verb: 'makes',
            key: `${kind} ${name}`,
          }));
    case 'drop':
      return kind === 'index'
        ? [{ verb: 'drops', key: `index ${nameIn(tree['name'])}` }]
        : namesIn(tree['name']).map((name) => ({ verb: 'drops', key: `${kind} ${name}` }));
    case 'rename':
      return (Array.isArray(tree['table']) ? tree['table'] : []).flatMap((pair: unknown): Effect[] => {
        const [from, to] = namesIn(pair);
        return from !== undefined && to !== undefined
          ? [{ verb: 'renames', key: `table ${from}`, to: `table ${to}` }]
          : [];
      });
    case 'alter':
      return altered(tree);
    case 'insert':
    case 'replace':
      return namesIn(tree['table']).map((name) => ({ verb: 'inserts', key: `rows of ${name}` }));
    case 'update':
      return targetsOf(tree['table'], tree['set']).map((name) => ({ verb: 'updates', key: `rows of ${name}` }));
    case 'delete':
      return targetsOf(tree['from'] ?? tree['table'], tree['table']).map((name) => ({
        verb: 'deletes',
        key: `rows of ${name}`,
      }));
    case 'truncate':
      return namesIn(tree['name']).map((name) => ({ verb: 'deletes', key: `rows of ${name}` }));
    default:
      return [{ verb: 'unknown', key: textOf(tree['type']) ?? '?' }];
  }
}

/** The tables that a statement over several writes to: those that `targets` name by table or alias, else the first. */
function targetsOf(tables: unknown, targets: unknown): string[] {
  const items = (Array.isArray(tables) ? tables : [tables]) as readonly DialectTree[];
  const named = new Set(
    (Array.isArray(targets) ? (targets as readonly DialectTree[]) : []).flatMap(({ table }) => textOf(table) ?? []),
  );
  const found = items.filter((item) => named.has(textOf(item['as']) ?? nameIn(item)) || named.has(nameIn(item)));
  return namesIn(found.length > 0 ? found : items.slice(0, 1));
}

function altered(tree: DialectTree): Effect[] {
  const [table = '?'] = namesIn(tree['table']);
  const commands: readonly unknown[] = Array.isArray(tree['expr']) ? tree['expr'] : [tree['expr']];
  return commands.flatMap((item): Effect | Effect[] => {
    const command = (item ?? {}) as DialectTree;
    const action = (textOf(command['action']) ?? '').toLowerCase();
    const resource = (textOf(command['resource']) ?? textOf(command['keyword']) ?? '').toLowerCase();
    const verb = action === 'add' ? 'makes' : action === 'drop' ? 'drops' : action === 'rename' ? 'renames' : 'changes';
    if (verb === 'renames' && resource === 'table') {
      const to = nameIn(command['table']);
      return { verb, key: `table ${table}`, to: `table ${to}` };
    }
    if (verb === 'renames')
      return {
        verb,
        key: `column ${table}.${nameIn(command['old_column'] ?? command['column'])}`,
        to: `column ${table}.${nameIn(command['column'])}`,
      };
    const column = `column ${table}.${nameIn(command['column'])}`;
    const before = command['old_column'] === undefined ? column : `column ${table}.${nameIn(command['old_column'])}`;
    if (resource === 'column' && before !== column)
      return [
        { verb, key: before },
        { verb: 'renames', key: before, to: column },
      ];
    if (resource === 'column') return { verb, key: column };
    const definition = command['create_definitions'] as DialectTree | undefined;
    const name =
      textOf(definition?.['constraint']) ??
      textOf(definition?.['index']) ??
      textOf(command['index']) ??
      textOf(command['key']) ??
      textOf(command['constraint']) ??
      nameIn(command['constraint'] ?? command['index']);
    return { verb, key: `key ${table}.${name}` };
  });
}

/** The names of `[{table: 't'}]`, of `{view: 'v'}`, of a list of them; without schemas, in lower case. */
function namesIn(value: unknown): string[] {
  const items: readonly unknown[] = Array.isArray(value) ? (value as readonly unknown[]) : [value];
  return items.map(nameIn).filter((name) => name !== '?');
}

function nameIn(value: unknown): string {
  if (typeof value === 'string') return value.toLowerCase();
  const node = (typeof value === 'object' && value !== null ? value : {}) as DialectTree;
  for (const field of ['table', 'view', 'column', 'name', 'value', 'expr', 'index'])
    if (node[field] !== undefined && node[field] !== null) return nameIn(node[field]);
  return '?';
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value.toLowerCase() : undefined;
}
