/** The extension's one log channel. No secret and no row of a user's table is ever passed to it. */
export interface Log {
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string, error?: unknown): void;
}
