import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { projectRoot } from '../../lab/project-root';
import { merge, readEvents, summarize, summaryLine, type ReportEvent } from '../../runner/report';

describe('the report of a suite', () => {
  const passed: ReportEvent = { event: 'pass', title: 'a', ms: 1 };
  const begun: ReportEvent = { event: 'start', title: 'slow one' };
  const end: ReportEvent = { event: 'end' };

  it('fails a suite that crashed, and names the test it was in', () => {
    const { failures } = summarize([passed, begun], 'host', 'Segmentation fault');
    assert.equal(failures.length, 1);
    assert.match(failures[0]?.error ?? '', /slow one[^]*Segmentation fault/);
  });

  it('fails a suite that wrote nothing, has no test, or whose process failed after the last one', () => {
    assert.equal(summarize([], 'host').failures.length, 1);
    assert.equal(summarize([end], 'host').failures.length, 1);
    assert.equal(summarize([passed, end], 'host', 'Exit 7.').failures.length, 1);
    assert.equal(summarize([passed, end], 'host').failures.length, 0);
  });

  it('counts a test once, when its failure is also the exit of its process', () => {
    const failed: ReportEvent = { event: 'fail', title: 'b', error: 'no' };
    assert.equal(summarize([passed, failed, end], 'unit', 'Exit 1.').failures.length, 1);
  });

  it('sums up in one line, and speaks of skipped tests only when there are some', () => {
    const one = summarize([passed, end], 'unit');
    const two = summarize([passed, { event: 'skip', title: 'c' }, end], 'host');
    assert.equal(summaryLine([one]), '1 passed, 0 failed');
    assert.equal(summaryLine([one, two]), '2 passed, 0 failed, 1 skipped');
  });

  it('of a suite in two processes has the tests of both, the failed ones too', () => {
    const crashed = merge([summarize([passed, end], 'database'), summarize([begun], 'database', 'Exit 1.')]);
    assert.equal(summaryLine([crashed]), '1 passed, 1 failed');
    assert.deepEqual(
      crashed.slowest.map(({ title }) => title),
      ['a'],
    );
  });
});

describe('the reporter of mocha', function () {
  this.timeout(30_000);
  let folder: string;
  before(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'dbops-reporter-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('tells of passes, failures with their causes, failing hooks and skipped tests', () => {
    const events = eventsOf(`
      describe('s', () => {
        it('passes', () => undefined);
        it('fails', () => { throw new Error('outer', { cause: new Error('inner') }); });
        it.skip('waits', () => undefined);
        after(() => { throw new Error('in the hook'); });
      });`);
    const { passed, failures, skipped } = summarize(events, 's');
    assert.equal(passed, 1);
    assert.deepEqual(skipped, ['s waits']);
    assert.deepEqual(
      failures.map(({ title }) => title),
      ['s fails', 's "after all" hook for "waits"'],
    );
    assert.match(failures[0]?.error ?? '', /outer[^]*Caused by: Error: inner/);
  });

  it('has told of the tests before when the process dies', () => {
    const events = eventsOf(`it('one', () => undefined); it('two', () => process.kill(process.pid, 'SIGKILL'));`);
    const { passed, failures } = summarize(events, 's');
    assert.equal(passed, 1);
    assert.match(failures[0]?.error ?? '', /"two"/);
  });

  function eventsOf(source: string): ReportEvent[] {
    const file = path.join(folder, 'case.cjs');
    const report = path.join(folder, 'report.jsonl');
    rmSync(report, { force: true });
    writeFileSync(file, source);
    const mocha = path.join(projectRoot, 'node_modules', 'mocha', 'bin', 'mocha.js');
    const reporter = path.join(projectRoot, 'test', 'runner', 'reporter.cjs');
    spawnSync(process.execPath, [mocha, '--no-config', '--reporter', reporter, file], {
      cwd: folder,
      env: { ...process.env, NODE_OPTIONS: '', DBOPS_REPORT: report },
    });
    return readEvents(report);
  }
});
