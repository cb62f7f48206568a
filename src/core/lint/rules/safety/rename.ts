import { listOf, namesOf, nodeOf, relationOf, textOf } from '../../../rollback/tree';
import { relationKey } from '../../../rollback/script-memory';
import { keyOf, keyOfNames } from '../../../sql/replay/scope';
import type { Issue, ScriptRule } from '../../rule';
import type { StatementContext } from '../../statement-context';

const words: Readonly<Record<string, string>> = {
  OBJECT_TABLE: 'table',
  OBJECT_VIEW: 'view',
  OBJECT_MATVIEW: 'materialized view',
  OBJECT_COLUMN: 'column',
  OBJECT_SCHEMA: 'schema',
  OBJECT_FUNCTION: 'function',
  OBJECT_TYPE: 'type',
};

interface Renamed {
  readonly issue: Issue;
  /** What comes back under the old name makes it harmless: a relation, or a column of one. */
  readonly oldRelation: string | undefined;
  readonly oldColumn: string | undefined;
}

export const rename: ScriptRule = {
  id: 'safety/rename',
  title: 'A name that the application still uses is gone',
  inUndo: false,
  begin(script) {
    const renames: Renamed[] = [];
    return {
      on: ['RenameStmt', 'AlterObjectSchemaStmt', 'AlterEnumStmt'],
      statement(context) {
        const found = renamedBy(context);
        if (found && !script.isNew(context.relation)) renames.push(found);
        return [];
      },
      end: () =>
        renames
          .filter(({ oldRelation, oldColumn }) => {
            const back = oldRelation === undefined ? undefined : script.schema.relation(oldRelation);
            return !back || (oldColumn !== undefined && !back.columns.has(oldColumn));
          })
          .map(({ issue }) => issue),
    };
  },
};

function renamedBy(context: StatementContext): Renamed | undefined {
  const { node, type } = context;
  const name = relationOf(nodeOf(node, 'relation'));
  const key = name && keyOf(context.scope, name);
  const issue = (what: string, to: string): Issue => ({
    ...context.head,
    message: `Instances of the application that still say ${what} fail from here on; those that say ${to} failed before. Keep the old name alive until they are gone, with a view or a second column.`,
  });
  if (type === 'AlterObjectSchemaStmt' && name && key !== undefined) {
    const schema = context.name(textOf(node, 'newschema'));
    return { issue: issue(key, relationKey({ ...name, schema })), oldRelation: key, oldColumn: undefined };
  }
  if (type === 'AlterEnumStmt' && textOf(node, 'oldVal') !== undefined) {
    const old = `'${context.name(textOf(node, 'oldVal'))}'`;
    return {
      issue: issue(old, `'${context.name(textOf(node, 'newVal'))}'`),
      oldRelation: undefined,
      oldColumn: undefined,
    };
  }
  const word = words[textOf(node, 'renameType') ?? ''];
  if (type !== 'RenameStmt' || word === undefined) return undefined;
  // ALTER TABLE … RENAME takes indexes as well, whose names nobody says.
  if (key !== undefined && context.schema.index(key)) return undefined;
  const to = context.name(textOf(node, 'newname'));
  const subname = textOf(node, 'subname');
  const old = subname === undefined ? undefined : context.name(subname);
  // A column that this script adds is not in use yet: it is about to take the place of another.
  if (word === 'column' && context.relation?.columns.get(old ?? '')?.origin.script === context.script.script.path)
    return undefined;
  if (word === 'column' && key !== undefined && old !== undefined)
    return { issue: issue(`${key}.${old}`, `${key}.${to}`), oldRelation: key, oldColumn: old };
  return { issue: issue(key ?? old ?? named(context) ?? `the ${word}`, to), oldRelation: key, oldColumn: undefined };
}

/** The name of a function or a type, as it stands. */
function named({ node, scope }: StatementContext): string | undefined {
  const object = nodeOf(node, 'object');
  const names = namesOf([
    ...listOf(nodeOf(object, 'ObjectWithArgs'), 'objname'),
    ...listOf(nodeOf(object, 'List'), 'items'),
  ]);
  return names.length === 0 ? undefined : keyOfNames(scope, names);
}
