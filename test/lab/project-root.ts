import { existsSync } from 'node:fs';
import path from 'node:path';

/** The project's folder, found from this file's place, in the source tree as well as in a bundle below it. */
export const projectRoot = findRoot(__dirname);

function findRoot(from: string): string {
  if (existsSync(path.join(from, 'package.json')) && existsSync(path.join(from, 'src'))) return from;
  const parent = path.dirname(from);
  if (parent === from) throw new Error(`The project's folder is not above ${__dirname}.`);
  return findRoot(parent);
}
