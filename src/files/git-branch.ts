import { execFile } from 'node:child_process';
import type { BranchState } from '../core/lint/rules/branch';
import { slashes } from './local-files';

/** How long one call of git may take, in ms. */
const limitMs = 20_000;
/** The branches that are taken for the main one, the first that is there. */
const mainBranches = ['origin/HEAD', 'origin/main', 'origin/master', 'main', 'master'];

/** A reference that git does not know, or no repository. */
export class BranchError extends Error {
  readonly reason = 'no-branch';

  /** @param isMissing there is no git to be run */
  constructor(
    message: string,
    readonly isMissing = false,
  ) {
    super(message);
  }
}

/**
 * What a branch holds below a folder, as it was where the present branch left it. Without a name it is the main one, and
 * undefined where there is no repository or no main branch; a name that git does not know is a BranchError.
 */
export async function readBranch(folder: string, reference?: string): Promise<BranchState | undefined> {
  const name = reference ?? (await firstOf(folder, mainBranches));
  if (name === undefined) return undefined;
  const base = await git(folder, 'merge-base', name, 'HEAD')
    .catch(() => git(folder, 'rev-parse', '--verify', '--quiet', `${name}^{commit}`))
    .catch(() => '');
  const commit = base.trim();
  if (commit === '') {
    const inside = await git(folder, 'rev-parse', '--is-inside-work-tree').catch((error: unknown) => {
      if (error instanceof BranchError && error.isMissing) throw error;
      return '';
    });
    throw new BranchError(inside === '' ? `${folder} is in no git repository.` : `git knows no "${name}" here.`);
  }
  const listed = await git(folder, 'ls-tree', '-r', '-z', '--name-only', commit);
  const root = slashes(folder);
  const present = listed
    .split('\0')
    .filter((path) => path !== '')
    .map((path) => `${root}/${path}`);
  const differing = (
    await git(folder, 'diff', '--name-only', '-z', '--relative', '--no-renames', '--diff-filter=M', commit, '--', '.')
  )
    .split('\0')
    .filter((path) => path !== '');
  const changed = new Map<string, string>();
  for (const path of differing) changed.set(`${root}/${path}`, await git(folder, 'show', `${commit}:./${path}`));
  return { name, present: new Set(present), changed };
}

async function firstOf(folder: string, names: readonly string[]): Promise<string | undefined> {
  for (const name of names)
    if ((await git(folder, 'rev-parse', '--verify', '--quiet', `${name}^{commit}`).catch(() => '')) !== '') return name;
  return undefined;
}

function git(folder: string, ...args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(
      'git',
      args,
      { cwd: folder, timeout: limitMs, maxBuffer: 256 * 1024 * 1024, encoding: 'utf8' },
      (error, stdout) => {
        if (error && 'code' in error && error.code === 'ENOENT')
          reject(new BranchError('git is not installed, or its folder is gone.', true));
        else if (error) reject(new BranchError(`git ${args[0] ?? ''} failed: ${error.message.split('\n')[0] ?? ''}`));
        else resolve(stdout);
      },
    );
  });
}
