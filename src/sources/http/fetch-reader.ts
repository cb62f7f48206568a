import type { Credentials, HttpAnswer, HttpReader, HttpRequest } from '../../core/ports/http';
import { SourceError } from '../../core/ports/source-error';
import { networkError } from './network-error';

/** A metrics page of a large application has some hundred kB; what is larger is not read. In bytes. */
const largestBody = 5 * 1024 * 1024;
const mostRedirects = 3;

/** Reads over the platform's `fetch`, which follows the editor's proxy and certificate settings. */
export class FetchReader implements HttpReader {
  async get(url: URL, request: HttpRequest): Promise<HttpAnswer> {
    request.signal?.throwIfAborted();
    const limit = new AbortController();
    const stop = (): void => limit.abort();
    const timer = setTimeout(stop, request.timeoutMs);
    request.signal?.addEventListener('abort', stop, { once: true });
    const started = performance.now();
    try {
      const response = await follow(url, request, limit.signal);
      const body = await readBody(response, url, limit);
      const contentType = (response.headers.get('content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
      return { status: response.status, contentType, body, tookMs: performance.now() - started };
    } catch (error) {
      if (request.signal?.aborted) throw new DOMException('The reading was given up.', 'AbortError');
      if (error instanceof SourceError) throw error;
      if (limit.signal.aborted) {
        throw new SourceError(
          'timeout',
          `${placeOf(url)} did not answer within ${request.timeoutMs / 1000} s.`,
          'The application is busy or the network hangs; it is asked again by itself.',
        );
      }
      throw networkError(error, placeOf(url));
    } finally {
      clearTimeout(timer);
      request.signal?.removeEventListener('abort', stop);
    }
  }
}

/** Scheme, host and path: an address may carry a password or a token in its other parts. */
export function placeOf(url: URL): string {
  return `${url.protocol}//${url.host}${url.pathname}`;
}

/** Credentials go to the origin they are meant for and nowhere else. */
async function follow(start: URL, request: HttpRequest, signal: AbortSignal): Promise<Response> {
  let url = start;
  for (let redirects = 0; ; redirects++) {
    const headers: Record<string, string> = { accept: request.accept ?? '*/*' };
    if (request.credentials && url.origin === start.origin)
      headers['authorization'] = authorization(request.credentials);
    const response = await fetch(url, { headers, signal, redirect: 'manual' });
    const location = response.headers.get('location');
    if (response.status < 300 || response.status >= 400 || location === null) return response;
    await response.body?.cancel();
    if (redirects === mostRedirects) {
      throw new SourceError(
        'redirect',
        `${placeOf(start)} redirects more than ${mostRedirects} times.`,
        'Give the address that it leads to in the end.',
      );
    }
    url = target(location, url, start);
  }
}

function target(location: string, from: URL, start: URL): URL {
  const url = URL.canParse(location, from.href) ? new URL(location, from) : undefined;
  if (url && (url.protocol === 'https:' || (url.protocol === 'http:' && from.protocol === 'http:'))) return url;
  throw new SourceError(
    'redirect',
    `${placeOf(start)} redirects to an address that is not followed: ${url ? placeOf(url) : 'it cannot be read'}.`,
    'Give the final address, and https where the endpoint has it.',
  );
}

function authorization(credentials: Credentials): string {
  if (credentials.kind === 'bearer') return `Bearer ${credentials.token}`;
  return `Basic ${Buffer.from(`${credentials.user}:${credentials.password}`, 'utf8').toString('base64')}`;
}

async function readBody(response: Response, url: URL, limit: AbortController): Promise<string> {
  if (!response.body) return '';
  const tooLarge = (): SourceError => {
    limit.abort();
    return new SourceError(
      'too-large',
      `${placeOf(url)} sends more than ${largestBody / 1024 ** 2} MB; the rest was not read.`,
      'Give the address of the metrics endpoint itself.',
    );
  };
  if (Number(response.headers.get('content-length') ?? 0) > largestBody) throw tooLarge();
  const decoder = new TextDecoder();
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  let text = '';
  let bytes = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    bytes += value.length;
    if (bytes > largestBody) throw tooLarge();
    text += decoder.decode(value, { stream: true });
  }
}
