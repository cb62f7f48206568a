import type { SuiteResult } from '../../test/runner/report';

export interface SuiteOptions {
  /** Only tests whose full title matches. */
  readonly grep?: string;
  /** Only these files, relative to the project's folder. */
  readonly files?: readonly string[];
  /** The VS Code of the host suite; the newest where it is left out. */
  readonly vscodeVersion?: string;
}

export type RunSuite = (options: SuiteOptions) => Promise<SuiteResult>;
