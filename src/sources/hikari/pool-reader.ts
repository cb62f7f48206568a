import { endpointUrl, type ApplicationEndpoint } from '../../core/pool/application-endpoint';
import type { PoolReport } from '../../core/pool/application-pool';
import { poolsFromDropwizard } from '../../core/pool/pools-from-dropwizard';
import { poolsFromText } from '../../core/pool/pools-from-text';
import type { CredentialSource, HttpAnswer, HttpReader } from '../../core/ports/http';
import { SourceError } from '../../core/ports/source-error';
import { readActuatorPools, type Ask } from './actuator-json';
import { jsonOf, looksLikeHtml, notMetrics, refuseFailure } from './answer';

/** HikariCP caches its numbers for 1 s, so that they answer at once; what takes longer hangs. In ms. */
const answerTimeoutMs = 3000;

const accept = 'text/plain;version=0.0.4, application/json;q=0.9, */*;q=0.5';

/** Where the pools were found last time. */
type Road = { readonly kind: 'page'; readonly url: URL } | { readonly kind: 'actuator'; readonly metrics: URL };

/**
 * Reads the pools of one application, whatever it serves: finds out once, remembers it, and finds out again when the
 * address answers differently.
 */
export class PoolReader {
  private readonly roads = new Map<string, Road>();

  constructor(
    private readonly http: HttpReader,
    private readonly secrets: CredentialSource,
  ) {}

  /** Rejects with a SourceError (`not-exposed` where there is no pool to read), or with an AbortError. */
  async read(endpoint: ApplicationEndpoint, signal?: AbortSignal): Promise<PoolReport> {
    const url = endpointUrl(endpoint);
    const credentials = await this.secrets.credentials(endpoint.id);
    const ask: Ask = (at) => this.http.get(at, { credentials, accept, timeoutMs: answerTimeoutMs, signal });
    const key = `${endpoint.id} ${url.href}`;
    const known = this.roads.get(key);
    if (known) {
      const report = await this.along(known, ask).catch((error: unknown) => {
        if (!(error instanceof SourceError) || !['not-exposed', 'not-metrics'].includes(error.reason)) throw error;
        return undefined;
      });
      if (report) return report;
      this.roads.delete(key);
    }
    const [road, report] = await discover(url, ask);
    this.roads.set(key, road);
    return report;
  }

  private async along(road: Road, ask: Ask): Promise<PoolReport | undefined> {
    if (road.kind === 'actuator') return readActuatorPools(road.metrics, ask);
    const answer = await ask(road.url);
    refuseFailure(road.url, answer);
    const report = poolsOnPage(answer);
    return report && report.pools.length > 0 ? report : undefined;
  }
}

/** Metrics page first, which costs one request; the Actuator's JSON where there is none. */
async function discover(url: URL, ask: Ask): Promise<[Road, PoolReport]> {
  const base = actuatorBase(url);
  if (base) {
    const page = below(base, 'prometheus');
    const answer = await ask(page);
    if (answer.status === 200 && !looksLikeHtml(answer)) {
      const report = poolsOnPage(answer);
      if (report && report.pools.length > 0) return [{ kind: 'page', url: page }, report];
    } else if (answer.status === 401 || answer.status === 403) refuseFailure(page, answer);
    return alongActuator(below(base, 'metrics'), ask);
  }
  const answer = await ask(url);
  refuseFailure(url, answer);
  const json = jsonOf(answer);
  // The root of an Actuator elsewhere than at its usual path.
  if (json && '_links' in json) return discover(below(url, 'actuator'), ask);
  if (json && Array.isArray(json['names'])) return alongActuator(url, ask);
  const report = poolsOnPage(answer);
  if (!report) throw notMetrics(url, json ? 'JSON without a pool' : 'a text of another kind');
  if (report.pools.length === 0) throw noPool(url);
  return [{ kind: 'page', url }, report];
}

async function alongActuator(metrics: URL, ask: Ask): Promise<[Road, PoolReport]> {
  const report = await readActuatorPools(metrics, ask);
  if (!report) throw noPool(metrics);
  return [{ kind: 'actuator', metrics }, report];
}

/** `…/actuator`, for an address that is it or lies below its metrics. */
export function actuatorBase(url: URL): URL | undefined {
  const path = /^(.*\/actuator)(?:\/?|\/metrics(?:\/[\w.]*)?\/?)$/.exec(url.pathname)?.[1];
  if (path === undefined) return undefined;
  const base = new URL(url);
  base.pathname = path;
  base.search = '';
  return base;
}

export function below(base: URL, name: string): URL {
  const url = new URL(base);
  url.pathname = `${base.pathname.replace(/\/+$/, '')}/${name}`;
  return url;
}

function poolsOnPage(answer: HttpAnswer): PoolReport | undefined {
  const json = jsonOf(answer);
  return json ? poolsFromDropwizard(json) : poolsFromText(answer.body);
}

function noPool(url: URL): SourceError {
  return new SourceError(
    'not-exposed',
    `${url.host}${url.pathname} serves metrics, but none of a HikariCP pool.`,
    'Does the application use HikariCP, and does it register the metrics (Micrometer on the class path)?',
  );
}
