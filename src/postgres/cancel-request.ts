import net from 'node:net';
import tls from 'node:tls';

/** The address and the key of a backend, as its server gave them at the start of the session. */
export interface CancelKey {
  readonly host: string;
  readonly port: number;
  readonly processId: number;
  readonly secretKey: number;
  readonly encrypted: boolean;
}

const cancelCode = 80_877_102;
const sslRequestCode = 80_877_103;

/**
 * Asks the server to cancel what the backend runs, on a connection of its own (the protocol's CancelRequest). Resolves
 * when the server has closed it or after `limitMs`; never rejects, since nothing more can be done.
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
    socket.on('connect', () => {
      if (!key.encrypted) {
        socket.end(cancelMessage(key));
        return;
      }
      socket.write(message(sslRequestCode));
      socket.once('data', (answer) => {
        if (answer.toString('latin1', 0, 1) !== 'S') {
          socket.end(cancelMessage(key));
          return;
        }
        // Only the key of this one backend travels here; the session itself has been checked already.
        const secure = tls.connect({ socket, rejectUnauthorized: false }, () => secure.end(cancelMessage(key)));
        secure.on('error', () => socket.destroy());
      });
    });
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
