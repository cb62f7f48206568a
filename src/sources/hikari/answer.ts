import { parseObject } from '../../core/pool/actuator-metric';
import type { HttpAnswer } from '../../core/ports/http';
import { SourceError } from '../../core/ports/source-error';
import { placeOf } from '../http/fetch-reader';

/** A web page where metrics were expected: most often a login form. */
export function looksLikeHtml({ contentType, body }: HttpAnswer): boolean {
  return contentType === 'text/html' || /^\s*<(?:!doctype|html|\?xml)/i.test(body);
}

/** The body as a JSON object, or undefined. */
export function jsonOf(answer: HttpAnswer): Readonly<Record<string, unknown>> | undefined {
  return /^\s*\{/.test(answer.body) ? parseObject(answer.body) : undefined;
}

/** Nothing for an answer with content; throws for one that says no. 404 is `not-exposed`. */
export function refuseFailure(url: URL, answer: HttpAnswer): void {
  const place = placeOf(url);
  const { status } = answer;
  if (status === 401 || status === 403) {
    throw new SourceError(
      'unauthorized',
      `${place} does not let us read (HTTP ${status}).`,
      'Store a user and password or a token for it, or ask for the permission.',
    );
  }
  if (status === 404) {
    throw new SourceError(
      'not-exposed',
      `${place} is not exposed (HTTP 404).`,
      'In Spring Boot: management.endpoints.web.exposure.include=health,metrics,prometheus.',
    );
  }
  if (status < 200 || status >= 300) {
    throw new SourceError('unexpected-status', `${place} answered HTTP ${status}.`, "Look into the application's log.");
  }
  if (looksLikeHtml(answer)) throw notMetrics(url, 'a web page, maybe a login form');
}

export function notMetrics(url: URL, found: string): SourceError {
  return new SourceError(
    'not-metrics',
    `${placeOf(url)} does not serve metrics of a pool: it sent ${found}.`,
    'Give the address of the Actuator, like http://localhost:8080/actuator.',
  );
}
