import { defaultPlaceholders, findPlaceholders } from '../../../flyway/placeholders';
import type { LintScript } from '../../lint-script';
import type { Finding } from '../../finding';

const known = new Set(defaultPlaceholders.map((name) => name.toLowerCase()));

/** `flyway/unknown-placeholder`: Flyway stops at one, even in a comment. Its value may come from where nobody can look. */
export function unknownPlaceholders(script: LintScript): Finding[] {
  const { config, text, meaning, path } = script;
  if (meaning.kind === 'skipped' || meaning.kind === 'invalid') return [];
  if (!config.placeholderReplacement || !text.includes(config.placeholderPrefix)) return [];
  const { placeholders: values, placeholderPrefix: prefix, placeholderSuffix: suffix } = config;
  const seen = new Set<string>();
  return findPlaceholders(text, { values, prefix, suffix }).flatMap(({ key, value, start, end }): Finding[] => {
    const name = key.toLowerCase();
    if (value !== undefined || known.has(name) || seen.has(name)) return [];
    seen.add(name);
    const line = key.split(/[\r\n]/, 1)[0] ?? '';
    const shown = line.length > 60 || line !== key ? `${line.slice(0, 60)}…` : key;
    const drawn = line === key ? end : start + prefix.length + line.length;
    return [
      {
        path,
        rule: 'flyway/unknown-placeholder',
        severity: 'warning',
        start,
        end: drawn,
        message: `No configuration here gives ${prefix}${shown}${suffix} a value, and Flyway stops at one it does not know, even in a comment. Set flyway.placeholders.${shown}, or turn placeholderReplacement off in the script's .conf.`,
      },
    ];
  });
}
