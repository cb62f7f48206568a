import path from 'node:path';
import { parseArgs } from 'node:util';
import { projectRoot } from '../test/lab/project-root';
import { summarize, summaryLine, type SuiteResult } from '../test/runner/report';
import { main } from './main';
import type { SuiteOptions } from './suites/suite';
import { suites } from './suites/suites';

const usage = `npm test                                all suites: ${[...suites.keys()].join(', ')}
npm test -- unit database               these suites
npm test -- test/unit/x/y.test.ts       one file
npm test -- host --grep "lock chain"    tests whose title matches`;

main(async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { grep: { type: 'string' }, help: { type: 'boolean' } },
  });
  if (values.help === true) {
    console.log(usage);
    return;
  }
  const chosen = chooseSuites(positionals);
  const results: SuiteResult[] = [];
  for (const [name, files] of chosen) {
    const options = { ...(values.grep !== undefined && { grep: values.grep }), ...(files.length > 0 && { files }) };
    results.push(await runSuite(name, options));
  }
  console.log('');
  for (const { title, error } of results.flatMap((result) => result.failures)) {
    console.log(`✗ ${title}\n${error.replaceAll(/^/gm, '    ')}\n`);
  }
  if (results.some((result) => result.failures.length > 0)) process.exitCode = 1;
  console.log(summaryLine(results));
});

/** Suites by name, and the files of those of which only some were asked for. */
function chooseSuites(asked: readonly string[]): Map<string, string[]> {
  if (asked.length === 0) return new Map([...suites.keys()].map((name) => [name, []]));
  const chosen = new Map<string, string[]>();
  for (const item of asked) {
    const file = path.relative(projectRoot, path.resolve(item)).replaceAll('\\', '/');
    const suite = /^test\/([^/]+)\/.+\.test\.ts$/.exec(file)?.[1];
    const name = suite ?? item;
    if (!suites.has(name)) throw new Error(`There is no suite ${item}.\n\n${usage}`);
    chosen.set(name, [...(chosen.get(name) ?? []), ...(suite === undefined ? [] : [file])]);
  }
  return chosen;
}

async function runSuite(name: string, options: SuiteOptions): Promise<SuiteResult> {
  const run = suites.get(name);
  if (!run) throw new Error(`There is no suite ${name}.`);
  const began = Date.now();
  console.log(`\n${name}`);
  const result = await run(options).catch((error: unknown) =>
    summarize([], name, error instanceof Error ? (error.stack ?? error.message) : String(error)),
  );
  console.log(`${name}: ${summaryLine([result])} in ${Math.round((Date.now() - began) / 1000)} s`);
  for (const { title, ms } of result.slowest.filter((test) => test.ms > 5000)) {
    console.log(`  ${Math.round(ms / 1000)} s: ${title}`);
  }
  return result;
}
