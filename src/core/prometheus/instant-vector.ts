import { SourceError } from '../ports/source-error';
import { isRecord } from '../pool/actuator-metric';
import { toNumber } from '../pool/prometheus-text';

/** One series at one moment. `name` is empty where the query dropped it. */
export interface VectorSample {
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  /** When it was evaluated, by Prometheus' clock, in seconds since the epoch. */
  readonly atS: number;
  /** May be NaN or infinite: the server sends them as text. */
  readonly value: number;
}

export interface InstantVector {
  readonly samples: readonly VectorSample[];
  /** What the server says about its own answer: partial results, ignored blocks. */
  readonly warnings: readonly string[];
}

/**
 * Reads the answer to an instant query. A metric that nobody knows is success with an empty vector. Throws a
 * SourceError: `query-failed` when the server says so, `not-metrics` when it is no such answer.
 * @param place for messages
 */
export function readInstantVector(json: Readonly<Record<string, unknown>> | undefined, place: string): InstantVector {
  if (json?.['status'] === 'error') {
    const kind = typeof json['errorType'] === 'string' ? json['errorType'] : 'error';
    const text = typeof json['error'] === 'string' ? json['error'].slice(0, 300) : 'no reason given';
    throw new SourceError('query-failed', `${place} refused the query (${kind}): ${text}.`, undefined);
  }
  const data = json?.['data'];
  if (json?.['status'] !== 'success' || !isRecord(data) || !Array.isArray(data['result'])) {
    throw new SourceError(
      'not-metrics',
      `${place} does not answer like Prometheus.`,
      'Give the address below which its API lies, like http://localhost:9090 (without /api/v1).',
    );
  }
  if (data['resultType'] !== 'vector') {
    throw new SourceError(
      'not-metrics',
      `${place} answered with a ${String(data['resultType'])} where a vector belongs.`,
    );
  }
  const samples = (data['result'] as unknown[]).map(readSample).filter((sample) => sample !== undefined);
  const warnings = Array.isArray(json['warnings'])
    ? (json['warnings'] as unknown[]).filter((warning) => typeof warning === 'string')
    : [];
  return { samples, warnings };
}

function readSample(item: unknown): VectorSample | undefined {
  if (!isRecord(item) || !isRecord(item['metric']) || !Array.isArray(item['value'])) return undefined;
  const [atS, value] = item['value'] as unknown[];
  if (typeof atS !== 'number' || typeof value !== 'string') return undefined;
  const labels = new Map(
    Object.entries(item['metric']).flatMap(([label, text]) =>
      typeof text === 'string' ? [[label, text] as const] : [],
    ),
  );
  const name = labels.get('__name__') ?? '';
  labels.delete('__name__');
  return { name, labels, atS, value: toNumber(value) };
}
