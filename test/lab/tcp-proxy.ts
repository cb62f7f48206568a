import net from 'node:net';

export type NetworkFault =
  | { readonly kind: 'none' }
  /** Connections are accepted, nothing passes: only a time-out of the client helps. */
  | { readonly kind: 'blackhole' }
  /** New connections are reset at once. */
  | { readonly kind: 'refuse' }
  /** Each piece waits this long, in ms. */
  | { readonly kind: 'latency'; readonly ms: number };

/** The messages that end a statement of PostgreSQL's protocol: Query, which is one by itself, and Sync. */
const simpleQuery = 'Q'.charCodeAt(0);
const sync = Buffer.from([0x53, 0, 0, 0, 4]);

/** A small TCP proxy on 127.0.0.1 in front of a server, whose network can be made faulty. */
export class TcpProxy {
  private fault: NetworkFault = { kind: 'none' };
  private readonly sockets = new Set<net.Socket>();
  private readonly held: (() => void)[] = [];
  private needle: string | undefined;

  private constructor(
    private readonly server: net.Server,
    readonly port: number,
  ) {}

  static async start(target: { host: string; port: number }): Promise<TcpProxy> {
    const server = net.createServer();
    const port = await new Promise<number>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', () => {
        const address = server.address();
        if (address !== null && typeof address === 'object') resolve(address.port);
        else reject(new Error('The system gave no port.'));
      });
    });
    const proxy = new TcpProxy(server, port);
    server.on('connection', (socket) => proxy.join(socket, target));
    return proxy;
  }

  /** Changes the network from now on. Healing a blackhole lets through what was held back. */
  set(fault: NetworkFault): void {
    this.fault = fault;
    if (fault.kind !== 'blackhole') for (const pass of this.held.splice(0)) pass();
  }

  /** Resets every open connection. */
  cut(): void {
    for (const socket of this.sockets) socket.resetAndDestroy();
  }

  /** Lets the next statement that holds this text pass to its end, and then cuts its client: the answer is lost. */
  cutAfter(text: string): void {
    this.needle = text;
  }

  async stop(): Promise<void> {
    this.cut();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }

  private join(client: net.Socket, target: { host: string; port: number }): void {
    if (this.fault.kind === 'refuse') {
      client.resetAndDestroy();
      return;
    }
    const upstream = net.connect(target.port, target.host);
    let cutting = false;
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      this.sockets.add(from);
      from.on('data', (data: Buffer) => {
        if (from === client && this.needle !== undefined && data.includes(this.needle)) {
          this.needle = undefined;
          cutting = true;
        }
        if (from === client && cutting && (data[0] === simpleQuery || data.subarray(-5).equals(sync))) {
          // The server reads it to its end, and only then that nobody is there any more.
          upstream.end(data, () => client.resetAndDestroy());
          return;
        }
        this.pass(() => to.destroyed || to.write(data));
      });
      from.on('end', () => this.pass(() => to.end()));
      from.on('error', () => to.destroy());
      from.on('close', () => {
        this.sockets.delete(from);
        if (!to.writableEnded) to.destroy();
      });
    }
  }

  private pass(action: () => unknown): void {
    if (this.fault.kind === 'blackhole') this.held.push(() => void action());
    else if (this.fault.kind === 'latency') setTimeout(() => void action(), this.fault.ms);
    else action();
  }
}
