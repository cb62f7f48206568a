import { readConf } from './config-files';
import type { FlywayConfig } from './flyway-config';

/** The configuration under which one script runs: its project's, with what `<script>.conf` beside it says. */
export function withScriptConfig(config: FlywayConfig, from: string, content: string): FlywayConfig {
  const { values } = readConf(from, content, {}, '');
  const flag = (key: string): boolean | undefined => {
    const value = values.get(key)?.trim().toLowerCase();
    return value === undefined ? undefined : value === 'true';
  };
  const transaction = flag('executeInTransaction');
  return {
    ...config,
    executeInTransaction: transaction ?? config.executeInTransaction,
    transactionIsForced: transaction === true,
    transactionIsChosen: transaction !== undefined,
    // Flyway asks both: a script cannot turn on what the project has turned off.
    placeholderReplacement: config.placeholderReplacement && (flag('placeholderReplacement') ?? true),
    encoding: values.get('encoding') ?? config.encoding,
    shouldExecute: values.get('shouldExecute'),
  };
}

/** What Flyway understands in the `.conf` of a script; anything else stops it. */
export const scriptSettings = ['executeInTransaction', 'encoding', 'placeholderReplacement', 'shouldExecute'] as const;
