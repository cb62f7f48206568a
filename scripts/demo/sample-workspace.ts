import { cpSync } from 'node:fs';
import path from 'node:path';
import { projectRoot } from '../../test/lab/project-root';

export const sampleWorkspace = path.join(projectRoot, 'test/fixtures/sample-workspace');

/** A copy of the sample workspace that a person may change. @returns its path */
export function copyWorkspace(folder: string): string {
  const copy = path.join(folder, 'shop');
  cpSync(sampleWorkspace, copy, { recursive: true });
  return copy;
}
