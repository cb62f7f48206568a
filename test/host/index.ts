import { testFiles } from 'host-tests';
import { appendFileSync } from 'node:fs';
import path from 'node:path';
import { projectRoot } from '../lab/project-root';
import { mochaHooks } from '../lab/shared-lab';
import { unhandledListeners, watchUnhandledErrors } from './unhandled-errors';

/** VS Code calls this in the extension host. The report goes to the file that the launcher reads. */
export async function run(): Promise<void> {
  const { default: Mocha } = await import('mocha');
  const grep = process.env['DBOPS_GREP'];
  const mocha = new Mocha({
    ui: 'bdd',
    timeout: 60_000,
    reporter: path.join(projectRoot, 'test', 'runner', 'reporter.cjs'),
    rootHooks: mochaHooks,
    ...(grep !== undefined && { grep }),
  });
  mocha.suite.emit('pre-require', globalThis, null, mocha);
  try {
    for (const load of testFiles) load();
  } catch (error) {
    // Without a report the launcher would wait for a suite that never begins.
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    const events = [{ event: 'fail', title: 'loading the host tests', error: text }, { event: 'end' }];
    appendFileSync(process.env['DBOPS_REPORT'] ?? '', events.map((event) => `${JSON.stringify(event)}\n`).join(''));
    throw error;
  }
  const listeners = unhandledListeners();
  const over = new Promise<number>((resolve) => void mocha.run(resolve));
  let unhandled = 0;
  watchUnhandledErrors(listeners, (error) => {
    const event = { event: 'fail', title: `an error that nobody handled (${++unhandled})`, error };
    appendFileSync(process.env['DBOPS_REPORT'] ?? '', `${JSON.stringify(event)}\n`);
  });
  const failures = await over;
  if (failures > 0) throw new Error(`${failures} failed`);
}
