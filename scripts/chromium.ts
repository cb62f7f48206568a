import { existsSync } from 'node:fs';
import path from 'node:path';
import { installDebianPackages, installsDebianPackages } from './debian-packages';

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
  if (installsDebianPackages()) {
    console.log('Installing Chromium (apt-get install chromium)…');
    await installDebianPackages(['chromium', 'fonts-dejavu-core']);
  }
  const installed = findChromium();
  if (installed !== undefined) return installed;
  throw new Error(
    'The host and browser tests drive VS Code with Chromium, and there is none. Install it (Debian and Ubuntu: ' +
      '`sudo apt-get install chromium`; macOS: `brew install --cask chromium`), or name one in CHROME_PATH.',
  );
}
