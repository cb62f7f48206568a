import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { openWorkbench } from '../browser/workbench';
import { median, type Measurement } from './measurement';

/** The promise of lint in the editor: from the last key to the result, in ms. */
const budgetMs = 150;
const rounds = 10;
/** The line, from 1, that is typed on. */
const typedLine = 506;

/** From the key that makes a statement of a comment to its squiggle on the screen, in a script of 1,000 lines. */
export async function measureLastKey(): Promise<Measurement> {
  const folder = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'dbops-last-key-')));
  const scripts = path.join(folder, 'src/main/resources/db/migration');
  mkdirSync(scripts, { recursive: true });
  writeFileSync(path.join(scripts, 'V1__orders.sql'), 'CREATE TABLE orders (id bigint PRIMARY KEY);\n');
  writeFileSync(path.join(scripts, 'V2__long.sql'), longScript());
  const workbench = await openWorkbench({ folder, settings: { 'files.autoSave': 'off' } });
  const { page } = workbench;
  try {
    const squiggle = page.locator('.part.editor .squiggly-warning').first();
    await page.keyboard.press('Control+P');
    const input = workbench.quickInput();
    await input.fill(`V2__long.sql:${typedLine}:1`);
    await page.locator('.quick-input-list').getByRole('option', { name: 'V2__long.sql' }).first().waitFor();
    await page.keyboard.press('Enter');
    await page.locator('.part.editor .view-line', { hasText: '--TRUNCATE' }).click();
    await page.keyboard.press('Home');
    const times: number[] = [];
    for (let round = 0; round <= rounds; round++) {
      await page.keyboard.press('Delete');
      await page.evaluate(watchForSquiggle);
      await page.keyboard.press('Delete');
      const time = await page.evaluate<number>('drawn');
      // The first one waits for lint to begin.
      if (round > 0) times.push(time);
      await page.keyboard.type('--');
      await squiggle.waitFor({ state: 'detached' });
      await page.keyboard.press('Home');
    }
    const all = times.map(Math.round).join(', ');
    return { what: 'Last key to squiggle, 1,000 lines', value: median(times), unit: 'ms', budget: budgetMs, note: all };
  } finally {
    await workbench.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** In the page: `drawn` becomes the time from the next key to the first warning that is drawn, in ms. */
const watchForSquiggle = `globalThis.drawn = new Promise((resolve) => {
  let pressed = 0;
  addEventListener('keydown', () => (pressed = performance.now()), { capture: true, once: true });
  const observer = new MutationObserver(() => {
    if (pressed === 0 || !document.querySelector('.part.editor .squiggly-warning')) return;
    observer.disconnect();
    resolve(performance.now() - pressed);
  });
  observer.observe(document.body, { subtree: true, childList: true, attributes: true });
}), undefined`;

function longScript(): string {
  const lines = Array.from({ length: 1000 }, (_, at) => {
    const table = `t${at - (at % 10)}`;
    if (at === typedLine - 1) return '--TRUNCATE orders;';
    if (at % 10 === 0) return `CREATE TABLE ${table} (id bigint PRIMARY KEY, n text);`;
    return at % 10 === 1 ? `CREATE INDEX ${table}_n ON ${table} (n);` : `INSERT INTO ${table} VALUES (${at}, 'x');`;
  });
  return `${lines.join('\n')}\n`;
}
