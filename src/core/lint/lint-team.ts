import type { Finding } from './finding';
import type { LintOptions } from './lint-project';
import type { SurveyedProject } from './survey';

/** One project to be linted by whoever takes it. All of it is plain data, which can go to another thread. */
export interface TeamTask {
  readonly surveyed: SurveyedProject;
  readonly options: LintOptions;
}

/** Others who lint projects at the same time. Each project is taken once. */
export interface TeamWork {
  /** Whether this project is ours, asked when its turn has come. */
  take(index: number): boolean;
  /** The findings of the projects that others took, by index; what one of them could not do is missing. */
  rest(): Promise<ReadonlyMap<number, readonly Finding[]>>;
}

export interface LintTeam {
  /** Undefined where the work is not worth sharing. */
  share(tasks: readonly TeamTask[]): TeamWork | undefined;
}
