import type { SuiteResult } from '../../test/runner/report';
import { ensurePeers } from '../peers';
import { runHostSuite } from './host-suite';
import { runNodeSuite } from './node-suite';
import type { RunSuite, SuiteOptions } from './suite';

const minute = 60_000;
/** At night a single test may poll for hours of the clock. */
const databaseSilenceMs = (process.env['DBOPS_NIGHTLY'] === undefined ? 3 : 40) * minute;
const inNode =
  (name: string, silenceMs: number): RunSuite =>
  async (options: SuiteOptions): Promise<SuiteResult> =>
    runNodeSuite(name, options, silenceMs);

const database: RunSuite = async (options) => {
  await ensurePeers();
  return runNodeSuite('database', options, databaseSilenceMs, 2);
};

/** `DBOPS_VSCODE` names another VS Code for the host suite: a version of code-server. */
const host: RunSuite = async (options) => {
  await ensurePeers();
  const vscodeVersion = process.env['DBOPS_VSCODE'];
  return runHostSuite({ ...options, ...(vscodeVersion !== undefined && { vscodeVersion }) });
};

/** Every suite, in the order of `npm test`: what is fast and finds the most comes first. */
export const suites: ReadonlyMap<string, RunSuite> = new Map<string, RunSuite>([
  ['static', inNode('static', 5 * minute)],
  ['unit', inNode('unit', 2 * minute)],
  ['database', database],
  ['host', host],
  ['browser', inNode('browser', 3 * minute)],
]);
