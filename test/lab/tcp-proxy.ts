import net from 'node:net';

export type NetworkFault =
  | { readonly kind: 'none' }
  /** Connections are accepted, nothing passes: only a time-out of the client helps. */
  | { readonly kind: 'blackhole' }
  /** New connections are reset at once. */
  | { readonly kind: 'refuse' }
  /** Each piece waits this long, in ms. */
  | { readonly kind: 'latency'; readonly ms: number };

/** A small TCP proxy on 127.0.0.1 in front of a server, whose network can be made faulty. */
export class TcpProxy {
  private fault: NetworkFault = { kind: 'none' };
  private readonly sockets = new Set<net.Socket>();
  private readonly held: (() => void)[] = [];

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
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      this.sockets.add(from);
      from.on('data', (data) => this.pass(() => to.destroyed || to.write(data)));
      from.on('end', () => this.pass(() => to.end()));
      from.on('error', () => to.destroy());
      from.on('close', () => {
        this.sockets.delete(from);
        to.destroy();
      });
    }
  }

  private pass(action: () => unknown): void {
    if (this.fault.kind === 'blackhole') this.held.push(() => void action());
    else if (this.fault.kind === 'latency') setTimeout(() => void action(), this.fault.ms);
    else action();
  }
}
