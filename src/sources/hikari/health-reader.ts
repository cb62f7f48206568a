import { isRecord } from '../../core/pool/actuator-metric';
import { endpointUrl, type ApplicationEndpoint } from '../../core/pool/application-endpoint';
import type { ApplicationHealth } from '../../core/pool/application-health';
import type { CredentialSource, HttpReader } from '../../core/ports/http';
import { SourceError } from '../../core/ports/source-error';
import { jsonOf, refuseFailure } from './answer';
import { actuatorBase, below } from './pool-reader';

/** The health of an application with a saturated pool answers after 3 s, with its database down after 4 s. In ms. */
const healthTimeoutMs = 8000;

/**
 * Asks an application's `/actuator/health`. 503 is an answer (DOWN), 404 is "not exposed", silence is a state too: none
 * of them is thrown. Rejects only with an AbortError. Ask for it apart from the pools: it is slow when it matters.
 */
export async function readHealth(
  endpoint: ApplicationEndpoint,
  http: HttpReader,
  secrets: CredentialSource,
  signal?: AbortSignal,
): Promise<ApplicationHealth> {
  try {
    const url = endpointUrl(endpoint);
    const base = actuatorBase(url) ?? actuatorBase(new URL(url.pathname.replace(/\/prometheus\/?$/, ''), url));
    if (!base) return { kind: 'not-exposed', message: 'The address is not that of an Actuator.' };
    const health = below(base, 'health');
    const credentials = await secrets.credentials(endpoint.id);
    const answer = await http.get(health, { credentials, timeoutMs: healthTimeoutMs, signal });
    const json = jsonOf(answer);
    const status = json?.['status'];
    if (typeof status === 'string') {
      return { kind: 'answered', status, database: databaseStatus(json ?? {}), tookMs: answer.tookMs };
    }
    refuseFailure(health, answer);
    return { kind: 'failed', message: 'The health endpoint sent no status.' };
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    return { kind: error.reason === 'not-exposed' ? 'not-exposed' : 'failed', message: error.message };
  }
}

/** Details are shown to those who may see them only; `details` is Spring Boot 2.0's and 2.1's word. */
function databaseStatus(json: Readonly<Record<string, unknown>>): string | null {
  const parts = json['components'] ?? json['details'];
  const database = isRecord(parts) ? parts['db'] : undefined;
  return isRecord(database) && typeof database['status'] === 'string' ? database['status'] : null;
}
