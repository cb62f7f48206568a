import { phrase } from '../../format/phrase';
import { nodeOf, nodesOf, textOf } from '../../rollback/tree';
import { quoteIdentifier } from '../../sql/identifier';
import { placeOf } from '../../sql/parsed-statement';
import { nextName, tableOf } from '../fix-edits';
import { folderOf, scopeOf, type FixPlace, type ProjectFix } from './project-fix';
import { subcommandAt } from './subcommand-at';

/** A constraint that stands in the definition of a column that is added. */
interface Inline {
  readonly table: string;
  readonly column: string;
  /** The name that it has, or that PostgreSQL would give it. */
  readonly name: string;
  /** As it is written, without its name. */
  readonly text: string;
  /** What goes from the script's text. */
  readonly start: number;
  readonly end: number;
}

/** `ADD COLUMN … REFERENCES`: the column alone here, the foreign key NOT VALID in a new version, VALIDATE in a second. */
export function referencesLater(place: FixPlace): ProjectFix | undefined {
  const found = inline(place, 'CONSTR_FOREIGN', 'fkey');
  if (!found) return undefined;
  const { table, column, name } = found;
  const add = `ALTER TABLE ${table} ADD CONSTRAINT ${name} FOREIGN KEY (${column}) ${found.text} NOT VALID;\n`;
  return inTwoVersions(place, found, add, `ALTER TABLE ${table} VALIDATE CONSTRAINT ${name};\n`, {
    first: `ALTER TABLE ${table} DROP CONSTRAINT ${name};\n`,
    second: undefined,
  });
}

/** `ADD COLUMN … UNIQUE`: the column alone here, a unique index CONCURRENTLY in a new version, taken over in a second. */
export function uniqueLater(place: FixPlace): ProjectFix | undefined {
  const found = inline(place, 'CONSTR_UNIQUE', 'key');
  if (!found || !/^unique$/i.test(found.text.trim())) return undefined;
  const { table, column, name } = found;
  const schema = /^(.*\.)?[^.]*$/.exec(table)?.[1] ?? '';
  const build = `CREATE UNIQUE INDEX CONCURRENTLY ${name} ON ${table} (${column});\n`;
  const take = `ALTER TABLE ${table} ADD CONSTRAINT ${name} UNIQUE USING INDEX ${name};\n`;
  // The index goes with the constraint that owns it, and stood there before the constraint.
  const again = `-- dbops-ignore safety/create-index: it went with the constraint\n${build.replace(' CONCURRENTLY', '')}`;
  return inTwoVersions(place, found, build, take, {
    first: `DROP INDEX CONCURRENTLY IF EXISTS ${schema}${name};\n`,
    second: `ALTER TABLE ${table} DROP CONSTRAINT ${name};\n${again}`,
  });
}

function inTwoVersions(
  place: FixPlace,
  found: Inline,
  first: string,
  second: string,
  undo: { readonly first: string; readonly second: string | undefined },
): ProjectFix {
  const { script, scripts, config } = place;
  const what = found.name.replaceAll('"', '');
  const names = [nextName(scopeOf(place), what), nextName(scopeOf(place), `use_${what}`, 1)] as const;
  const folder = folderOf(script.path);
  const files = [
    { path: `${folder}/${names[0]}`, text: first },
    { path: `${folder}/${names[1]}`, text: second },
  ];
  const { versionedPrefix, undoPrefix } = config.naming;
  // The undo of the script drops the column, and with it what later versions put on it: they need their own where it has one.
  const own = scripts.find(
    ({ meaning, name }) =>
      meaning.kind === 'undo' && name === `${undoPrefix}${script.name.slice(versionedPrefix.length)}`,
  );
  const undoOf = (name: string): string =>
    `${folderOf(own?.path ?? '')}/${undoPrefix}${name.slice(versionedPrefix.length)}`;
  if (own) files.push({ path: undoOf(names[0]), text: undo.first });
  if (own && undo.second !== undefined) files.push({ path: undoOf(names[1]), text: undo.second });
  return {
    title: phrase('Add the column alone, and its constraint in {0} and {1}', ...names),
    edits: [{ start: found.start, end: found.end, text: '', path: script.path }],
    files,
    renames: [],
  };
}

function inline(place: FixPlace, type: string, ending: string): Inline | undefined {
  const { script, statement, partitioned } = place;
  const found = subcommandAt(place);
  const table = statement && tableOf(script, statement);
  if (!statement || !found || table === undefined || partitioned || script.meaning.kind !== 'versioned')
    return undefined;
  const definition = nodeOf(nodeOf(found.command, 'def'), 'ColumnDef');
  const column = textOf(definition, 'colname');
  const constraints = nodesOf(definition, 'constraints', 'Constraint');
  const [one, ...others] = constraints.filter((constraint) => textOf(constraint, 'contype') === type);
  const start = placeOf(statement, one?.['location']);
  if (!one || others.length > 0 || column === undefined || start === undefined || nodeOf(definition, 'collClause'))
    return undefined;
  // DEFERRABLE and its kin are constraints of their own in the tree, and belong to the one before.
  const behind = constraints
    .filter((constraint) => !(textOf(constraint, 'contype') ?? '').startsWith('CONSTR_ATTR'))
    .flatMap((constraint) => placeOf(statement, constraint['location']) ?? [])
    .filter((at) => at > start);
  const end = script.toText(Math.min(found.end, ...behind), true);
  const from = script.toText(start);
  const written = script.text.slice(from, end).trimEnd();
  const bare = table.replace(/^.*\./, '').replaceAll('"', '');
  const named = textOf(one, 'conname');
  const blank = /\s*$/.exec(script.text.slice(0, from))?.[0].length ?? 0;
  return {
    table,
    column: quoteIdentifier(script.restore(column)),
    name: quoteIdentifier(script.restore(named ?? `${bare}_${column}_${ending}`)),
    text: named === undefined ? written : written.replace(/^constraint\s+("(?:[^"]|"")+"|\S+)\s+/i, ''),
    start: from - blank,
    end: from + written.length,
  };
}
