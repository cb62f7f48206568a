import assert from 'node:assert/strict';
import { isAbort } from '../../../src/core/ports/database-error';
import { FetchReader } from '../../../src/sources/http/fetch-reader';
import { startWebServer, type WebServer } from './web-server';

describe('reading over HTTP', () => {
  let server: WebServer;
  let other: WebServer;
  before(async () => {
    [server, other] = await Promise.all([startWebServer(), startWebServer()]);
  });
  after(async () => Promise.all([server.stop(), other.stop()]));
  const reader = new FetchReader();
  const get = (path = '/', timeoutMs = 2000): ReturnType<FetchReader['get']> =>
    reader.get(new URL(path, server.origin), {
      timeoutMs,
      credentials: { kind: 'basic', user: 'ops', password: 'ä:secret' },
    });
  const fails = (reason: string): object => ({ name: 'SourceError', reason });

  it('gives any status with its body, and sends the credentials', async () => {
    server.answer = (_, response) =>
      response.writeHead(503, { 'content-type': 'Application/JSON; charset=utf-8' }).end('{"status":"DOWN"}');
    const answer = await get();
    assert.deepEqual([answer.status, answer.contentType, answer.body], [503, 'application/json', '{"status":"DOWN"}']);
    assert.equal(server.asked.at(-1)?.authorization, `Basic ${Buffer.from('ops:ä:secret').toString('base64')}`);
  });

  it('ends at its time limit, also when the body drips', async () => {
    server.answer = () => undefined;
    await assert.rejects(get('/silent', 150), fails('timeout'));
    server.answer = (_, response) => {
      response.writeHead(200);
      const drip = setInterval(() => response.write('x'), 20);
      response.on('close', () => clearInterval(drip));
    };
    const started = Date.now();
    await assert.rejects(get('/drip', 150), fails('timeout'));
    assert.ok(Date.now() - started < 1000);
  });

  it('reads 5 MB and not one byte more', async () => {
    const megabyte = 'x'.repeat(1024 * 1024);
    server.answer = (_, response) => response.writeHead(200).end(megabyte.repeat(5));
    assert.equal((await get('/', 10_000)).body.length, 5 * 1024 * 1024);
    server.answer = (_, response) =>
      response.writeHead(200, { 'content-length': 10 * 1024 * 1024 }).end(megabyte.repeat(10));
    await assert.rejects(get(), fails('too-large'));
    server.answer = (_, response) => {
      response.writeHead(200);
      response.write(megabyte.repeat(5));
      response.end('y');
    };
    await assert.rejects(get('/', 10_000), fails('too-large'));
  });

  it('follows three redirects, and takes the credentials to no other place', async () => {
    server.answer = (request, response) => {
      const step = Number(/\d+/.exec(request.url ?? '')?.[0] ?? 0);
      if (step === 0) response.writeHead(200).end('there');
      else response.writeHead(302, { location: `/${step - 1}` }).end();
    };
    assert.equal((await get('/3')).body, 'there');
    await assert.rejects(get('/4'), fails('redirect'));
    server.answer = (_, response) => response.writeHead(302, { location: `${other.origin}/elsewhere` }).end();
    other.answer = (_, response) => response.writeHead(200).end('other');
    assert.equal((await get()).body, 'other');
    assert.deepEqual(other.asked, [{ url: '/elsewhere', authorization: undefined }]);
    server.answer = (_, response) => response.writeHead(302, { location: 'file:///etc/passwd' }).end();
    await assert.rejects(get(), fails('redirect'));
    server.answer = (_, response) => response.writeHead(302, { location: 'http://[' }).end();
    await assert.rejects(get(), fails('redirect'));
  });

  it('is given up when nobody waits, and says so in its own way', async () => {
    server.answer = () => undefined;
    const controller = new AbortController();
    const reading = reader.get(new URL(server.origin), { timeoutMs: 5000, signal: controller.signal });
    setTimeout(() => controller.abort(), 30);
    await assert.rejects(reading, isAbort);
  });

  it('names what stands in the way, never a secret', async () => {
    const at = (url: string): Promise<unknown> =>
      reader.get(new URL(url), { timeoutMs: 3000, credentials: { kind: 'bearer', token: 'very-secret' } });
    const gone = await startWebServer();
    await gone.stop();
    await assert.rejects(at(`${gone.origin}/metrics?token=very-secret`), (error: Error) => {
      assert.match(error.message, /127\.0\.0\.1:\d+\/metrics refuses the connection/);
      assert.doesNotMatch(error.message, /very-secret/);
      return true;
    });
    await assert.rejects(at('http://no-such-host.invalid/'), fails('unknown-host'));
    await assert.rejects(at(server.origin.replace('http:', 'https:')), { name: 'SourceError' });
  });
});
