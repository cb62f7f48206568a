import { readInstantVector, type InstantVector } from '../../core/prometheus/instant-vector';
import type { Credentials, HttpReader } from '../../core/ports/http';
import { SourceError } from '../../core/ports/source-error';
import { jsonOf, refuseFailure } from '../hikari/answer';
import { placeOf } from '../http/fetch-reader';

/** The server ends a query a little before we stop waiting for it. In ms. */
const answerTimeoutMs = 10_000;
const queryTimeout = '8s';

/** Asks a server with Prometheus' HTTP API: Prometheus, Thanos, Mimir, VictoriaMetrics. */
export class PrometheusClient {
  /** @param base the address below which `/api/v1` lies */
  constructor(
    private readonly base: URL,
    private readonly http: HttpReader,
    private readonly credentials: () => Promise<Credentials | undefined>,
  ) {}

  /** An instant query. Rejects with a SourceError, or with an AbortError. */
  async query(expression: string, signal?: AbortSignal): Promise<InstantVector> {
    const url = new URL(this.base);
    url.pathname = `${url.pathname.replace(/\/+$/, '').replace(/\/api\/v1$/, '')}/api/v1/query`;
    url.searchParams.set('query', expression);
    url.searchParams.set('timeout', queryTimeout);
    const answer = await this.http.get(url, {
      credentials: await this.credentials(),
      accept: 'application/json',
      timeoutMs: answerTimeoutMs,
      signal,
    });
    const json = jsonOf(answer);
    // A refused query is 400, 422 or 503 with the reason in JSON, which says more than the number.
    if (json?.['status'] !== 'error' && answer.status !== 404) refuseFailure(url, answer);
    if (answer.status === 404 && !json) {
      throw new SourceError(
        'not-metrics',
        `${placeOf(url)} is not there: no Prometheus answers below this address.`,
        'Give the address below which its API lies, like http://localhost:9090 (without /api/v1).',
      );
    }
    return readInstantVector(json, placeOf(this.base));
  }
}
