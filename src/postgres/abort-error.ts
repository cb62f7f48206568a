/** What a caller gets who gave up: not an error to show. */
export function abortError(): Error {
  return new DOMException('The operation was given up by its caller.', 'AbortError');
}
