import { access, link, readFile, rename, unlink, writeFile } from 'node:fs/promises';
import { decodeScript } from '../core/flyway/decode-script';
import { applyEdits } from '../core/lint/fix-edits';
import type { ProjectFix } from '../core/lint/fixes/project-fix';
import type { LintScript } from '../core/lint/lint-script';

/** A fix that cannot be written: the message says why. */
export class FixError extends Error {
  readonly reason = 'fix-not-written';
}

/** Where fixes are written to. */
export interface Disk {
  /** Undefined when there is no such file, or it may not be read. */
  read(path: string): Promise<Uint8Array | undefined>;
  isThere(path: string): Promise<boolean>;
  /** Writes a file that is not there yet. */
  create(path: string, text: string): Promise<void>;
  replace(path: string, text: string): Promise<void>;
  /** Gives a file a name that no other has. */
  move(from: string, to: string): Promise<void>;
}

export const disk: Disk = {
  read: (path) => readFile(path).catch(() => undefined),
  isThere: (path) =>
    access(path).then(
      () => true,
      () => false,
    ),
  create: (path, text) => writeFile(path, text, { flag: 'wx' }),
  async replace(path, text) {
    // A reader sees the old text or the new one, never a half.
    const draft = `${path}.dbops-new`;
    await writeFile(draft, text, { flag: 'wx' });
    await rename(draft, path);
  },
  async move(from, to) {
    // Unlike rename, link never takes the place of a file.
    await link(from, to);
    await unlink(from);
  },
};

/**
 * Writes a fix of a script. No file that is there is overwritten but the script itself, and that only while it holds the text
 * that was linted; throws FixError otherwise, with nothing written.
 */
export async function applyFix(
  script: LintScript,
  { edits, files, renames }: ProjectFix,
  to: Disk = disk,
): Promise<void> {
  for (const path of [...files.map((file) => file.path), ...renames.map((one) => one.to)])
    if (await to.isThere(path)) throw new FixError(`${path} is there already.`);
  if (edits.length > 0) await assertUnchanged(script, to);
  for (const { path, text } of files) await to.create(path, text);
  if (edits.length > 0) await to.replace(script.path, applyEdits(script.text, edits));
  for (const one of renames) await to.move(one.from, one.to);
}

async function assertUnchanged(script: LintScript, to: Disk): Promise<void> {
  const { encoding } = script.config;
  if (!/^utf-?8$/i.test(encoding.trim()))
    throw new FixError(`${script.path} is in ${encoding}, only UTF-8 is written.`);
  const bytes = await to.read(script.path);
  const { text, problem } = bytes ? decodeScript(bytes, encoding) : { text: undefined, problem: undefined };
  if (problem !== undefined || text !== script.text)
    throw new FixError(`${script.path} has changed meanwhile, or is not valid ${encoding}.`);
}
