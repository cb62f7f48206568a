import { objectName, rangeKey } from '../../../rollback/catalog/object-names';
import { referencesIn } from '../../../rollback/catalog/references';
import { listOf, namesOf, nodeOf, nodesOf, textOf } from '../../../rollback/tree';
import { keyOf } from '../../../rollback/catalog/object-names';
import type { ParsedStatement } from '../../../sql/parsed-statement';
import type { Finding } from '../../finding';
import type { LintScript } from '../../lint-script';

interface Repeated {
  readonly script: LintScript;
  readonly what: string;
  /** Keys of the relations that it reads. */
  readonly reads: ReadonlySet<string>;
}

/**
 * `rollback/repeatable-trap`: a V or U script drops what a repeatable script makes, by name or with CASCADE. Flyway runs the
 * repeatable one again only when its checksum changes, so that it stays away.
 */
export function repeatableTrap(scripts: readonly LintScript[]): Finding[] {
  const made = madeByRepeatables(scripts);
  if (made.size === 0) return [];
  return scripts
    .filter(({ meaning }) => meaning.kind === 'versioned' || meaning.kind === 'undo')
    .flatMap((script) => {
      const statements = statementsOf(script);
      const remade = new Set(
        statements.flatMap(({ type, node }) => (type === 'ViewStmt' ? (rangeKey(nodeOf(node, 'view')) ?? []) : [])),
      );
      return statements.flatMap((statement): Finding[] => {
        const trapped = trappedBy(statement, made).filter(([key]) => !remade.has(key));
        return trapped.slice(0, 1).map(([, { script: repeatable, what }, how]) => ({
          path: script.path,
          rule: 'rollback/repeatable-trap',
          severity: 'warning',
          message: `This drops ${what}${how}, which ${repeatable.name} makes: Flyway does not run that script again while its text is the same. Change the text of ${repeatable.name}, or make ${what} again here.`,
          start: script.toText(statement.start),
          end: script.toText(firstLineEnd(script.sql, statement)),
          related: [{ path: repeatable.path, message: 'The repeatable script' }],
        }));
      });
    });
}

function trappedBy({ type, node }: ParsedStatement, made: ReadonlyMap<string, Repeated>): [string, Repeated, string][] {
  const cascade = textOf(node, 'behavior') === 'DROP_CASCADE';
  const byName: [string, Repeated, string][] = [];
  const dropped = new Set<string>();
  if (type === 'DropStmt')
    for (const object of listOf(node, 'objects')) {
      const name = objectName(textOf(node, 'removeType') ?? '', object);
      if (!name) continue;
      dropped.add(name.key);
      const key = name.key.replace(/\(.*/s, '');
      const found = made.get(key);
      if (found) byName.push([key, found, '']);
    }
  const columns =
    type === 'AlterTableStmt' &&
    nodesOf(node, 'cmds', 'AlterTableCmd').some(
      (command) => textOf(command, 'subtype') === 'AT_DropColumn' && textOf(command, 'behavior') === 'DROP_CASCADE',
    );
  const table = columns ? rangeKey(nodeOf(node, 'relation')) : undefined;
  const gone = table === undefined ? (cascade ? dropped : new Set<string>()) : new Set([table]);
  const byCascade = [...made]
    .filter(([, { reads }]) => [...gone].some((key) => reads.has(key)))
    .map(([key, repeated]): [string, Repeated, string] => [key, repeated, ' with CASCADE']);
  return [...byName, ...byCascade];
}

function madeByRepeatables(scripts: readonly LintScript[]): Map<string, Repeated> {
  const made = new Map<string, Repeated>();
  for (const script of scripts) {
    if (script.meaning.kind !== 'repeatable') continue;
    for (const { type, node } of statementsOf(script)) {
      const view =
        type === 'ViewStmt'
          ? rangeKey(nodeOf(node, 'view'))
          : type === 'CreateTableAsStmt'
            ? rangeKey(nodeOf(nodeOf(node, 'into'), 'rel'))
            : undefined;
      if (view !== undefined)
        made.set(view, { script, what: `the view ${view}`, reads: referencesIn(node['query']).relations });
      const routine = type === 'CreateFunctionStmt' ? keyOf(namesOf(listOf(node, 'funcname'))) : undefined;
      if (routine !== undefined) made.set(routine, { script, what: `the function ${routine}`, reads: new Set() });
    }
  }
  return made;
}

function statementsOf(script: LintScript): ParsedStatement[] {
  const found: ParsedStatement[] = [];
  for (const part of script.parts()) if ('statement' in part) found.push(part.statement);
  return found;
}

function firstLineEnd(text: string, { start, end }: { readonly start: number; readonly end: number }): number {
  const line = /[\r\n]/.exec(text.slice(start, end));
  return line ? start + line.index : end;
}
