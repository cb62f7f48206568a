import { parseConf } from './properties-file';
import { scriptSettings } from './script-config';

/** A `.conf` beside the scripts, as it stands on the disk. */
export interface FoundScriptConfig {
  readonly path: string;
  readonly text: string;
  /** Whether there is a script of its name. */
  readonly hasScript: boolean;
}

/** What Flyway stops at, or never reads, in the `.conf` of a script. */
export function scriptConfigProblems({ path, text, hasScript }: FoundScriptConfig): string[] {
  if (!hasScript) {
    const script = path.slice(path.lastIndexOf('/') + 1).replace(/\.conf$/i, '');
    return [`There is no ${script} beside it, so Flyway never reads this: a .conf has the whole name of its script.`];
  }
  const problems: string[] = [];
  for (const [key, value] of parseConf(text, {})) {
    if (!scriptSettings.some((name) => name === key))
      problems.push(
        `Flyway stops: it knows no setting "${key}" in the .conf of a script, only ${scriptSettings.join(', ')}.`,
      );
    else if (key === 'executeInTransaction' && !/^(true|false)$/i.test(value.trim()))
      problems.push(`Flyway stops: ${key} is either true or false, not "${value}".`);
  }
  return problems;
}
