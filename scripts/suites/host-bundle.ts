import * as esbuild from 'esbuild';
import path from 'node:path';
import { projectRoot } from '../../test/lab/project-root';
import { testFiles } from './node-suite';

/**
 * Bundles the host tests to what VS Code takes as `extensionTestsPath`. npm packages stay outside: they are loaded from
 * node_modules, where the bundle lies beside.
 * @returns the path of the bundle
 */
export async function bundleHostTests(only?: readonly string[]): Promise<string> {
  const outfile = path.join(projectRoot, 'out', 'test', 'host', 'index.js');
  const imports = testFiles('host', only).map((file) => `() => require(${JSON.stringify(`./${file}`)})`);
  await esbuild.build({
    absWorkingDir: projectRoot,
    entryPoints: ['test/host/index.ts'],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    sourcemap: 'inline',
    external: ['vscode'],
    packages: 'external',
    logLevel: 'warning',
    plugins: [
      {
        name: 'host-tests',
        setup(build) {
          build.onResolve({ filter: /^host-tests$/ }, () => ({ path: 'host-tests', namespace: 'host-tests' }));
          build.onLoad({ filter: /.*/, namespace: 'host-tests' }, () => ({
            contents: `export const testFiles = [${imports.join(', ')}];`,
            resolveDir: projectRoot,
          }));
        },
      },
    ],
  });
  return outfile;
}

/** What `test/host/index.ts` is told through the environment. */
export function hostEnvironment(report: string, grep?: string): Record<string, string> {
  return { DBOPS_REPORT: report, ...(grep !== undefined && { DBOPS_GREP: grep }) };
}
