import type { ResolvedConnection } from '../core/connection/resolve';
import { DatabaseError, type DatabaseErrorReason } from '../core/ports/database-error';
import type { Progress } from './connect-error';

const untrusted = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'INVALID_CA',
  'INVALID_PURPOSE',
  'PATH_LENGTH_EXCEEDED',
  'CERT_CHAIN_TOO_LONG',
  'CERT_UNTRUSTED',
  'CERT_REJECTED',
  'CERT_REVOKED',
  'CERT_SIGNATURE_FAILURE',
]);
const outdated = new Set(['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID']);

/** The failures of TLS, by the codes of Node and OpenSSL and by how far the handshake came; undefined for others. */
export function tlsError(
  code: string | undefined,
  text: string,
  at: ResolvedConnection,
  place: string,
  progress: Progress,
): DatabaseError | undefined {
  const fail = (reason: DatabaseErrorReason, message: string, remedy: string): DatabaseError =>
    new DatabaseError(reason, message, remedy, code);
  const { tlsAnswer } = progress;
  if (tlsAnswer === 'N') {
    return fail(
      'tls-not-supported',
      `${place} does not offer TLS, and sslmode=${at.sslMode} asks for it.`,
      'Turn on "ssl" on the server, or use sslmode=prefer or disable on a network you trust.',
    );
  }
  if (tlsAnswer !== undefined && tlsAnswer !== 'S') {
    return fail(
      'tls-failed',
      `${place} answered, but not as PostgreSQL does when asked for TLS.`,
      'Check that the port is that of PostgreSQL or of a pooler, not of another service.',
    );
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return fail(
      'tls-hostname',
      `The certificate of ${place} is for another name: ${text}`,
      'Connect by a name in the certificate, or use sslmode=verify-ca to check the issuer only.',
    );
  }
  if (code !== undefined && outdated.has(code)) {
    return fail(
      'tls-untrusted',
      `The certificate of ${place} ${code === 'CERT_HAS_EXPIRED' ? 'has expired' : 'is not valid yet'}.`,
      'Renew the certificate on the server, and check the clock of this machine.',
    );
  }
  if (code !== undefined && untrusted.has(code)) {
    return fail(
      'tls-untrusted',
      `The certificate of ${place} is not signed by an authority you trust (${code}).`,
      `Set sslRootCert to the certificate of its authority, or "system" for the well-known ones${
        at.sslRootCert === undefined ? '' : `; it is now ${at.sslRootCert}`
      }.`,
    );
  }
  const tlsCode = code !== undefined && /^(ERR_SSL_|ERR_TLS_|ERR_OSSL_|ERR_CRYPTO_|EPROTO)/.test(code);
  if (tlsCode || (tlsAnswer === 'S' && !progress.secured && code !== 'ETIMEDOUT')) {
    return fail(
      'tls-failed',
      `TLS with ${place} failed (${code ?? 'the connection was closed during the handshake'}).`,
      'Check the certificates, a client certificate the server may want, and the TLS versions of both ends.',
    );
  }
  return undefined;
}
