// Mocha's reporter for every suite, wherever it runs: writes the events of report.ts to the file DBOPS_REPORT names.
// Plain CommonJS, so that mocha can load it by its path in any Node.
const { appendFileSync, existsSync, readFileSync } = require('node:fs');
const { SourceMap } = require('node:module');
const path = require('node:path');

module.exports = function LineReporter(runner) {
  const file = process.env.DBOPS_REPORT;
  if (!file) throw new Error('DBOPS_REPORT must name the file for the report.');
  const write = (event) => appendFileSync(file, JSON.stringify(event) + '\n');
  runner.on('test', (test) => write({ event: 'start', title: test.fullTitle() }));
  runner.on('hook', (hook) => write({ event: 'start', title: hook.fullTitle() }));
  runner.on('pass', (test) => write({ event: 'pass', title: test.fullTitle(), ms: test.duration ?? 0 }));
  runner.on('pending', (test) => write({ event: 'skip', title: test.fullTitle() }));
  runner.on('fail', (test, error) => write({ event: 'fail', title: test.fullTitle(), error: describe(error) }));
  runner.on('end', () => write({ event: 'end' }));
};

function describe(error) {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? '' : `\nCaused by: ${describe(error.cause)}`;
  return inSources(error.stack ?? String(error)) + cause;
}

/** VS Code makes its own stacks, and so the places in a bundle stay there; here they become those of the sources. */
function inSources(stack) {
  return stack.replaceAll(/((?:\/[^\s():]+\/)?out\/[^\s():]+\.js):(\d+):(\d+)/g, (place, file, line, column) => {
    const entry = sourceMapOf(path.resolve(file))?.findEntry(Number(line) - 1, Number(column) - 1);
    if (!entry?.originalSource) return place;
    const source = entry.originalSource.replace(/^.*?\/(?=(?:test|src)\/)/, '');
    return `${source}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
  });
}

const sourceMaps = new Map();

/** The source map at the end of a bundle. */
function sourceMapOf(file) {
  if (!sourceMaps.has(file)) {
    // A stack may name files that are not there; an error of the reporter would stop mocha in its tracks.
    const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
    const inline = /\/\/# sourceMappingURL=data:application\/json;base64,(\S+)\s*$/.exec(text)?.[1];
    sourceMaps.set(file, inline && new SourceMap(JSON.parse(Buffer.from(inline, 'base64').toString('utf8'))));
  }
  return sourceMaps.get(file);
}
