import { existsSync, readFileSync, statSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { projectRoot } from '../../lab/project-root';

export interface Output {
  readonly bytes: number;
  readonly inputs: Readonly<Record<string, { readonly bytesInOutput: number }>>;
  readonly imports: readonly { readonly path: string; readonly kind: string; readonly external?: boolean }[];
  readonly entryPoint?: string;
}

export type BundleName = 'host' | 'cli' | 'worker' | 'webview';

const dist = path.join(projectRoot, 'dist');

/** Builds the product as it is shipped. For a `before`: the sources of this moment are what is tested. */
export function buildProduct(): void {
  const result = spawnSync(process.execPath, [path.join(projectRoot, 'esbuild.mjs')], {
    cwd: projectRoot,
    encoding: 'utf8',
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  if (result.status !== 0) throw new Error(`The build failed:\n${result.stdout}${result.stderr}`);
}

export function outputs(bundle: BundleName): Readonly<Record<string, Output>> {
  const file = path.join(dist, 'meta', `${bundle}.json`);
  if (!existsSync(file)) throw new Error(`${file} is missing: the build writes it.`);
  return (JSON.parse(readFileSync(file, 'utf8')) as { outputs: Record<string, Output> }).outputs;
}

/** The outputs that are loaded with the entry point: itself, and what it imports statically, to any depth. */
export function eagerOutputs(bundle: BundleName): [name: string, output: Output][] {
  const all = outputs(bundle);
  const entry = Object.keys(all).find((name) => all[name]?.entryPoint !== undefined && !name.includes('/chunk-'));
  const eager = new Map<string, Output>();
  const visit = (name: string): void => {
    const output = all[name];
    if (!output || eager.has(name)) return;
    eager.set(name, output);
    for (const { path: target, kind } of output.imports) if (kind === 'import-statement') visit(target);
  };
  if (entry !== undefined) visit(entry);
  return [...eager];
}

/** Every source file that ended up in these outputs with at least one byte. */
export function inputsOf(all: readonly Output[]): string[] {
  const names = all.flatMap(({ inputs }) =>
    Object.keys(inputs).filter((name) => (inputs[name]?.bytesInOutput ?? 0) > 0),
  );
  return [...new Set(names)];
}

/** npm packages among source files. */
export function packagesOf(inputs: readonly string[]): string[] {
  const names = inputs.map((name) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(name)?.[1]);
  return [...new Set(names.filter((name) => name !== undefined))].toSorted();
}

/** The size on disk, in bytes, of what a metafile names. */
export function sizeOf(output: string): number {
  return statSync(path.join(projectRoot, output)).size;
}
