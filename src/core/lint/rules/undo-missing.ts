import type { Naming } from '../../flyway/file-name';
import { compareVersions, versionKey } from '../../flyway/version';
import type { Effect } from '../../rollback/effect';
import { resolveTypes } from '../../rollback/resolve-types';
import { ColumnTypes } from '../../rollback/schema-fact';
import { writeUndo } from '../../rollback/write-undo';
import { calledSetting } from '../../sql/session-settings';
import type { Finding, Fix } from '../finding';
import type { LintScript } from '../lint-script';
import { isAcknowledged } from './rollback/irreversible';

/**
 * `rollback/undo-missing`, graded by what the V script does: a warning at each effect whose data no script brings back,
 * information when it holds code that cannot be looked into, a hint when an undo is plain to write.
 */
export function undoMissing(scripts: readonly LintScript[], naming: Naming): Finding[] {
  const undone = new Set(
    scripts.flatMap(({ meaning }) => (meaning.kind === 'undo' ? [versionKey(meaning.version)] : [])),
  );
  const types = new ColumnTypes();
  return inOrder(scripts).flatMap(({ script, key }) => {
    const effects = resolveTypes(script.effects, types);
    return undone.has(key) ? [] : findingsOf(script, effects, naming);
  });
}

/** The V scripts in the order in which Flyway runs them. */
function inOrder(scripts: readonly LintScript[]): { script: LintScript; key: string }[] {
  return scripts
    .flatMap((script) => (script.meaning.kind === 'versioned' ? [{ script, version: script.meaning.version }] : []))
    .sort((a, b) => compareVersions(a.version, b.version))
    .map(({ script, version }) => ({ script, key: versionKey(version) }));
}

function findingsOf(script: LintScript, all: readonly Effect[], naming: Naming): Finding[] {
  const effects = all.filter((effect) => effect.reversibility !== 'none');
  if (effects.length === 0) return [];
  const name = undoName(script.name, naming);
  // Written when it is asked for: a project has thousands, and a person wants one.
  const fix: Fix = {
    kind: 'create-undo',
    name,
    get text() {
      return writeUndo(script.name, effects, searchPathsOf(script));
    },
    get certain() {
      return effects.every(({ undo }) => undo !== undefined) && searchPathsOf(script).length < 2;
    },
  };
  const make = (effect: Effect, severity: Finding['severity'], message: string): Finding => ({
    path: script.path,
    rule: 'rollback/undo-missing',
    severity,
    message,
    start: script.toText(effect.start),
    end: script.toText(effect.end, true),
    fix,
  });
  const lost = effects.filter((effect) => effect.reversibility === 'irreversible' && !isAcknowledged(script, effect));
  if (lost.length > 0) {
    return lost.map((effect) =>
      make(
        effect,
        'warning',
        `Irreversible, and there is no ${name}: this script ${effect.what}. ${effect.what.startsWith('adds ') ? 'Say why that may be' : 'Keep a copy before, or say why it may go'}: -- irreversible: reason`,
      ),
    );
  }
  const dark = effects.find((effect) => effect.reversibility === 'unknown');
  if (dark)
    return [
      make(
        dark,
        'information',
        `There is no ${name}, and whether this can be undone is not known: the script ${dark.what}.`,
      ),
    ];
  const first = effects[0];
  const others = effects.length - 1;
  const more = others === 0 ? '' : ` (and has ${others} more ${others === 1 ? 'effect' : 'effects'})`;
  return first ? [make(first, 'hint', `There is no ${name}. The script can be undone: it ${first.what}${more}.`)] : [];
}

/** The statements that set the search_path of a script, none of which outlives a transaction. */
function searchPathsOf(script: LintScript): string[] {
  const found = new Set<string>();
  for (const part of script.parts()) {
    if (!('statement' in part) || !calledSetting(part.statement, 'search_path')) continue;
    const { start, end, type } = part.statement;
    const text = script.restore(script.sql.slice(start, end));
    found.add(type === 'VariableSetStmt' ? text.replace(/^set\s+(?:session\s+|local\s+)?/i, 'SET LOCAL ') : text);
  }
  script.forgetTrees();
  return [...found];
}

/** The undo's name: the same version and description under the undo prefix. */
export function undoName(name: string, naming: Naming): string {
  return `${naming.undoPrefix}${name.slice(naming.versionedPrefix.length)}`;
}
