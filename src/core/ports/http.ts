/** What proves to a metrics endpoint who asks. Comes from the secret storage, never from settings. */
export type Credentials =
  | { readonly kind: 'basic'; readonly user: string; readonly password: string }
  | { readonly kind: 'bearer'; readonly token: string };

/** Where the credentials of an endpoint come from, by the endpoint's id; undefined when none are stored. */
export interface CredentialSource {
  credentials(endpointId: string): Promise<Credentials | undefined>;
}

/** An answer that came whole. Every status but a redirect arrives here: what it means, the asker knows. */
export interface HttpAnswer {
  readonly status: number;
  /** Lower case, without parameters; empty when the server sent none. */
  readonly contentType: string;
  readonly body: string;
  /** From the request to the last byte, in ms. */
  readonly tookMs: number;
}

export interface HttpRequest {
  readonly credentials?: Credentials | undefined;
  readonly accept?: string;
  /** For everything together: name, connection, redirects, body. In ms. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** GET, bounded in time, size and redirects. Rejects with a SourceError, or with an AbortError when aborted. */
export interface HttpReader {
  get(url: URL, request: HttpRequest): Promise<HttpAnswer>;
}
