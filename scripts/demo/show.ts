import { spawn } from 'node:child_process';

/** Opens an address in the person's browser where there is a screen to show it; never a failure. */
export function showInBrowser(address: string): void {
  const opener = browserOpener();
  if (!opener) return;
  const [program, ...args] = opener;
  const child = spawn(program, [...args, address], { stdio: 'ignore', detached: true });
  child.on('error', () => undefined);
  child.unref();
}

function browserOpener(): readonly [string, ...string[]] | undefined {
  if (process.env['CI']) return undefined;
  if (process.platform === 'darwin') return ['open'];
  if (process.platform === 'win32') return ['rundll32', 'url.dll,FileProtocolHandler'];
  const screen = process.env['DISPLAY'] ?? process.env['WAYLAND_DISPLAY'];
  return screen ? ['xdg-open'] : undefined;
}
