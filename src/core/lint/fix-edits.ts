import { phrase, type Phrase } from '../format/phrase';
import type { FlywayConfig } from '../flyway/flyway-config';
import { compareVersions, type MigrationVersion } from '../flyway/version';
import { nodeOf, nodesOf, textOf } from '../rollback/tree';
import type { ParsedStatement } from '../sql/parsed-statement';
import { quoteIdentifier } from '../sql/identifier';
import { subcommandRanges } from '../rollback/subcommands';
import type { LintScript } from './lint-script';

/** A change of a script's text; offsets are UTF-16 code units of it. */
export interface TextEdit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** A file that a fix makes, beside the script. */
export interface NewFile {
  readonly name: string;
  readonly text: string;
}

/** What a fix does: Flyway accepts the scripts as they are then. */
export interface ScriptFix {
  /** For the menu: "Add NOT VALID, and validate in V8__validate_fk.sql". */
  readonly title: Phrase;
  readonly edits: readonly TextEdit[];
  readonly files: readonly NewFile[];
}

/** What fixes need to know of the project: its names, and the versions that are taken. */
export interface FixScope {
  readonly script: LintScript;
  readonly config: FlywayConfig;
  readonly versions: readonly MigrationVersion[];
}

/** Puts `SET LOCAL lock_timeout` at the top: a plain SET would outlive the transaction. */
export function setLockTimeout({ script }: FixScope, timeout = '2s'): ScriptFix {
  const at = script.text.startsWith('\ufeff') ? 1 : 0;
  const newline = lineEndOf(script.text);
  return {
    title: phrase("Insert SET LOCAL lock_timeout = '{0}'", timeout),
    edits: [{ start: at, end: at, text: `SET LOCAL lock_timeout = '${timeout}';${newline}` }],
    files: [],
  };
}

/** `ADD CONSTRAINT … NOT VALID` here, and `VALIDATE CONSTRAINT` in a new version: never both in one transaction. */
export function validateLater(scope: FixScope, statement: ParsedStatement): ScriptFix | undefined {
  const { script } = scope;
  const found = addedConstraints(script, statement).filter(
    ({ constraint, type }) =>
      (type === 'CONSTR_FOREIGN' || type === 'CONSTR_CHECK') && constraint['skip_validation'] !== true,
  );
  const table = tableOf(script, statement);
  if (found.length === 0 || table === undefined || found.some(({ name }) => name === undefined)) return undefined;
  const name = nextName(scope, `validate_${found[0]?.name ?? ''}`);
  const lines = found.map((one) => `ALTER TABLE ${table} VALIDATE CONSTRAINT ${quoteIdentifier(one.name ?? '')};\n`);
  return {
    title: phrase('Add NOT VALID, and validate in {0}', name),
    edits: found.map(({ end }) => ({ start: script.toText(end), end: script.toText(end), text: ' NOT VALID' })),
    files: [{ name, text: lines.join('') }],
  };
}

/** A line before a statement that says why its data may go; the reason is written there by the person. */
export function acknowledge({ script }: FixScope, offset: number, reason: string): ScriptFix {
  const statement = script.statements.statements.find(({ start, end }) => start <= offset && offset < end);
  const start = script.toText(statement?.start ?? 0);
  const indent = /[ \t]*$/.exec(script.text.slice(0, start))?.[0] ?? '';
  const text = `-- irreversible: ${reason.replace(/\s+/g, ' ')}${lineEndOf(script.text)}${indent}`;
  return { title: phrase('Say why the data may go…'), edits: [{ start, end: start, text }], files: [] };
}

/** The text behind some edits, which must not overlap. */
export function applyEdits(text: string, edits: readonly TextEdit[]): string {
  return [...edits]
    .sort((a, b) => b.start - a.start)
    .reduce((result, { start, end, text: put }) => result.slice(0, start) + put + result.slice(end), text);
}

interface AddedConstraint {
  readonly constraint: Readonly<Record<string, unknown>>;
  readonly type: string;
  readonly name: string | undefined;
  /** The end of the subcommand, in the script as it is parsed. */
  readonly end: number;
}

export function addedConstraints(script: LintScript, statement: ParsedStatement): AddedConstraint[] {
  if (statement.type !== 'AlterTableStmt') return [];
  const commands = nodesOf(statement.node, 'cmds', 'AlterTableCmd');
  const ranges = subcommandRanges(script.sql, statement.split, commands.length);
  return commands.flatMap((command, index): AddedConstraint[] => {
    const constraint =
      textOf(command, 'subtype') === 'AT_AddConstraint' ? nodeOf(nodeOf(command, 'def'), 'Constraint') : undefined;
    const range = ranges[index];
    if (!constraint || !range) return [];
    const name = textOf(constraint, 'conname');
    return [
      {
        constraint,
        type: textOf(constraint, 'contype') ?? '',
        name: name === undefined ? undefined : script.restore(name),
        end: range.end,
      },
    ];
  });
}

export function tableOf(script: LintScript, statement: ParsedStatement): string | undefined {
  const range = nodeOf(statement.node, 'relation');
  const name = textOf(range, 'relname');
  const schema = textOf(range, 'schemaname');
  if (name === undefined) return undefined;
  return script.restore(
    schema === undefined ? quoteIdentifier(name) : `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`,
  );
}

/** Takes a statement out, with its semicolon and the rest of its line when nothing else stands there. */
export function removal(script: LintScript, statement: { readonly start: number; readonly end: number }): TextEdit {
  const start = script.toText(statement.start);
  const rest = /^\s*;?[ \t]*(?:\r\n|\r|\n)?/.exec(script.text.slice(script.toText(statement.end)))?.[0] ?? '';
  return { start, end: script.toText(statement.end) + rest.length, text: '' };
}

/** The name of a new script whose version is the next above all that are taken; `later` counts further ones. */
export function nextName({ config: { naming }, versions }: FixScope, what: string, later = 0): string {
  const plain = versions.filter(({ predefined }) => predefined === undefined);
  const highest = plain.reduce<MigrationVersion | undefined>(
    (best, version) => (best && compareVersions(best, version) >= 0 ? best : version),
    undefined,
  );
  const next = (highest?.parts[0] ?? 0n) + 1n + BigInt(later);
  const description = what.replace(/[^A-Za-z0-9]+/g, '_').replace(/^_+|_+$/g, '');
  return `${naming.versionedPrefix}${next}${naming.separator}${description}${naming.suffixes[0] ?? '.sql'}`;
}

export function lineEndOf(text: string): string {
  return text.includes('\r\n') ? '\r\n' : '\n';
}
