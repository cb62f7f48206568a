import { chmodSync, mkdtempSync, realpathSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { Watchdog } from '../test/lab/watchdog';
import { demoSettings } from './demo/connections';
import { currentPackage } from './demo/current-package';
import { findCode, openDesktop } from './demo/desktop';
import { Ending } from './demo/ending';
import { copyWorkspace } from './demo/sample-workspace';
import { startShopLab } from './demo/shop-lab';
import { showInBrowser } from './demo/show';
import { Workload } from './demo/workload';
import { main } from './main';
import { installExtension, startVsCodeServer } from './vscode-server';
import { installVsCodeServer } from './vscode-server-install';

const usage = `npm run demo                 real servers with a living workload, and VS Code in the browser
npm run demo -- --desktop    the same in a window of your own VS Code (\`code\` on the PATH)
npm run demo -- --no-open    only print the address
npm run demo -- --check      start everything, look whether it answers, end`;

main(async () => {
  const { values } = parseArgs({
    options: {
      desktop: { type: 'boolean', default: false },
      'no-open': { type: 'boolean', default: false },
      check: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(usage);
    return;
  }
  const ending = new Ending();
  const running = demo(ending, { ...values, open: !values['no-open'] && !values.check });
  try {
    await Promise.race([running, ending.asked]);
  } finally {
    await ending.end();
    // Whatever is still starting ends with this process: supervisors and watchdogs see to it.
    setImmediate(() => process.exit());
  }
});

async function demo(ending: Ending, wish: { desktop: boolean; open: boolean; check: boolean }): Promise<void> {
  const began = Date.now();
  const code = wish.desktop ? findCode() : undefined;
  const folder = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'dbops-demo-')));
  chmodSync(folder, 0o700);
  const watchdog = Watchdog.over(folder);
  ending.add(() => watchdog.release());
  const serverDataDir = path.join(folder, 'server');
  const install = async (): Promise<string> => {
    const [vsix] = await Promise.all([currentPackage(), code === undefined && installVsCodeServer()]);
    if (code === undefined) await installExtension(vsix, serverDataDir);
    return vsix;
  };
  console.log('Starting a primary, two standbys and VS Code…');
  const starting = startShopLab();
  const [vsix, lab] = await Promise.all([install(), starting]);
  ending.add(() => lab.stop());
  const workload = new Workload(lab);
  workload.start();
  ending.add(() => workload.stop());
  const workspace = copyWorkspace(folder);
  const settings = demoSettings(lab, folder);
  if (code !== undefined) {
    const window = await openDesktop(code, { folder, workspace, vsix, settings });
    ending.add(() => window.close());
    announce(began, 'in a window of VS Code; closing it ends the demo, as Ctrl-C does');
    await (wish.check ? undefined : window.closed);
    return;
  }
  const server = await startVsCodeServer({ serverDataDir, folder: workspace, settings });
  ending.add(() => server.stop());
  announce(began, server.url());
  if (wish.open) showInBrowser(server.url());
  await (wish.check ? answers(server.url()) : ending.asked);
}

function announce(began: number, where: string): void {
  const seconds = ((Date.now() - began) / 1000).toFixed(0);
  console.log(`\nThe demo is ready after ${seconds} s:\n\n    ${where}\n\nCtrl-C ends it and leaves nothing behind.`);
}

/** @throws Error when the workbench is not at `address` */
async function answers(address: string): Promise<void> {
  const response = await fetch(address);
  const page = await response.text();
  if (!response.ok || !page.includes('workbench')) throw new Error(`The workbench does not answer: ${response.status}`);
  console.log('It answers.');
}
