/** Where passwords come from beside libpq's own files: the secret storage of the editor. */
export interface PasswordSource {
  /** The stored password of this connection, or undefined when none is stored. */
  password(connectionId: string): Promise<string | undefined>;
}
