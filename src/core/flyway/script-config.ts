import type { FlywayConfig } from './flyway-config';
import { readConf } from './config-files';

/** The configuration under which one script runs: its project's, with what `<script>.conf` beside it says. */
export function withScriptConfig(config: FlywayConfig, from: string, content: string): FlywayConfig {
  const { values } = readConf(from, content, {}, '');
  const flag = (key: string, fallback: boolean): boolean => {
    const value = values.get(key)?.trim().toLowerCase();
    return value === undefined ? fallback : value === 'true';
  };
  return {
    ...config,
    executeInTransaction: flag('executeInTransaction', config.executeInTransaction),
    placeholderReplacement: flag('placeholderReplacement', config.placeholderReplacement),
    encoding: values.get('encoding') ?? config.encoding,
  };
}
