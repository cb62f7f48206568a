import type { Distribution } from './file-name';

/**
 * The distribution of Flyway that a build file calls for: U scripts run only in Redgate's. Undefined when it names none;
 * what the command line is cannot be told.
 */
export function distributionOf(content: string): Distribution | undefined {
  if (/com\.redgate\.flyway|org\.flywaydb\.(?:enterprise|pro|trial)|flyway[.-]?licen[sc]e[.-]?key/i.test(content))
    return 'redgate';
  return /org\.flywaydb/.test(content) ? 'open-source' : undefined;
}
