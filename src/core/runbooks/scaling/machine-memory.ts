import { formatBytes } from '../../format/quantities';
import { parseQuantity } from '../../format/parse-quantity';
import type { Parameter, ParameterValue, ParameterValues } from '../parameter';

const id = 'memory';
const gibi = 1024 ** 3;
const valueOf = (bytes: number): ParameterValue => ({ value: String(bytes), label: formatBytes(bytes) });
const notKnown = 'Not known';

/** The memory of the server's machine, which SQL does not tell. */
export const machineMemory: Parameter = {
  id,
  title: 'Memory of the machine',
  asked: 'from-palette',
  placeholder: 'SQL does not tell it; advice about shared_buffers and work_mem depends on it',
  choices: () =>
    Promise.resolve([
      { label: notKnown, description: 'present values only', value: { value: '', label: notKnown } },
      ...[2, 4, 8, 16, 32, 64, 128, 256, 512].map((gb) => ({
        label: formatBytes(gb * gibi),
        value: valueOf(gb * gibi),
      })),
    ]),
  own: {
    label: 'Another…',
    request: {
      title: 'Memory of the machine',
      prompt: 'e.g. 24 GB, or the limit of the container',
      validate: (typed) => (bytesOf(typed) === undefined ? 'A size like "24 GB".' : undefined),
    },
    read: (typed) => valueOf(bytesOf(typed) ?? 0),
  },
};

function bytesOf(typed: string): number | undefined {
  const bytes = parseQuantity(typed, 'bytes');
  // A number without a unit is nobody's memory in bytes.
  return bytes === undefined || bytes < gibi / 8 ? undefined : bytes;
}

/** In bytes; null where it was not said. */
export function memoryOf(parameters: ParameterValues): number | null {
  const bytes = Number(parameters[id]?.value ?? '');
  return Number.isFinite(bytes) && bytes > 0 ? bytes : null;
}
