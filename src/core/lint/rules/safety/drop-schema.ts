import { droppedObjects } from '../../dropped-objects';
import type { Issue, StatementRule } from '../../rule';

export const dropSchema: StatementRule = {
  id: 'safety/drop-schema',
  title: 'DROP SCHEMA, or all that a role owns',
  inUndo: false,
  on: ['DropStmt', 'DropOwnedStmt'],
  *check(context): Generator<Issue> {
    if (context.type === 'DropOwnedStmt') {
      yield {
        ...context.head,
        message: 'DROP OWNED drops every table that the role owns, in this database, with its rows.',
      };
      return;
    }
    const schemas = droppedObjects(context, 'OBJECT_SCHEMA').filter(({ isNew }) => !isNew);
    if (schemas.length === 0) return;
    const names = schemas.map(({ reference }) => reference.key.replace(/^schema /, '')).join(', ');
    const all =
      schemas[0]?.cascade === true ? 'Everything in it goes with it, under ACCESS EXCLUSIVE on each table. ' : '';
    yield { ...context.head, message: `Drops the schema ${names}. ${all}Name what is to go instead, table by table.` };
  },
};
