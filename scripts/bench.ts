import { parseArgs } from 'node:util';
import { measureInWorkbench } from '../test/bench/in-workbench';
import { table, type Measurement } from '../test/bench/measurement';
import { measurePoll } from '../test/bench/poll';
import { measureSizes } from '../test/bench/sizes';
import { main } from './main';

const parts: Readonly<Record<string, () => Promise<Measurement[]>>> = {
  sizes: measureSizes,
  poll: measurePoll,
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
    measured.push(...(await measure()));
  }
  console.log(`\n${table(measured)}`);
});
