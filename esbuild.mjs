// Builds every bundle of the product into dist/. `--watch` rebuilds on change, `--dev` keeps names and source maps.
// Each bundle leaves its metafile in dist/meta, which the size and import tests read.
import * as esbuild from 'esbuild';
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

const watch = process.argv.includes('--watch');
const development = watch || process.argv.includes('--dev');
const root = import.meta.dirname;
const outdir = path.join(root, 'dist');

const shared = {
  absWorkingDir: root,
  bundle: true,
  write: false,
  minify: !development,
  sourcemap: development ? 'inline' : false,
  metafile: true,
  logLevel: 'warning',
  legalComments: 'none',
};
/** The parsers of other databases are files of their own: few projects need one, and each would be read at every start. */
const parsers = ['mysql', 'transactsql', 'sqlite'];
const parserFile = (dialect) => `sql-parser-${dialect}`;
const parsersApart = {
  name: 'parsers-apart',
  setup(build) {
    build.onResolve({ filter: /^node-sql-parser\/build\// }, ({ path: wanted }) => {
      const dialect = parsers.find((one) => wanted.endsWith(`/${one}`));
      return dialect === undefined ? undefined : { path: `./${parserFile(dialect)}.js`, external: true };
    });
  },
};
const node = { ...shared, platform: 'node', target: 'node20', format: 'cjs', outdir, external: ['pg-native'] };

// Only the host has `vscode` as an external: a leak of it into the core breaks the other builds.
const bundles = {
  host: {
    ...node,
    external: ['vscode', 'pg-native'],
    entryPoints: { extension: 'src/extension.ts' },
    format: 'esm',
    splitting: true,
    chunkNames: 'chunk-[name]-[hash]',
  },
  cli: {
    ...node,
    entryPoints: { dbops: 'src/cli/dbops.ts' },
    banner: { js: '#!/usr/bin/env node' },
    plugins: [parsersApart],
  },
  worker: {
    ...node,
    entryPoints: { 'lint-worker': 'src/lint-worker.ts', 'tables-worker': 'src/tables-worker.ts' },
    plugins: [parsersApart],
  },
  parsers: {
    ...node,
    entryPoints: Object.fromEntries(parsers.map((one) => [parserFile(one), `node-sql-parser/build/${one}`])),
  },
  webview: {
    ...shared,
    platform: 'browser',
    target: 'es2022',
    entryPoints: { report: 'webview/report.ts' },
    outdir: path.join(outdir, 'webview'),
    format: 'esm',
  },
};

/** Files that are loaded at run time beside the bundles. */
const assets = { 'libpg-query.wasm': 'node_modules/libpg-query/wasm/libpg-query.wasm' };

/**
 * The host is built in two steps. ES modules can be split, so that `import()` really loads late and a class exists
 * once; VS Code loads CommonJS, so each chunk is then rewritten to it.
 */
async function toCommonJs(text) {
  const { code } = await esbuild.transform(text, {
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    minify: !development,
    supported: { 'dynamic-import': false },
    sourcemap: development ? 'inline' : false,
    logLevel: 'error',
  });
  return withShortPrelude(code);
}

/**
 * esbuild puts some 400 bytes of interoperability before each chunk, which the chunks of one bundle do not need: they are
 * made by it and only read each other's names. A chunk that loads others late keeps them.
 */
function withShortPrelude(code) {
  const prelude =
    /^("use strict";)?(var (?:(?!module\.exports).)*?)var ([\w$]+)=\{\};([\w$]+)\(\3,(\{(?:[\w$]+:\(\)=>[\w$]+,?)*\})\);module\.exports=[\w$]+\(\3\);/s;
  const found = prelude.exec(code);
  if (!found || found[2].includes('Object.create')) return code;
  const [whole, strict = '', , , , getters] = found;
  // Getters without any name of their own, which could hide one of the chunk's.
  const exported = getters.replace(/([\w$]+):\(\)=>([\w$]+)/g, 'get $1(){return $2}');
  const short = `${strict}module.exports=${exported};`;
  return short + code.slice(whole.length).replace(/0&&\(module\.exports=\{[\w$,]*\}\);\s*$/, '');
}

async function save(name, result) {
  for (const file of result.outputFiles) {
    await mkdir(path.dirname(file.path), { recursive: true });
    await writeFile(file.path, name === 'host' ? await toCommonJs(file.text) : file.contents);
  }
  await mkdir(path.join(outdir, 'meta'), { recursive: true });
  await writeFile(path.join(outdir, 'meta', `${name}.json`), JSON.stringify(result.metafile));
}

/** The rules' pages by file, for `dbops lint --explain` where no docs folder is. */
async function rulePages() {
  const folder = path.join(root, 'docs', 'rules');
  const pages = {};
  for (const file of (await readdir(folder)).sort())
    if (file !== 'README.md') pages[file] = await readFile(path.join(folder, file), 'utf8');
  return JSON.stringify(pages);
}

async function clean() {
  await rm(outdir, { recursive: true, force: true });
  await mkdir(outdir, { recursive: true });
  for (const [name, source] of Object.entries(assets)) await copyFile(path.join(root, source), path.join(outdir, name));
  await writeFile(path.join(outdir, 'rule-pages.json'), await rulePages());
}

if (watch) {
  await clean();
  for (const [name, options] of Object.entries(bundles)) {
    const saving = {
      name: 'save',
      setup(build) {
        build.onStart(() => console.log(`${name}: build started`));
        build.onEnd(async (result) => {
          if (result.errors.length === 0) await save(name, result);
          console.log(`${name}: build ended, ${result.errors.length} errors`);
        });
      },
    };
    const context = await esbuild.context({ ...options, plugins: [...(options.plugins ?? []), saving] });
    await context.watch();
  }
} else {
  const built = await Promise.all(
    Object.entries(bundles).map(async ([name, options]) => [name, await esbuild.build(options)]),
  );
  await clean();
  for (const [name, result] of built) await save(name, result);
}
