import type { Finding } from '../finding';
import type { LintScript } from '../lint-script';

/** `flyway/script-config`: what is wrong with the `.conf` of a script, told at the script. */
export function scriptConfig(script: LintScript): Finding[] {
  return script.configProblems.map((problem): Finding => {
    const isOrphan = script.meaning.kind === 'skipped';
    return {
      path: script.path,
      rule: 'flyway/script-config',
      severity: isOrphan ? 'warning' : 'error',
      message: isOrphan ? problem : `${script.name}.conf: ${problem}`,
      ...script.head,
      wholeFile: true,
    };
  });
}
