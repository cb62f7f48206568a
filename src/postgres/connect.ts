import net from 'node:net';
import type { ResolvedConnection } from '../core/connection/resolve';
import { MissingPassword, type Progress } from './connect-error';
import { rowTypes } from './row-types';
import { StartupClient, type StartupParameters } from './startup-client';
import type { Encryption } from './tls';

/** An open connection to a backend, before anything is known about it. */
export interface Link {
  readonly client: StartupClient;
  /** Ours to destroy: the only way to leave a server that does not answer. */
  readonly socket: net.Socket;
  readonly encryption: Encryption;
  /** The server's address as connected to: a name may lead to another server next time. */
  readonly address: { readonly host: string; readonly port: number };
}

/** One attempt failed; how far it came decides about the next. */
export class AttemptFailed extends Error {
  readonly reason = 'attempt-failed';
  constructor(
    readonly failure: unknown,
    readonly progress: Progress,
  ) {
    super('The attempt to connect failed.', { cause: failure });
  }
}

/** Opens one connection in one way. Throws AttemptFailed; aborting the signal ends it at once. */
export async function connectOnce(
  at: ResolvedConnection,
  encryption: Encryption,
  parameters: StartupParameters,
  signal: AbortSignal,
): Promise<Link> {
  const socket = new net.Socket();
  const progress: Progress = { tlsAnswer: undefined, reached: false, secured: false, passwordGiven: false };
  socket.once('connect', () => (progress.reached = true));
  if (encryption) socket.once('data', (data: Buffer) => (progress.tlsAnswer = data.toString('latin1', 0, 1)));
  const host = at.address ?? at.host;
  const client = new StartupClient(
    {
      host,
      port: at.port,
      user: at.user,
      database: at.database,
      password: () => {
        if (at.password === undefined || at.password.value === '') throw new MissingPassword('No password.');
        progress.passwordGiven = true;
        return at.password.value;
      },
      ssl: encryption,
      sslnegotiation: 'postgres',
      stream: () => socket,
      types: rowTypes,
      keepAlive: true,
      keepAliveInitialDelayMillis: 30_000,
    },
    parameters,
  );
  // `pg` may emit after the promise is settled; without a listener that would end the extension host.
  client.on('error', () => undefined);
  client.connection.on('sslconnect', () => {
    client.connection.stream.once('secureConnect', () => (progress.secured = true));
  });
  const stop = (): void => void socket.destroy();
  signal.addEventListener('abort', stop, { once: true });
  try {
    signal.throwIfAborted();
    await client.connect();
    signal.throwIfAborted();
    return {
      client,
      socket,
      encryption,
      address: { host: host.startsWith('/') ? host : (socket.remoteAddress ?? host), port: at.port },
    };
  } catch (error) {
    socket.destroy();
    throw new AttemptFailed(error, progress);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
