import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { builtinModules } from 'node:module';
import path from 'node:path';
import { projectRoot } from '../../lab/project-root';

/** Modules of Node that touch no machine: values in, values out. */
const pure = new Set(['node:path', 'node:crypto', 'node:buffer', 'node:util', 'node:assert']);

describe('the layers', () => {
  it('have a core that imports nothing but itself, pure packages and values of Node', () => {
    const foreign = sources('src/core').flatMap((file) =>
      importsOf(file)
        .filter((specifier) => !specifier.startsWith('.') || leaves(file, specifier, 'src/core'))
        .filter((specifier) => specifier.startsWith('.') || isImpure(specifier))
        .map((specifier) => `${file}: ${specifier}`),
    );
    assert.deepEqual(foreign, []);
  });

  it('have a protocol that imports nothing but itself and the core', () => {
    const foreign = sources('src/protocol').flatMap((file) =>
      importsOf(file)
        .filter((specifier) => leaves(file, specifier, 'src/protocol') && leaves(file, specifier, 'src/core'))
        .map((specifier) => `${file}: ${specifier}`),
    );
    assert.deepEqual(foreign, []);
  });

  it('name vscode at run time only in src/vscode and src/extension.ts', () => {
    const users = sources('src').filter((file) => importsOf(file).includes('vscode'));
    assert.ok(users.length > 0);
    assert.deepEqual(
      users.filter((file) => !file.startsWith('src/vscode/') && file !== 'src/extension.ts'),
      [],
    );
  });

  it('name pg only in src/postgres', () => {
    const users = sources('src').filter((file) => importsOf(file).includes('pg'));
    assert.ok(users.length > 0);
    assert.deepEqual(
      users.filter((file) => !file.startsWith('src/postgres/')),
      [],
    );
  });
});

function sources(folder: string): string[] {
  return readdirSync(path.join(projectRoot, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `${folder}/${name.replaceAll('\\', '/')}`);
}

/** What a file imports at run time, static or by `import()`; types leave no trace in the product. */
function importsOf(file: string): string[] {
  const text = readFileSync(path.join(projectRoot, file), 'utf8');
  const pattern = /^(?:import|export)\s+(?!type\b)(?:[^'";]*?\sfrom\s+)?'([^']+)'|\bimport\('([^']+)'\)/gm;
  return [...text.matchAll(pattern)].map((match) => match[1] ?? match[2] ?? '');
}

function leaves(file: string, specifier: string, folder: string): boolean {
  if (!specifier.startsWith('.')) return true;
  return !path.posix.join(path.posix.dirname(file), specifier).startsWith(`${folder}/`);
}

function isImpure(specifier: string): boolean {
  const builtin = specifier.startsWith('node:') || builtinModules.includes(specifier);
  return builtin ? !pure.has(specifier) : ['vscode', 'pg', 'lit', '@vscode/webview-ui-toolkit'].includes(specifier);
}
