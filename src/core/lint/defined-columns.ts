import { listOf, namesOf, nodeOf, textOf } from '../rollback/tree';
import type { TreeNode } from '../sql/grammar';
import { placeOf } from '../sql/parsed-statement';
import { elementEnd } from '../sql/replay/written-parts';
import type { Issue, StatementRule } from './rule';
import type { StatementContext } from './statement-context';

/** A column that a CREATE TABLE or ADD COLUMN defines, with the type as it was named. */
export interface DefinedType {
  readonly column: string;
  readonly definition: TreeNode;
  /** The last part of the type's name, PostgreSQL's internal one: `int4`, `bpchar`. */
  readonly type: string;
  readonly modifiers: number;
  readonly isKey: boolean;
  readonly place: { readonly start: number; readonly end: number };
}

/** The statements and subcommands that define columns. */
export const definingStatements: StatementRule['on'] = ['CreateStmt', 'AT_AddColumn'];

export function definedTypes(context: StatementContext): DefinedType[] {
  const { node, statement, scope } = context;
  const elements = listOf(node, 'tableElts');
  const keys = new Set(
    elements.flatMap((item) => {
      const constraint = nodeOf(item, 'Constraint');
      return textOf(constraint, 'contype') === 'CONSTR_PRIMARY' ? namesOf(listOf(constraint, 'keys')) : [];
    }),
  );
  const added = context.commands('AT_AddColumn').map(({ command }) => nodeOf(command, 'def') ?? {});
  return [...elements, ...added].flatMap((item): DefinedType[] => {
    const definition = nodeOf(item, 'ColumnDef');
    const typeName = nodeOf(definition, 'typeName');
    const names = namesOf(listOf(typeName, 'names'));
    const start = placeOf(statement, typeName?.['location']);
    if (!definition || start === undefined) return [];
    const column = textOf(definition, 'colname') ?? '';
    const inline = listOf(definition, 'constraints').some(
      (one) => textOf(nodeOf(one, 'Constraint'), 'contype') === 'CONSTR_PRIMARY',
    );
    return [
      {
        column: scope.restore(column),
        definition,
        type: names.at(-1) ?? '',
        modifiers: listOf(typeName, 'typmods').length,
        isKey: inline || keys.has(column),
        place: { start, end: typeEnd(context, start) },
      },
    ];
  });
}

/** A preference about types: it has no lock and no version, and is off until a project asks for it. */
export function typePreference(
  about: Pick<StatementRule, 'id' | 'title'>,
  messageOf: (defined: DefinedType) => string | undefined,
): StatementRule {
  return {
    ...about,
    inUndo: false,
    on: definingStatements,
    *check(context): Generator<Issue> {
      for (const defined of definedTypes(context)) {
        const message = messageOf(defined);
        if (message !== undefined) yield { ...defined.place, message };
      }
    },
  };
}

const multiWord =
  /^(double precision|character varying|(timestamp|time)(\s*\(\d+\))? (with|without) time zone|character|bit varying|\w+)(\s*\([^)]*\))?/i;

/** The end of a type's name with its modifiers. */
function typeEnd({ scope }: StatementContext, start: number): number {
  const text = scope.sql.slice(start, elementEnd(scope, start));
  return start + (multiWord.exec(text)?.[0].length ?? text.length);
}
