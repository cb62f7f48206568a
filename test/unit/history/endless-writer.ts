import { openHistory } from '../../../src/files/open-history';

const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
const store = openHistory(process.argv[2] ?? '', log);
const began = Date.now();

/** Writes until it is killed, and says after each write how many there are. */
for (let count = 1; ; count++) {
  const at = began + count;
  store.append([{ connectionId: 'shop', signal: 'endless', subject: '', unit: 'count', at, value: count }], at);
  process.stdout.write(`${count}\n`);
}
