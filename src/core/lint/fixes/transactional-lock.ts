import { defaultsSource, type FlywayConfig } from '../../flyway/flyway-config';
import type { FileSystem } from '../../ports/file-system';
import type { FileEdit } from './project-fix';

const key = 'postgresql.transactional.lock';

/**
 * `postgresql.transactional.lock=false` in the project's own configuration, without which CREATE INDEX CONCURRENTLY waits for
 * Flyway's lock for ever. Undefined where it is not needed, or no file of the project is one that can be written to.
 */
export async function lockSetting(config: FlywayConfig, files: FileSystem): Promise<FileEdit | undefined> {
  if (!config.transactionalLock) return undefined;
  const present = config.shown.find(({ name }) =>
    name.replaceAll('-', '.').toLowerCase().endsWith('transactional.lock'),
  );
  if (present && present.from !== defaultsSource) {
    const path = present.from.replace(/ \(.*\)$/, '');
    const text = await read(files, path);
    const found = text === undefined ? undefined : /transactional[-.]?lock["']?\s*[=:>]\s*["']?(true)/i.exec(text);
    if (text === undefined || !found) return undefined;
    const end = found.index + found[0].length;
    return { path, start: end - 'true'.length, end, text: 'false' };
  }
  const paths = config.sources.map((from) => from.replace(/ \(.*\)$/, ''));
  for (const path of [...new Set(paths)].reverse()) {
    const text = await read(files, path);
    const edit = text === undefined ? undefined : insertion(path, text);
    if (edit) return { ...edit, path };
  }
  return undefined;
}

function insertion(path: string, text: string): Omit<FileEdit, 'path'> | undefined {
  const newline = text.includes('\r\n') ? '\r\n' : '\n';
  const append = (line: string): Omit<FileEdit, 'path'> => ({
    start: text.length,
    end: text.length,
    text: `${text === '' || /[\r\n]$/.test(text) ? '' : newline}${line}${newline}`,
  });
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (/^flyway.*\.conf$/.test(name)) return append(`flyway.${key}=false`);
  if (/^flyway.*\.toml$/.test(name)) {
    const header = /^[ \t]*\[flyway\][^\r\n]*(\r\n|\r|\n|$)/m.exec(text);
    if (!header) return append(`${newline}[flyway]${newline}${key} = false`);
    const at = header.index + header[0].length;
    return { start: at, end: at, text: `${header[1] === '' ? newline : ''}${key} = false${newline}` };
  }
  if (/^application.*\.properties$/.test(name)) return append(`spring.flyway.postgresql.transactional-lock=false`);
  if (/^application.*\.ya?ml$/.test(name)) {
    // A dotted key of the first document, which holds for every profile.
    const at = /^\ufeff?(---[^\r\n]*(\r\n|\r|\n))?/.exec(text)?.[0].length ?? 0;
    return { start: at, end: at, text: `spring.flyway.postgresql.transactional-lock: false${newline}` };
  }
  return undefined;
}

async function read(files: FileSystem, path: string): Promise<string | undefined> {
  if (!/^(\/|[A-Za-z]:)/.test(path)) return undefined;
  const bytes = await files.read(path);
  return bytes && new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}
