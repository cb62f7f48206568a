import net from 'node:net';
import tls from 'node:tls';
import type { Encryption } from './tls';

/** The address and the key of a backend, as its server gave them at the start of the session. */
export interface CancelKey {
  readonly host: string;
  readonly port: number;
  readonly processId: number;
  readonly secretKey: number;
  /** As the session itself: the key is as worth protecting. */
  readonly encryption: Encryption;
}

const cancelCode = 80_877_102;
const sslRequestCode = 80_877_103;

/**
 * Asks the server to cancel what the backend runs, on a connection of its own (the protocol's CancelRequest). Resolves
 * when the server has closed it, which it does after it has signalled the backend, or after `limitMs`. Never rejects:
 * nothing more can be done.
 */
export async function requestCancel(key: CancelKey, limitMs = 3000): Promise<void> {
  await new Promise<void>((resolve) => {
    const socket = key.host.startsWith('/')
      ? net.connect(`${key.host}/.s.PGSQL.${key.port}`)
      : net.connect(key.port, key.host);
    const timer = setTimeout(() => socket.destroy(), limitMs);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      clearTimeout(timer);
      resolve();
    });
    socket.on('connect', () => ask(socket, key));
  });
}

function ask(socket: net.Socket, key: CancelKey): void {
  const { encryption } = key;
  if (!encryption) {
    // Reading is what notices that the server has closed.
    socket.resume();
    socket.write(cancelMessage(key));
    return;
  }
  socket.write(message(sslRequestCode));
  socket.once('data', (answer) => {
    if (answer.toString('latin1', 0, 1) !== 'S') {
      socket.destroy();
      return;
    }
    // `pg` hides the key from enumeration.
    const secure = tls.connect({ ...encryption, ...(encryption.key ? { key: encryption.key } : {}), socket }, () =>
      secure.write(cancelMessage(key)),
    );
    secure.resume();
    secure.on('error', () => socket.destroy());
    secure.on('close', () => socket.destroy());
  });
}

function cancelMessage(key: CancelKey): Buffer {
  return message(cancelCode, key.processId, key.secretKey);
}

function message(...words: readonly number[]): Buffer {
  const buffer = Buffer.alloc(4 + 4 * words.length);
  buffer.writeInt32BE(buffer.length, 0);
  words.forEach((word, index) => buffer.writeInt32BE(word | 0, 4 + 4 * index));
  return buffer;
}
