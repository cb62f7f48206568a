import { phrase } from '../../format/phrase';
import { nodesOf, textOf } from '../../rollback/tree';
import { quoteIdentifier } from '../../sql/identifier';
import { addedConstraints, nextName, removal, tableOf, validateLater } from '../fix-edits';
import { matchingUndo, removalFromUndo } from './matching-undo';
import { confOf, rangeOf } from './own-script';
import { folderOf, inProject, scopeOf, type FileEdit, type FixPlace, type ProjectFix } from './project-fix';

/** A constraint that is added NOT VALID here and validated in a new version. */
export function validatedLater(place: FixPlace): ProjectFix | undefined {
  const { script, statement, partitioned } = place;
  if (!statement || partitioned || script.meaning.kind !== 'versioned') return undefined;
  const fix = validateLater(scopeOf(place), statement);
  return fix && inProject(place, fix);
}

/** VALIDATE CONSTRAINT moves into a new version. */
export function moveValidate(place: FixPlace): ProjectFix | undefined {
  const { script, statement } = place;
  if (statement?.type !== 'AlterTableStmt' || script.meaning.kind !== 'versioned') return undefined;
  const commands = nodesOf(statement.node, 'cmds', 'AlterTableCmd');
  if (!commands.every((command) => textOf(command, 'subtype') === 'AT_ValidateConstraint')) return undefined;
  const { start, end } = rangeOf(script, statement);
  const name = nextName(scopeOf(place), `validate_${script.restore(textOf(commands[0], 'name') ?? 'constraint')}`);
  return {
    title: phrase('Move to {0}', name),
    edits: [{ ...removal(script, statement), path: script.path }],
    files: [{ path: `${folderOf(script.path)}/${name}`, text: `${script.text.slice(start, end)};\n` }],
    renames: [],
  };
}

/**
 * A UNIQUE or PRIMARY KEY constraint takes over an index that was built CONCURRENTLY in the version before. Where nothing else
 * stands in the script, that is the script itself; else both get new ones. Their undos go along.
 */
export function usingIndex(place: FixPlace): ProjectFix | undefined {
  const { script, statement, partitioned, config } = place;
  if (!statement || partitioned || script.meaning.kind !== 'versioned') return undefined;
  const [only, ...more] = nodesOf(statement.node, 'cmds', 'AlterTableCmd');
  const [found] = addedConstraints(script, statement);
  const table = tableOf(script, statement);
  if (!only || more.length > 0 || !found || table === undefined) return undefined;
  const { constraint, type, name } = found;
  if (!['CONSTR_UNIQUE', 'CONSTR_PRIMARY'].includes(type) || textOf(constraint, 'indexname') !== undefined)
    return undefined;
  const columns = nodesOf(constraint, 'keys', 'String').map((key) => script.restore(textOf(key, 'sval') ?? ''));
  const bare = table.replace(/^.*\./, '').replaceAll('"', '');
  const index = name ?? `${bare}_${type === 'CONSTR_PRIMARY' ? 'pkey' : `${columns.join('_')}_key`}`;
  const undo = matchingUndo(place, statement);
  if (undo.kind === 'unclear') return undefined;

  const quoted = quoteIdentifier(index);
  const schema = /^(.*\.)?[^.]*$/.exec(table)?.[1] ?? '';
  const nulls = constraint['nulls_not_distinct'] === true ? ' NULLS NOT DISTINCT' : '';
  const build = `CREATE UNIQUE INDEX CONCURRENTLY ${quoted} ON ${table} (${columns.map(quoteIdentifier).join(', ')})${nulls}`;
  const kind = type === 'CONSTR_PRIMARY' ? 'PRIMARY KEY' : 'UNIQUE';
  const deferred =
    (constraint['deferrable'] === true ? ' DEFERRABLE' : '') +
    (constraint['initdeferred'] === true ? ' INITIALLY DEFERRED' : '');
  const take = `ALTER TABLE ${table} ADD CONSTRAINT ${quoted} ${kind} USING INDEX ${quoted}${deferred};\n`;
  // The constraint owns the index once it has taken it over: then there is none left to drop.
  const dropIndex = `DROP INDEX CONCURRENTLY IF EXISTS ${schema}${quoted}`;
  const alone = script.statements.statements.length === 1 && script.statements.foreign.length === 0;
  const folder = folderOf(script.path);
  const undoOf = (versioned: string): string =>
    `${config.naming.undoPrefix}${versioned.slice(config.naming.versionedPrefix.length)}`;
  const first = alone ? script.name : nextName(scopeOf(place), `index_${index}`);
  const second = nextName(scopeOf(place), index, alone ? 0 : 1);
  const edits: FileEdit[] = [
    alone
      ? { ...rangeOf(script, statement), text: build, path: script.path }
      : { ...removal(script, statement), path: script.path },
  ];
  const files = [{ path: `${folder}/${second}`, text: take }];
  if (!alone) files.unshift({ path: `${folder}/${first}`, text: `${build};\n` });
  if (undo.kind === 'found') {
    const undoFolder = folderOf(undo.undo.path);
    if (alone) edits.push({ ...rangeOf(undo.undo, undo.statement), text: dropIndex, path: undo.undo.path });
    else {
      edits.push(...removalFromUndo(undo));
      files.push({ path: `${undoFolder}/${undoOf(first)}`, text: `${dropIndex};\n` });
    }
    // The index goes with the constraint that owns it, and stood there before the constraint.
    const again = `-- dbops-ignore safety/create-index: it went with the constraint, and ${second} takes it over again\n${build.replace(' CONCURRENTLY', '')};\n`;
    files.push({ path: `${undoFolder}/${undoOf(second)}`, text: `${undo.text};\n${again}` });
  }
  return {
    title: alone
      ? phrase('Build the index CONCURRENTLY, and take it over in {0}', second)
      : phrase('Build the index CONCURRENTLY in {0}, and take it over in {1}', first, second),
    edits,
    files,
    renames: [],
  };
}

/** `executeInTransaction=false` for a script whose own statements need it. */
export function runWithoutTransaction(place: FixPlace): ProjectFix | undefined {
  const { script } = place;
  if (script.config.transactionIsChosen || script.meaning.kind === 'callback') return undefined;
  const conf = confOf(script.path);
  return {
    title: phrase('Run all of it without a transaction ({0}.conf)', script.name),
    edits: [],
    files: [conf],
    renames: [],
  };
}
