/** Something to give back. Same shape as VS Code's, so that either fits the other. */
export interface Disposable {
  dispose(): void;
}

/** Joins several into one; disposes in reverse order. */
export function joinDisposables(...parts: readonly Disposable[]): Disposable {
  return {
    dispose: () => {
      for (const part of [...parts].reverse()) part.dispose();
    },
  };
}
