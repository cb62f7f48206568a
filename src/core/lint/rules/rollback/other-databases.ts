import type { FlywayConfig } from '../../../flyway/flyway-config';
import { compareDialect, type DialectDiscrepancy } from '../../../rollback/dialects/compare-dialect';
import type { Dialect } from '../../../rollback/dialects/dialect';
import { dialectEffects, type DialectEffect } from '../../../rollback/dialects/dialect-effects';
import { splitDialect } from '../../../rollback/dialects/split-dialect';
import type { Finding, RuleId } from '../../finding';
import type { LintScript } from '../../lint-script';
import type { UndoPair } from '../../undo-pairs';
import { acknowledgementIn, isAcknowledged } from './irreversible';
import { undoName } from '../undo-missing';

/**
 * Rollback for a database that is not PostgreSQL: the same questions, answered by names alone. Where nothing can be read, that
 * is said once: at the project's first script without a parser, else at the first statement of each script.
 */
export function otherDatabases(
  scripts: readonly LintScript[],
  pairs: readonly UndoPair[],
  config: FlywayConfig,
  dialect: Dialect | undefined,
): Finding[] {
  const { value, from } = config.database;
  const [first] = scripts.filter(({ meaning }) => meaning.kind === 'versioned');
  if (!dialect) {
    const message = `These scripts are for ${value} (${from.slice(from.lastIndexOf('/') + 1)}), of which no parser is here: names, versions, checksums and the presence of undo scripts are checked, statements are not analyzed.`;
    return first
      ? [
          {
            path: first.path,
            rule: 'flyway/not-analyzed',
            severity: 'information',
            message,
            ...first.head,
            wholeFile: true,
          },
        ]
      : [];
  }
  return pairs.flatMap(({ versioned, undo }) => {
    const own = dialectEffects(versioned.sql, dialect);
    const dark = [
      ...notAnalyzed(versioned, own, value),
      ...(undo ? notAnalyzed(undo, dialectEffects(undo.sql, dialect), value) : []),
    ];
    if (!undo) return [...dark, ...missing(versioned, own, config)];
    if (doesNothing(undo.sql))
      return own.length > 0 && acknowledgementIn(undo) === undefined ? [...dark, nothingUndone(versioned, undo)] : dark;
    const found = compareDialect(own, dialectEffects(undo.sql, dialect));
    return [...dark, ...found.flatMap((one) => findingOf(one, versioned, undo))];
  });
}

/** No statement, or only `SELECT 1`. */
function doesNothing(sql: string): boolean {
  return splitDialect(sql).every(({ text }) => /^select\s+(?:\d+|'[^']*'|null)(?:\s+from\s+dual)?$/i.test(text.trim()));
}

function nothingUndone(versioned: LintScript, undo: LintScript): Finding {
  return {
    path: undo.path,
    rule: 'rollback/empty-undo',
    severity: 'warning',
    message: `This undo does nothing, and Flyway takes ${versioned.name} for undone. Write the inverse, or say why there is none: -- irreversible: reason`,
    ...undo.head,
    wholeFile: true,
    related: [{ path: versioned.path, message: 'The V script' }],
  };
}

function notAnalyzed(script: LintScript, effects: readonly DialectEffect[], database: string): Finding[] {
  const unknown = effects.filter(({ verb }) => verb === 'unknown');
  const [first] = unknown;
  if (!first) return [];
  const more = unknown.length > 1 ? ` and ${unknown.length - 1} more` : '';
  return [
    {
      path: script.path,
      rule: 'flyway/not-analyzed',
      severity: 'information',
      message: `Not analyzed: this statement${more}; the parser for ${database} does not know the form. What it does is not compared.`,
      ...placeOf(script, first),
    },
  ];
}

/** `rollback/undo-missing`, graded as far as the parser tells. */
function missing(script: LintScript, effects: readonly DialectEffect[], config: FlywayConfig): Finding[] {
  const [first] = effects;
  if (!first) return [];
  const name = undoName(script.name, config.naming);
  const lost = compareDialect(effects, []).filter(
    ({ kind, effect }) => kind !== 'incomplete' && !isAcknowledged(script, effect),
  );
  const make = (effect: DialectEffect, severity: Finding['severity'], message: string): Finding => ({
    path: script.path,
    rule: 'rollback/undo-missing',
    severity,
    message,
    ...placeOf(script, effect),
  });
  if (lost.length > 0)
    return lost.map(({ effect, message }) =>
      make(
        effect,
        'warning',
        `Irreversible, and there is no ${name}: ${message}. Keep a copy before, or say why it may go: -- irreversible: reason`,
      ),
    );
  const dark = effects.find(({ verb }) => verb === 'unknown');
  if (dark) return [make(dark, 'information', `There is no ${name}, and whether this can be undone is not known.`)];
  return [make(first, 'hint', `There is no ${name}. The script can be undone.`)];
}

function findingOf(
  { kind, side, effect, message }: DialectDiscrepancy,
  versioned: LintScript,
  undo: LintScript,
): Finding[] {
  const script = side === 'undo' ? undo : versioned;
  const lost = kind === 'irreversible' || kind === 'no-backup';
  if (lost && (acknowledgementIn(undo) !== undefined || isAcknowledged(versioned, effect))) return [];
  const rule: RuleId = `rollback/${kind}`;
  return [
    {
      path: script.path,
      rule,
      severity: kind === 'over-drop' ? 'error' : 'warning',
      message: lost
        ? `Irreversible although there is ${undo.name}: ${message}. Keep a copy before, or say why it may go: -- irreversible: reason`
        : `${message}${side === 'undo' ? '' : ` (${undo.name})`}.`,
      ...placeOf(script, effect),
      partner: undo.path,
    },
  ];
}

function placeOf(script: LintScript, { start, end }: DialectEffect): { start: number; end: number } {
  const line = /[\r\n]/.exec(script.sql.slice(start, end));
  return { start: script.toText(start), end: script.toText(line ? start + line.index : end) };
}
