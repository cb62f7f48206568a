import { formatBytes } from '../../format/quantities';
import type { Cell } from '../document';
import type { TableName } from '../tables/table-name';
import type { SizedTables } from '../tables/table-sizes';
import type { StatementEntry } from './statement-entry';

/** One table that a statement touches, in words. */
interface TouchedTable {
  readonly name: string;
  readonly size: string;
  /** Bytes, where known. */
  readonly bytes: number | null;
}

/** The tables of a statement with their sizes, largest first; undefined when they are not known. */
function touchedTables(entry: StatementEntry, sizes: SizedTables | undefined): readonly TouchedTable[] | undefined {
  if (entry.tables?.kind !== 'tables') return undefined;
  return entry.tables.tables
    .map((name) => touched(name, entry, sizes))
    .sort((a, b) => (b.bytes ?? -1) - (a.bytes ?? -1) || a.name.localeCompare(b.name));
}

function touched(name: TableName, entry: StatementEntry, sizes: SizedTables | undefined): TouchedTable {
  const written = name.schema === undefined ? name.name : `${name.schema}.${name.name}`;
  if (!entry.here)
    return { name: written, size: `in the database ${entry.stats.database ?? '?'}: size not read here`, bytes: null };
  if (!sizes) return { name: written, size: 'size not read', bytes: null };
  const found = sizes.resolve(name);
  if (found.kind === 'missing') return { name: written, size: 'no such table now', bytes: null };
  if (found.kind === 'ambiguous')
    return { name: written, size: `in ${found.schemas} schemas: which one is not known`, bytes: null };
  const { relation, schemas } = found;
  const full = `${relation.schema}.${relation.name}${schemas > 1 ? ` (${schemas} schemas have one of this name)` : ''}`;
  if (relation.kind === 'v') return { name: full, size: 'a view: no size of its own', bytes: null };
  if (relation.kind === 'f') return { name: full, size: 'a foreign table: no size here', bytes: null };
  const size = sizes.sizeOf(relation.oid);
  if (size?.kind === 'size') return { name: full, size: formatBytes(size.bytes), bytes: size.bytes };
  if (size?.kind === 'locked') return { name: full, size: 'locked exclusively: size skipped', bytes: null };
  return { name: full, size: size ? 'no storage' : 'size not read', bytes: null };
}

/** The cell of the table: names, and the size of the largest. */
export function tablesCell(entry: StatementEntry, sizes: SizedTables | undefined): Cell {
  if (!entry.tables) return { text: 'not known', value: null, tone: 'muted' };
  if (entry.tables.kind === 'pending') return { text: 'being read…', value: null, tone: 'muted' };
  if (entry.tables.kind === 'unparsed') {
    return {
      text: 'could not be parsed',
      value: null,
      tone: 'muted',
      hint: `Could not be parsed: ${entry.tables.why}.`,
    };
  }
  const tables = touchedTables(entry, sizes) ?? [];
  if (tables.length === 0) return { text: 'none', value: null, tone: 'muted' };
  const words = tables.map(({ name, bytes, size }) => `${shortName(name)}${bytes === null ? '' : ` ${size}`}`);
  const more = words.length > 2 ? ` +${words.length - 2}` : '';
  return {
    text: `${words.slice(0, 2).join(', ')}${more}`,
    value: tables[0]?.bytes ?? 0,
    hint: tables.map(({ name, size }) => `${name}: ${size}`).join('\n'),
  };
}

function shortName(name: string): string {
  return name.replace(/ \(\d+ schemas have one of this name\)$/, '');
}

/** The lines of the detail. */
export function tableNotes(entry: StatementEntry, sizes: SizedTables | undefined): string[] {
  if (!entry.tables) return ['Not known: the text of the statement is not.'];
  if (entry.tables.kind === 'pending') return ['Being read…'];
  if (entry.tables.kind === 'unparsed') return [`The statement could not be parsed: ${entry.tables.why}.`];
  const tables = touchedTables(entry, sizes) ?? [];
  if (tables.length === 0) return ['None.'];
  return [
    ...tables.map(({ name, size }) => `${name}: ${size}`),
    ...(sizes?.problem === undefined ? [] : [sizes.problem]),
    'Read from the text, best effort: what views, functions and triggers touch is not among them.',
  ];
}
