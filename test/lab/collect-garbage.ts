import v8 from 'node:v8';
import vm from 'node:vm';

v8.setFlagsFromString('--expose-gc');
const collect = vm.runInNewContext('gc') as () => void;

/** What is really in use after a collection of garbage, in bytes. */
export function heapInUse(): number {
  collect();
  return process.memoryUsage().heapUsed;
}
