import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { WorkerTableExtractor } from '../../../src/vscode/reports/worker-table-extractor';
import { projectRoot } from '../../lab/project-root';
import { buildProduct } from '../bundle/dist';

describe('the thread that reads the tables of statements', function () {
  this.timeout(60_000);
  let scratch: string;

  before(() => {
    buildProduct();
    scratch = mkdtempSync(path.join(os.tmpdir(), 'dbops-worker-'));
  });
  after(() => rmSync(scratch, { recursive: true, force: true }));

  const never = new AbortController().signal;

  it('answers every statement, in the order given, also the second time', async () => {
    const extractor = new WorkerTableExtractor(path.join(projectRoot, 'dist', 'tables-worker.js'));
    const statements = ['SELECT * FROM a JOIN s.b USING (id)', 'SELEC', 'DELETE FROM c', 'DELETE FROM c'];
    const expected = [['.a', 's.b'], undefined, ['.c'], ['.c']];
    for (let round = 1; round <= 2; round++) {
      const found = await extractor.extract(statements, never);
      assert.deepEqual(
        found.map((one) =>
          one.kind === 'tables' ? one.tables.map(({ schema, name }) => [schema, name].join('.')) : undefined,
        ),
        expected,
      );
    }
  });

  /** A thread that hangs on one text, ends on another, and answers the rest. */
  function stubborn(): string {
    const file = path.join(scratch, 'stubborn.cjs');
    writeFileSync(
      file,
      `const { parentPort } = require('node:worker_threads');
       parentPort.on('message', (text) => {
         if (text === 'hang') for (;;);
         if (text === 'end') process.exit(1);
         parentPort.postMessage({ kind: 'tables', tables: [{ name: text }] });
       });
       parentPort.postMessage('ready');`,
    );
    return file;
  }

  it('gives up one statement that hangs, and one that ends the thread, and goes on', async () => {
    const found = await new WorkerTableExtractor(stubborn()).extract(['a', 'hang', 'b', 'end', 'c'], never);
    assert.deepEqual(
      found.map((one) => (one.kind === 'tables' ? one.tables[0]?.name : one.kind)),
      ['a', 'unparsed', 'b', 'unparsed', 'c'],
    );
  });

  it('is given up when the person cancels', async () => {
    const cancel = new AbortController();
    const running = new WorkerTableExtractor(stubborn()).extract(['a', 'hang', 'b'], cancel.signal);
    setTimeout(() => cancel.abort(), 300);
    await assert.rejects(running, { name: 'AbortError' });
  });

  it('says of a thread that does not start that nothing was parsed', async () => {
    const file = path.join(scratch, 'broken.cjs');
    writeFileSync(file, 'throw new Error("broken")');
    assert.deepEqual(
      (await new WorkerTableExtractor(file).extract(['a'], never)).map(({ kind }) => kind),
      ['unparsed'],
    );
  });
});
