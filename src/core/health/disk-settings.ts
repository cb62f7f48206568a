import { parseQuantity, unitExamples } from '../format/parse-quantity';

/** Reads `dbOps.disks`: the capacity in bytes by the connection's id. What cannot be used is named and left out. */
export function readDisks(setting: unknown): {
  readonly capacities: ReadonlyMap<string, number>;
  readonly problems: readonly string[];
} {
  const capacities = new Map<string, number>();
  if (setting === undefined || setting === null) return { capacities, problems: [] };
  if (!Array.isArray(setting)) return { capacities, problems: ['dbOps.disks must be a list.'] };
  const problems: string[] = [];
  (setting as unknown[]).forEach((entry, index) => {
    const read = readDisk(entry);
    const problem =
      typeof read === 'string' ? read : capacities.has(read.connection) ? 'its connection stands there twice.' : '';
    if (problem !== '') problems.push(`Entry ${index + 1} of dbOps.disks: ${problem}`);
    else if (typeof read !== 'string') capacities.set(read.connection, read.capacity);
  });
  return { capacities, problems };
}

const fields = ['connection', 'capacity'];
/** Smaller is a slip of the unit, not a disk. In bytes. */
const leastBytes = 1024 ** 2;

function readDisk(entry: unknown): { readonly connection: string; readonly capacity: number } | string {
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) return 'it must be an object.';
  const { connection, capacity } = entry as Readonly<Record<string, unknown>>;
  const stranger = Object.keys(entry).find((key) => !fields.includes(key));
  if (stranger !== undefined) return `"${stranger}" is not known; known are ${fields.join(', ')}.`;
  if (typeof connection !== 'string' || connection === '') return '"connection" must be the name of a connection.';
  const bytes = parseQuantity(capacity, 'bytes');
  if (bytes === undefined) return `"capacity" must be ${unitExamples.bytes}.`;
  if (bytes < leastBytes) return `"capacity" is ${bytes} bytes; write the unit, like "200 GB".`;
  return { connection, capacity: bytes };
}
