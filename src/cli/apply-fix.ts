import { access, link, readFile, rename, unlink, writeFile } from 'node:fs/promises';
import { decodeScript } from '../core/flyway/decode-script';
import { applyEdits } from '../core/lint/fix-edits';
import type { ProjectFix } from '../core/lint/fixes/project-fix';
import type { LintScript } from '../core/lint/lint-script';

/** A fix that cannot be written: the message says why. */
export class FixError extends Error {
  readonly reason = 'fix-not-written';
}

/**
 * Writes a fix of a script. No file that is there is overwritten but the script itself, and that only while it holds the text
 * that was linted; throws FixError otherwise, with nothing written.
 */
export async function applyFix(script: LintScript, { edits, files, renames }: ProjectFix): Promise<void> {
  for (const path of [...files.map((file) => file.path), ...renames.map(({ to }) => to)])
    if (await isThere(path)) throw new FixError(`${path} is there already.`);
  const before = edits.length > 0 ? await unchangedBytes(script) : undefined;
  for (const { path, text } of files) await writeFile(path, text, { flag: 'wx' });
  if (before) {
    // A reader sees the old text or the new one, never a half.
    const draft = `${script.path}.dbops-new`;
    await writeFile(draft, applyEdits(script.text, edits), { flag: 'wx' });
    await rename(draft, script.path);
  }
  for (const { from, to } of renames) {
    // Unlike rename, link never takes the place of a file.
    await link(from, to);
    await unlink(from);
  }
}

async function unchangedBytes(script: LintScript): Promise<Uint8Array> {
  const { encoding } = script.config;
  if (!/^utf-?8$/i.test(encoding.trim()))
    throw new FixError(`${script.path} is in ${encoding}, only UTF-8 is written.`);
  const bytes = await readFile(script.path);
  const { text, problem } = decodeScript(bytes, encoding);
  if (problem !== undefined || text !== script.text)
    throw new FixError(`${script.path} has changed meanwhile, or is not valid ${encoding}.`);
  return bytes;
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
