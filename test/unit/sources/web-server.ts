import http from 'node:http';
import type { AddressInfo } from 'node:net';

/** A real web server on a free port of this machine, which answers as the test says. */
export interface WebServer {
  readonly origin: string;
  /** What was asked, in order: path and query, and the Authorization header. */
  readonly asked: { readonly url: string; readonly authorization: string | undefined }[];
  answer: (request: http.IncomingMessage, response: http.ServerResponse) => void;
  stop(): Promise<void>;
}

export async function startWebServer(): Promise<WebServer> {
  const asked: WebServer['asked'] = [];
  const server = http.createServer((request, response) => {
    asked.push({ url: request.url ?? '', authorization: request.headers.authorization });
    state.answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const state: WebServer = {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    answer: (_, response) => response.writeHead(404).end(),
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return state;
}

/** Answers each path with a text and its content type; other paths with 404. */
export function pages(content: Readonly<Record<string, readonly [type: string, body: string]>>): WebServer['answer'] {
  return (request, response) => {
    const found = content[request.url ?? ''];
    if (found) response.writeHead(200, { 'content-type': found[0] }).end(found[1]);
    else response.writeHead(404).end();
  };
}
