// Builds every bundle of the product into dist/. `--watch` rebuilds the host and the webview on change,
// `--dev` keeps names and source maps. Each bundle writes its metafile, which the size and import tests read.
import * as esbuild from 'esbuild';
import { mkdir, rm, writeFile, copyFile, access } from 'node:fs/promises';
import path from 'node:path';

const development = process.argv.includes('--dev') || process.argv.includes('--watch');
const watch = process.argv.includes('--watch');
const root = import.meta.dirname;
const outdir = path.join(root, 'dist');

const shared = {
  absWorkingDir: root,
  bundle: true,
  minify: !development,
  sourcemap: development ? 'inline' : false,
  metafile: true,
  logLevel: 'warning',
  legalComments: 'none',
};
const node = { ...shared, platform: 'node', target: 'node20', external: ['vscode', 'pg-native'] };

/**
 * The host is built in two steps. ES modules can be split, so that `import()` really loads late and a class exists
 * once; VS Code loads CommonJS, so each chunk is then rewritten to it.
 */
const splitHost = {
  name: 'split-host-to-commonjs',
  setup(build) {
    build.onEnd(async (result) => {
      if (result.errors.length > 0) return;
      for (const file of result.outputFiles ?? []) {
        const { code } = await esbuild.transform(file.text, {
          format: 'cjs',
          platform: 'node',
          target: 'node20',
          minify: !development,
          supported: { 'dynamic-import': false },
          sourcemap: development ? 'inline' : false,
          logLevel: 'error',
        });
        await mkdir(path.dirname(file.path), { recursive: true });
        await writeFile(file.path, code);
      }
      await saveMetafile('host', result);
    });
  },
};

const metafile = (name) => ({
  name: `metafile-${name}`,
  setup: (build) => build.onEnd((result) => saveMetafile(name, result)),
});

async function saveMetafile(name, result) {
  if (!result.metafile) return;
  await mkdir(path.join(outdir, 'meta'), { recursive: true });
  await writeFile(path.join(outdir, 'meta', `${name}.json`), JSON.stringify(result.metafile));
}

async function exists(file) {
  return access(path.join(root, file)).then(
    () => true,
    () => false,
  );
}

const bundles = [
  {
    ...node,
    entryPoints: { extension: 'src/extension.ts' },
    outdir,
    format: 'esm',
    splitting: true,
    write: false,
    chunkNames: 'chunk-[name]-[hash]',
    plugins: [splitHost],
  },
  // No `vscode` external here: a leak of it into the core breaks this build.
  {
    ...node,
    external: ['pg-native'],
    entryPoints: { dbops: 'src/cli/dbops.ts' },
    outdir,
    format: 'cjs',
    banner: { js: '#!/usr/bin/env node' },
    plugins: [metafile('cli')],
  },
  {
    ...node,
    external: ['pg-native'],
    entryPoints: { 'lint-worker': 'src/lint-worker.ts' },
    outdir,
    format: 'cjs',
    plugins: [metafile('worker')],
  },
  {
    ...shared,
    platform: 'browser',
    target: 'es2022',
    entryPoints: { report: 'webview/report.ts' },
    outdir: path.join(outdir, 'webview'),
    format: 'esm',
    plugins: [metafile('webview')],
  },
];

await rm(outdir, { recursive: true, force: true });
await mkdir(outdir, { recursive: true });
await copyFile(
  path.join(root, 'node_modules/libpg-query/wasm/libpg-query.wasm'),
  path.join(outdir, 'libpg-query.wasm'),
);

for (const bundle of bundles) {
  const entry = Object.values(bundle.entryPoints)[0];
  if (!(await exists(entry))) throw new Error(`Entry point ${entry} is missing.`);
  if (watch) await (await esbuild.context(bundle)).watch();
  else await esbuild.build(bundle);
}
if (watch) console.log('Watching src and webview; press Ctrl-C to end.');
