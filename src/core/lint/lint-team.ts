import type { Finding } from './finding';
import type { LintOptions } from './lint-project';
import type { SurveyedProject } from './survey';

/** One project to be linted by whoever takes it. All of it is plain data, which can go to another thread. */
export interface TeamTask {
  readonly surveyed: SurveyedProject;
  readonly options: LintOptions;
}

/** A finding without its fix, whose text is written only when it is asked for. */
export type TeamFinding = Omit<Finding, 'fix'>;

/** Others who lint projects at the same time. Each project is taken once. */
export interface TeamWork {
  /** Whether this project is ours, asked when its turn has come. */
  take(index: number): boolean;
  /** The findings of the projects that others took, by index; what one of them could not do is missing. */
  rest(): Promise<ReadonlyMap<number, readonly TeamFinding[]>>;
}

export interface LintTeam {
  /** Undefined where the work is not worth sharing. */
  share(tasks: readonly TeamTask[]): TeamWork | undefined;
}
