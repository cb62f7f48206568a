import { parseArgs } from 'node:util';
import { measureConnections } from '../test/bench/connections';
import { measureInWorkbench } from '../test/bench/in-workbench';
import { measureLint } from '../test/bench/lint';
import { table, type Measurement } from '../test/bench/measurement';
import { measurePoll } from '../test/bench/poll';
import { measureSignals } from '../test/bench/signals';
import { measureSizes } from '../test/bench/sizes';
import { main } from './main';

const parts: Readonly<Record<string, () => Promise<Measurement[]>>> = {
  sizes: measureSizes,
  poll: measurePoll,
  connections: measureConnections,
  signals: measureSignals,
  lint: measureLint,
  workbench: measureInWorkbench,
};

/** Prints what the product costs, budgets beside. A budget that is not kept is told, and fails nothing: it is no test. */
main(async () => {
  const { positionals } = parseArgs({ allowPositionals: true });
  const chosen = positionals.length > 0 ? positionals : Object.keys(parts);
  const measured: Measurement[] = [];
  for (const name of chosen) {
    const measure = parts[name];
    if (!measure) throw new Error(`There is no ${name} to measure; there are ${Object.keys(parts).join(', ')}.`);
    console.log(`Measuring ${name}…`);
    measured.push(...(await measure().catch((error: unknown) => failed(name, error))));
  }
  console.log(`\n${table(measured)}`);
});

/** What could not be measured is a line of the table: the others are worth seeing. */
function failed(name: string, error: unknown): Measurement[] {
  process.exitCode = 1;
  const [note = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
  return [{ what: name, value: undefined, unit: 'ms', note }];
}
