import { phrase } from '../../format/phrase';
import { versionKey } from '../../flyway/version';
import { nextName } from '../fix-edits';
import { folderOf, scopeOf, type FixPlace, type ProjectFix } from './project-fix';

/** The version above all that are taken, for the script, its undo and its `.conf`. */
export function nextVersion(place: FixPlace): ProjectFix | undefined {
  const { script, scripts, config } = place;
  const { meaning } = script;
  if (meaning.kind !== 'versioned') return undefined;
  const { versionedPrefix, undoPrefix, separator } = config.naming;
  const version = nextName(scopeOf(place), 'x').slice(versionedPrefix.length).split(separator, 1)[0] ?? '';
  const renamed = (name: string, prefix: string): string => {
    const at = name.indexOf(separator);
    return `${prefix}${version}${at === -1 ? name : name.slice(at)}`;
  };
  const key = versionKey(meaning.version);
  // With two V of one version nobody can tell whose the undo is.
  const twin = scripts.some(
    (one) => one !== script && one.meaning.kind === 'versioned' && versionKey(one.meaning.version) === key,
  );
  const undo = twin
    ? scripts.find(({ path, meaning: of }) => of.kind === 'undo' && path === undoPathOf(script.path, place))
    : scripts.find(({ meaning: of }) => of.kind === 'undo' && versionKey(of.version) === key);
  const to = renamed(script.name, versionedPrefix);
  const renames = [{ from: script.path, to: `${folderOf(script.path)}/${to}` }];
  if (script.config.transactionIsChosen)
    renames.push({ from: `${script.path}.conf`, to: `${renames[0]?.to ?? ''}.conf` });
  if (undo) renames.push({ from: undo.path, to: `${folderOf(undo.path)}/${renamed(undo.name, undoPrefix)}` });
  return { title: phrase('Rename to {0}', to), edits: [], files: [], renames };
}

function undoPathOf(path: string, { config: { naming } }: FixPlace): string {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return `${folderOf(path)}/${naming.undoPrefix}${name.slice(naming.versionedPrefix.length)}`;
}
