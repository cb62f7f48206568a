import { versionKey } from '../../flyway/version';
import { folderOf, type FixPlace, type ProjectFix } from './project-fix';

/** Only constraints are validated: nothing that an undo would have to take back, as far as the comparison of scripts goes. */
const onlyValidates = /^(?:\s*alter\s+table\s[^;]*\bvalidate\s+constraint\s[^;]*;)+\s*$/i;

/**
 * Undo goes back one version after the other and stops at one without a U: where the script of a fix has its undo, a new version
 * that only validates gets one that does nothing.
 */
export function withUndoChain({ script, scripts, config }: FixPlace, fix: ProjectFix): ProjectFix {
  const { meaning } = script;
  if (meaning.kind !== 'versioned') return fix;
  const key = versionKey(meaning.version);
  const undo = scripts.find((one) => one.meaning.kind === 'undo' && versionKey(one.meaning.version) === key);
  if (!undo) return fix;
  const { versionedPrefix, undoPrefix } = config.naming;
  const undos = fix.files
    .filter(({ text }) => onlyValidates.test(text))
    .map(({ path }) => {
      const name = path.slice(path.lastIndexOf('/') + 1);
      return {
        path: `${folderOf(undo.path)}/${undoPrefix}${name.slice(versionedPrefix.length)}`,
        text: '-- A validated constraint needs no undo of its own: it goes with the version that adds it.\nSELECT 1;\n',
      };
    })
    .filter(({ path }) => !fix.files.some((file) => file.path === path));
  return undos.length === 0 ? fix : { ...fix, files: [...fix.files, ...undos] };
}
