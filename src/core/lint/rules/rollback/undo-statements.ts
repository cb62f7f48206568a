import { isTransactionalStatement } from '../../../flyway/transactions';
import { flagOf, listOf, nodeOf, nodesOf, relationOf, textOf } from '../../../rollback/tree';
import type { TreeNode } from '../../../sql/grammar';
import type { ParsedStatement } from '../../../sql/parsed-statement';
import type { Finding, FindingSeverity, RuleId } from '../../finding';
import type { LintScript } from '../../lint-script';
import type { UndoPair } from '../../undo-pairs';

/**
 * What is wrong with the statements of a U script by themselves: CASCADE, and a statement that cannot be run
 * again where nothing rolls the script back.
 */
export function undoStatements(pairs: readonly UndoPair[]): Finding[] {
  return pairs.flatMap(({ versioned, undo }) => (undo ? [...cascades(undo, versioned), ...notIdempotent(undo)] : []));
}

/** `rollback/cascade`: what depends on the dropped thing goes too, and no undo brings it back. */
function cascades(undo: LintScript, versioned: LintScript): Finding[] {
  const made = new Set(versioned.effects.flatMap(({ creates }) => creates ?? []));
  return statementsOf(undo).flatMap((statement): Finding[] => {
    const { node, type } = statement;
    const commands = type === 'AlterTableStmt' ? nodesOf(node, 'cmds', 'AlterTableCmd') : [node];
    if (!commands.some((command) => textOf(command, 'behavior') === 'DROP_CASCADE') || type === 'GrantStmt') return [];
    const own =
      type === 'DropStmt' &&
      listOf(node, 'objects').every((object) => [...made].some((name) => name.endsWith(` ${lastName(object)}`)));
    const word = statement.split.tokens.findLast(
      (token) => undo.sql.slice(token.start, token.end).toLowerCase() === 'cascade',
    );
    const message = own
      ? 'CASCADE also drops what later scripts have put on it. Without it PostgreSQL says what is in the way.'
      : 'CASCADE also drops what depends on it, and this undo does not bring that back. Drop each thing by name.';
    return [make(undo, 'rollback/cascade', own ? 'information' : 'warning', word ?? statement, message)];
  });
}

/** `rollback/not-idempotent`: half of the undo may have run when it fails. */
function notIdempotent(undo: LintScript): Finding[] {
  const { statements } = undo.statements;
  const whole =
    undo.config.executeInTransaction &&
    (undo.config.transactionIsForced || statements.every((statement) => isTransactionalStatement(undo.sql, statement)));
  if (whole || statements.length < 2) return [];
  return statementsOf(undo)
    .filter(cannotRepeat)
    .map((statement) =>
      make(
        undo,
        'rollback/not-idempotent',
        'warning',
        statement,
        'This undo runs outside of a transaction: when it stops half way, it cannot be run again unless each statement can be repeated (IF EXISTS, IF NOT EXISTS).',
      ),
    );
}

function cannotRepeat({ type, node }: ParsedStatement): boolean {
  if (type === 'DropStmt') return !flagOf(node, 'missing_ok');
  if (
    [
      'CreateStmt',
      'IndexStmt',
      'CreateSeqStmt',
      'CreateSchemaStmt',
      'CreateExtensionStmt',
      'CreateTableAsStmt',
    ].includes(type)
  )
    return !flagOf(node, 'if_not_exists');
  if (['ViewStmt', 'CreateFunctionStmt', 'CreateTrigStmt'].includes(type)) return !flagOf(node, 'replace');
  if (type !== 'AlterTableStmt') return type === 'RenameStmt';
  return nodesOf(node, 'cmds', 'AlterTableCmd').some(
    (command) =>
      ['AT_AddColumn', 'AT_DropColumn', 'AT_DropConstraint', 'AT_AddConstraint'].includes(
        textOf(command, 'subtype') ?? '',
      ) && !flagOf(command, 'missing_ok'),
  );
}

const writes = new Set([
  'InsertStmt',
  'UpdateStmt',
  'DeleteStmt',
  'MergeStmt',
  'TruncateStmt',
  'AlterTableStmt',
  'DropStmt',
  'RenameStmt',
  'CopyStmt',
]);

/** `rollback/writes-history`: a script that changes Flyway's own table. */
export function writesHistory(scripts: readonly LintScript[]): Finding[] {
  return scripts.flatMap((script) => {
    const table = script.config.table.toLowerCase();
    if (
      script.meaning.kind === 'skipped' ||
      script.meaning.kind === 'invalid' ||
      !script.sql.toLowerCase().includes(table)
    )
      return [];
    return statementsOf(script)
      .filter(({ type, node }) => writes.has(type) && touches(type, node, table))
      .map((statement) =>
        make(
          script,
          'rollback/writes-history',
          'error',
          statement,
          `This changes ${script.config.table}, which is Flyway's own: it writes its row about this script itself, and what it knows of others would be wrong. Use flyway repair.`,
        ),
      );
  });
}

function touches(type: string, node: TreeNode, table: string): boolean {
  if (type === 'DropStmt') return listOf(node, 'objects').some((object) => lastName(object).toLowerCase() === table);
  if (type === 'TruncateStmt')
    return listOf(node, 'relations').some((item) => relationOf(nodeOf(item, 'RangeVar'))?.name.toLowerCase() === table);
  return relationOf(nodeOf(node, 'relation'))?.name.toLowerCase() === table;
}

function lastName(object: TreeNode): string {
  const list = nodeOf(object, 'List') ?? nodeOf(object, 'TypeName');
  const names = listOf(list, 'items').length > 0 ? listOf(list, 'items') : listOf(list, 'names');
  return textOf(nodeOf(names.at(-1), 'String'), 'sval') ?? textOf(nodeOf(object, 'String'), 'sval') ?? '';
}

function statementsOf(script: LintScript): ParsedStatement[] {
  const found: ParsedStatement[] = [];
  for (const part of script.parts()) if ('statement' in part) found.push(part.statement);
  return found;
}

function make(
  script: LintScript,
  rule: RuleId,
  severity: FindingSeverity,
  place: { readonly start: number; readonly end: number },
  message: string,
): Finding {
  const line = /[\r\n]/.exec(script.sql.slice(place.start, place.end));
  const end = line ? place.start + line.index : place.end;
  return { path: script.path, rule, severity, message, start: script.toText(place.start), end: script.toText(end) };
}
