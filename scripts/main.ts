/** Runs a script; a failure is told in its own words, without a stack, and becomes the exit code. */
export function main(script: () => Promise<void>): void {
  script().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
}
