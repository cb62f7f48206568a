import { readFile, stat } from 'node:fs/promises';
import net from 'node:net';
import tls from 'node:tls';
import type { ResolvedConnection } from '../core/connection/resolve';
import { DatabaseError } from '../core/ports/database-error';

/** How one attempt encrypts: false is plain. */
export type Encryption = false | tls.ConnectionOptions;

/**
 * The attempts of a mode in libpq's order. `prefer` tries TLS without a check and falls back to plain; `allow` the other
 * way round; `require` checks the chain when a root certificate is there, as libpq does for compatibility.
 * Throws a DatabaseError when a certificate file cannot be read.
 */
export async function encryptionAttempts(at: ResolvedConnection): Promise<readonly Encryption[]> {
  if (at.host.startsWith('/')) return [false];
  switch (at.sslMode) {
    case 'disable':
      return [false];
    case 'allow':
      return [false, await options(at, 'none')];
    case 'prefer':
      return [await options(at, 'none'), false];
    case 'require':
      return [await options(at, at.sslRootCert === undefined ? 'none' : 'chain')];
    case 'verify-ca':
      return [await options(at, 'chain')];
    case 'verify-full':
      return [await options(at, 'chain and name')];
  }
}

async function options(
  at: ResolvedConnection,
  check: 'none' | 'chain' | 'chain and name',
): Promise<tls.ConnectionOptions> {
  const client = { ...(await clientCertificate(at)), ...(net.isIP(at.host) === 0 ? { servername: at.host } : {}) };
  if (check === 'none') return { ...client, rejectUnauthorized: false };
  if (at.sslRootCert === undefined) {
    throw new DatabaseError(
      'tls-untrusted',
      `sslmode=${at.sslMode} needs a root certificate and there is none.`,
      'Set sslRootCert to the certificate of the authority ("system" for the well-known ones), or put it at ~/.postgresql/root.crt.',
    );
  }
  const authority = at.sslRootCert === 'system' ? {} : { ca: await certificateFile(at.sslRootCert) };
  return {
    ...client,
    ...authority,
    rejectUnauthorized: true,
    // Node checks the name it connected to, which may be an address given beside the name.
    checkServerIdentity: (_, certificate) =>
      check === 'chain' ? undefined : tls.checkServerIdentity(at.host, certificate),
  };
}

async function clientCertificate(at: ResolvedConnection): Promise<tls.ConnectionOptions> {
  if (at.sslCert === undefined) return {};
  if (at.sslKey === undefined) {
    throw new DatabaseError(
      'tls-failed',
      `There is a client certificate (${at.sslCert}) and no key for it.`,
      'Set sslKey, or put the key at ~/.postgresql/postgresql.key.',
    );
  }
  await refuseSharedKey(at.sslKey);
  return { cert: await certificateFile(at.sslCert), key: await certificateFile(at.sslKey) };
}

/** As libpq: a key that others can read is not used; one of root may be readable by its group. */
async function refuseSharedKey(file: string): Promise<void> {
  if (process.platform === 'win32') return;
  const found = await stat(file).catch(() => undefined);
  if (!found || (found.mode & (found.uid === 0 ? 0o037 : 0o077)) === 0) return;
  throw new DatabaseError(
    'tls-failed',
    `The key ${file} is not used, as libpq does: others may read it.`,
    'Run chmod 600 on it.',
  );
}

async function certificateFile(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    throw new DatabaseError(
      'tls-failed',
      `The certificate file ${file} cannot be read.`,
      'Check the path and its permissions.',
      undefined,
      {
        cause: error,
      },
    );
  }
}
