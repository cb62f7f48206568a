import type { FlywayConfig } from '../../flyway/flyway-config';
import type { Finding } from '../finding';
import type { LintScript } from '../lint-script';

/** `flyway/encoding`: bytes that are not text in the configured encoding. */
export function encoding(script: LintScript, config: FlywayConfig): Finding[] {
  if (script.validEncoding || script.meaning.kind === 'skipped') return [];
  const at = script.text.indexOf('\ufffd');
  const place = at === -1 ? script.head : { start: at, end: at + 1 };
  const message = `This file is not valid ${config.encoding}: Flyway stops or reads other characters. Save it as ${config.encoding}, or set flyway.encoding.`;
  return [{ path: script.path, rule: 'flyway/encoding', severity: 'error', message, ...place }];
}
