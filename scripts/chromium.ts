import { existsSync } from 'node:fs';
import path from 'node:path';
import { run } from './npm';

/** Arguments for a Chromium that draws nothing on a screen, asks nobody and may run as root. */
export const chromiumArguments: readonly string[] = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-dev-shm-usage',
];

/** The path of a Chromium or Chrome: `CHROME_PATH`, then the search path, then the usual places. */
export function findChromium(): string | undefined {
  const named = process.env['CHROME_PATH'];
  if (named) {
    if (!existsSync(named)) throw new Error(`CHROME_PATH names ${named}, and there is no such file.`);
    return named;
  }
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome.exe'];
  const folders = (process.env['PATH'] ?? '').split(path.delimiter).filter(Boolean);
  const candidates = folders.flatMap((folder) => names.map((name) => path.join(folder, name)));
  return [...candidates, ...usualPlaces()].find((candidate) => existsSync(candidate));
}

function usualPlaces(): string[] {
  const programFiles = [process.env['ProgramFiles'], process.env['ProgramFiles(x86)'], process.env['LOCALAPPDATA']];
  return [
    '/usr/bin/chromium',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    ...programFiles.flatMap((folder) =>
      folder ? [path.join(folder, 'Google', 'Chrome', 'Application', 'chrome.exe')] : [],
    ),
  ];
}

/**
 * A Chromium for the host and browser suites. As root on Debian it is installed; elsewhere the message says how.
 * @throws Error with the way out when there is none
 */
export async function ensureChromium(): Promise<string> {
  const found = findChromium();
  if (found !== undefined) return found;
  if (process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) await installFromDebian();
  const installed = findChromium();
  if (installed !== undefined) return installed;
  throw new Error(
    'The host and browser tests drive VS Code with Chromium, and there is none. Install it (Debian and Ubuntu: ' +
      '`sudo apt-get install chromium`; macOS: `brew install --cask chromium`), or name one in CHROME_PATH.',
  );
}

async function installFromDebian(): Promise<void> {
  console.log('Installing Chromium (apt-get install chromium)…');
  const patience = ['-o', 'DPkg::Lock::Timeout=300', '-o', 'Acquire::Retries=3'];
  const program = 'env';
  const quiet = ['DEBIAN_FRONTEND=noninteractive', 'apt-get', '-q', '-y', ...patience];
  await run(program, [...quiet, 'update'], '/');
  await run(program, [...quiet, 'install', '--no-install-recommends', 'chromium', 'fonts-dejavu-core'], '/');
}
