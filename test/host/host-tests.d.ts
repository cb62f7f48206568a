declare module 'host-tests' {
  /** Loads each `test/host/**\/*.test.ts`; made by the bundling. */
  export const testFiles: readonly (() => unknown)[];
}
