import { listFiles, PackageManager } from '@vscode/vsce';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { projectRoot } from '../test/lab/project-root';
import { run } from './npm';

/** Paths the package cannot work without. */
const needed = [
  'package.json',
  'package.nls.json',
  'README.md',
  'LICENSE',
  'media/icon.png',
  'docs/pictures/tree.png',
  'docs/rules/safety-create-index.md',
  'dist/extension.js',
  'dist/dbops.js',
  'dist/lint-worker.js',
  'dist/sql-parser-mysql.js',
  'dist/libpg-query.wasm',
  'dist/webview/report.js',
];

/**
 * Builds and packages the extension. Works without a network.
 * @returns the path of the .vsix
 * @throws Error when the build fails or the package would lack a file it needs, or carry one it must not
 */
export async function packageExtension(): Promise<string> {
  await run(process.execPath, ['esbuild.mjs'], projectRoot);
  const files = await listFiles({ cwd: projectRoot, packageManager: PackageManager.None });
  const missing = needed.filter((file) => !files.includes(file));
  if (missing.length > 0) throw new Error(`The package would lack ${missing.join(', ')}.`);
  const foreign = files.filter(
    (file) =>
      !/^(dist|l10n|media)\/|^docs\/(pictures\/[^/]+\.png|rules\/[^/]+\.md)$|^[^/]+$/.test(file) ||
      file.startsWith('dist/meta'),
  );
  if (foreign.length > 0) throw new Error(`The package would carry ${foreign.join(', ')}; see .vscodeignore.`);
  const packagePath = path.join(projectRoot, `db-ops-panel-${version()}.vsix`);
  // As a program of its own, whose listing is shown only when it fails.
  const vsce = path.join(projectRoot, 'node_modules', '@vscode', 'vsce', 'vsce');
  const offline = ['--no-dependencies', '--allow-missing-repository', '--no-rewrite-relative-links'];
  await run(process.execPath, [vsce, 'package', ...offline, '--out', packagePath], projectRoot);
  return packagePath;
}

function version(): string {
  const manifest = JSON.parse(readFileSync(path.join(projectRoot, 'package.json'), 'utf8')) as { version: string };
  return manifest.version;
}
