import { statSync } from 'node:fs';
import { packageExtension } from '../../scripts/build-package';
import { eagerOutputs, sizeOf } from '../unit/bundle/dist';
import type { Measurement } from './measurement';

/** What is shipped, and what of it is loaded to activate. */
export async function measureSizes(): Promise<Measurement[]> {
  const vsix = await packageExtension();
  const eager = eagerOutputs('host').reduce((sum, [name]) => sum + sizeOf(name), 0);
  return [
    {
      what: 'Eager host code',
      value: eager / 1024,
      unit: 'KiB',
      budget: 80,
      note: 'minified, entry and static imports',
    },
    { what: 'Package', value: statSync(vsix).size / 1024 / 1024, unit: 'MiB', budget: 5, note: 'the .vsix' },
  ];
}
