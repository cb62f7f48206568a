import { chromium, type Browser, type Frame, type Locator, type Page } from 'playwright-core';
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { packageExtension } from '../../scripts/build-package';
import { chromiumArguments, ensureChromium } from '../../scripts/chromium';
import { installExtension, startVsCodeServer, writeSettings, type VsCodeServer } from '../../scripts/vscode-server';
import { projectRoot } from '../lab/project-root';

export const themes = {
  light: 'Default Light Modern',
  dark: 'Default Dark Modern',
  highContrast: 'Default High Contrast',
  highContrastLight: 'Default High Contrast Light',
} as const;

export type Theme = keyof typeof themes;

export interface WorkbenchOptions {
  readonly theme?: Theme;
  /** The folder to open; an empty one where it is left out. */
  readonly folder?: string;
  /** Settings by their full names, `dbOps.connections` too. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Called with the folder of the installed extension before VS Code starts. */
  readonly beforeStart?: (extensionFolder: string) => void;
  /** For the server and the extension host, like `PGPASSWORD`. */
  readonly env?: Readonly<Record<string, string>>;
  /** In CSS pixels. */
  readonly size?: { readonly width: number; readonly height: number };
}

/** Settings that keep VS Code itself out of the pictures. */
const quiet = {
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'chat.disableAIFeatures': true,
  'chat.commandCenter.enabled': false,
  'window.commandCenter': false,
  'extensions.ignoreRecommendations': true,
  'extensions.autoCheckUpdates': false,
  'git.enabled': false,
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
};

/** A workbench with the packaged extension installed as a user installs it. The caller closes it. */
export async function openWorkbench(options: WorkbenchOptions = {}): Promise<Workbench> {
  const executablePath = await ensureChromium();
  const vsix = await builtPackage();
  const scratch = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'dbops-browser-')));
  const serverDataDir = path.join(scratch, 'data');
  const folder = options.folder ?? path.join(scratch, 'workspace');
  if (options.folder === undefined) mkdirSync(folder);
  // Not inside the optional call: its arguments are not evaluated when there is nobody to call.
  const installed = await installExtension(vsix, serverDataDir);
  options.beforeStart?.(installed);
  const settings = { ...quiet, ...options.settings, 'workbench.colorTheme': themes[options.theme ?? 'dark'] };
  const server = await startVsCodeServer({ serverDataDir, folder, settings, env: options.env ?? {} });
  const browser = await chromium
    .launch({ executablePath, args: [...chromiumArguments] })
    .catch(async (error: unknown) => {
      await server.stop();
      throw error;
    });
  const page = await browser.newPage({ viewport: options.size ?? { width: 1280, height: 800 } });
  const workbench = new Workbench(page, browser, server, { scratch, serverDataDir, folder }, settings);
  try {
    await page.goto(server.url(), { waitUntil: 'commit', timeout: 60_000 });
    await page.locator('.monaco-workbench .part.statusbar').waitFor({ timeout: 90_000 });
    return workbench;
  } catch (error) {
    await workbench.close();
    throw error;
  }
}

interface Places {
  readonly scratch: string;
  readonly serverDataDir: string;
  readonly folder: string;
}

export class Workbench {
  constructor(
    readonly page: Page,
    private readonly browser: Browser,
    private readonly server: VsCodeServer,
    private readonly places: Places,
    private settings: Record<string, unknown>,
  ) {}

  /** The open folder. */
  get folder(): string {
    return this.places.folder;
  }

  /** The process of the server; the extension host is among its descendants. */
  get serverPid(): number {
    return this.server.pid;
  }

  /** Changes settings of the running workbench, by their full names; undefined takes one away. */
  async configure(changes: Readonly<Record<string, unknown>>): Promise<void> {
    this.settings = { ...this.settings, ...changes };
    await writeSettings(this.places.serverDataDir, this.settings);
  }

  async setTheme(theme: Theme): Promise<void> {
    const kinds = { light: 'vs', dark: 'vs-dark', highContrast: 'hc-black', highContrastLight: 'hc-light' };
    await this.configure({ 'workbench.colorTheme': themes[theme] });
    await this.page.locator(`.monaco-workbench.${kinds[theme]}`).waitFor();
  }

  /** Shows the container of the extension, when it is not shown. */
  async openContainer(): Promise<void> {
    const icon = this.page.locator('.part.activitybar').getByRole('tab', { name: 'DB Ops' });
    await icon.waitFor({ timeout: 60_000 });
    if ((await icon.getAttribute('aria-expanded')) !== 'true') await icon.click();
    await this.page.locator('.part.sidebar .pane-body').first().waitFor();
    // Away from the icon, whose hover would be in the pictures.
    await this.page.locator('.part.editor').hover();
  }

  /** Runs a command by its full title in the palette, like "DB Ops: Refresh". */
  async runCommand(title: string): Promise<void> {
    await this.page.keyboard.press('F1');
    const input = this.quickInput();
    await input.waitFor();
    await input.fill(`>${title}`);
    await this.page.locator('.quick-input-list').getByRole('option', { name: title }).first().waitFor();
    await this.page.keyboard.press('Enter');
  }

  /** The field of whatever asks for a line or a choice at the top of the window. */
  quickInput(): Locator {
    return this.page.locator('.quick-input-widget:visible input');
  }

  /** Answers an input box or a pick. */
  async answer(text: string): Promise<void> {
    const input = this.quickInput();
    await input.waitFor();
    await input.fill(text);
    await this.page.keyboard.press('Enter');
  }

  /** Presses a button of the modal dialog that is shown. @returns the dialog's text */
  async pressInDialog(button: string | RegExp): Promise<string> {
    const dialog = this.page.locator('.monaco-dialog-box');
    await dialog.waitFor();
    const text = await dialog.innerText();
    await dialog.getByRole('button', { name: button }).click();
    return text;
  }

  /** The rows of the tree whose accessibility label matches. */
  row(label: string | RegExp): Locator {
    return this.page.locator('.part.sidebar').getByRole('treeitem', { name: label });
  }

  /** The accessibility labels of all rows that are shown, from the top. */
  async rowLabels(): Promise<string[]> {
    const rows = await this.page.locator('.part.sidebar').getByRole('treeitem').all();
    return Promise.all(rows.map(async (row) => (await row.getAttribute('aria-label')) ?? ''));
  }

  /** The frame, however deep, that holds an element: webviews and notebook outputs are frames within frames. */
  async frameWith(selector: string, limitMs = 20_000): Promise<Frame> {
    const deadline = Date.now() + limitMs;
    while (Date.now() < deadline) {
      for (const frame of this.page.frames()) {
        const found = await frame
          .locator(selector)
          .count()
          .catch(() => 0);
        if (found > 0) return frame;
      }
      await this.page.waitForTimeout(100);
    }
    throw new Error(`No frame holds ${selector} after ${limitMs} ms.`);
  }

  /** Writes what is seen to test/pictures/<name>.png, and the part alone when one is given. */
  async picture(name: string, part?: Locator): Promise<void> {
    const file = path.join(projectRoot, 'test', 'pictures', `${name}.png`);
    mkdirSync(path.dirname(file), { recursive: true });
    // No hover of wherever the pointer was left.
    await this.page.mouse.move(0, 0);
    await this.page.waitForTimeout(500);
    await (part ?? this.page).screenshot({ path: file, animations: 'disabled', caret: 'hide' });
  }

  /** A picture in each kind of theme: `<name>-dark.png` and so on. The theme of before is set again. */
  async picturesInAllThemes(name: string, part?: Locator): Promise<void> {
    const before = this.settings['workbench.colorTheme'];
    for (const theme of Object.keys(themes) as Theme[]) {
      await this.setTheme(theme);
      await this.page.waitForTimeout(300);
      await this.picture(`${name}-${theme}`, part);
    }
    await this.configure({ 'workbench.colorTheme': before });
  }

  async close(): Promise<void> {
    await this.browser.close();
    await this.server.stop();
    rmSync(this.places.scratch, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

let built: Promise<string> | undefined;

/** The package, built once for each run of mocha. */
async function builtPackage(): Promise<string> {
  built ??= packageExtension();
  return built;
}
