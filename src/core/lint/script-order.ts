import { compareVersions } from '../flyway/version';
import type { LintScript } from './lint-script';
import type { ReplayStep } from './project-replay';

/**
 * The scripts in the order in which Flyway runs them: versions, each with its undo behind it, then what is repeated, then the
 * callbacks. A baseline stands for the versions up to its own where they are gone, and is only looked at where they are not.
 */
export function inFlywayOrder(scripts: readonly LintScript[]): ReplayStep[] {
  const versioned = scripts
    .flatMap((script) => ('version' in script.meaning ? [{ script, meaning: script.meaning }] : []))
    .sort(
      (a, b) => compareVersions(a.meaning.version, b.meaning.version) || rank(a.meaning.kind) - rank(b.meaning.kind),
    );
  const first = versioned.find(({ meaning }) => meaning.kind === 'versioned');
  // Sorted: every baseline before the first version that is left stands for versions that are gone, the last for all.
  const base = versioned
    .slice(0, first ? versioned.indexOf(first) : versioned.length)
    .findLast(({ meaning }) => meaning.kind === 'baseline');
  const steps = versioned.map(({ script, meaning }) => ({
    script,
    forward: meaning.kind === 'versioned' || script === base?.script,
  }));
  const rest = (kind: 'repeatable' | 'callback'): ReplayStep[] =>
    scripts
      .filter(({ meaning }) => meaning.kind === kind)
      .sort((a, b) => (describe(a) < describe(b) ? -1 : 1))
      .map((script) => ({ script, forward: kind === 'repeatable' }));
  return [...steps, ...rest('repeatable'), ...rest('callback')];
}

/** A baseline of a version comes before its V, the U behind. */
function rank(kind: string): number {
  return ['baseline', 'versioned', 'undo'].indexOf(kind);
}

function describe({ meaning, name }: LintScript): string {
  return 'description' in meaning ? `${meaning.description}\0${name}` : name;
}
