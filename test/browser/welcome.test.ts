import assert from 'node:assert/strict';
import { openWorkbench, type Workbench } from './workbench';

describe('a fresh install', function () {
  this.timeout(120_000);
  let workbench: Workbench;
  before(async () => {
    workbench = await openWorkbench({ size: { width: 1000, height: 640 } });
  });
  after(() => workbench.close());

  it('shows its container and, without a connection, how to begin', async () => {
    await workbench.openContainer();
    const welcome = workbench.page.locator('.part.sidebar .welcome-view-content');
    await welcome.getByRole('button', { name: 'Add Connection' }).waitFor();
    await workbench.picturesInAllThemes('welcome');
  });

  it('finds its commands in the palette, and not those that need a session', async () => {
    await workbench.page.keyboard.press('F1');
    await workbench.quickInput().fill('>DB Ops');
    const options = workbench.page.locator('.quick-input-list').getByRole('option');
    await options.first().waitFor();
    const titles = (await options.allInnerTexts()).join('\n');
    await workbench.picture('palette-dark');
    await workbench.page.keyboard.press('Escape');
    assert.match(titles, /DB Ops: Add Connection…/);
    assert.doesNotMatch(titles, /Terminate/);
  });
});
