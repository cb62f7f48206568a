import type { CatalogObject } from './catalog/catalog-object';
import { nameOf } from './catalog/catalog-object';

/** A property with the value it has now, for a sentence: `the default of column t.a is 8`. */
export function shownChange(object: CatalogObject, name: string, value: string): string {
  const of = `the ${nameOf(object)}`;
  if (name === 'definition') return `the definition of ${of} is another`;
  if (name === 'NOT NULL') return `${of} is ${value === '' ? 'not ' : ''}NOT NULL`;
  if (name.startsWith('grant ')) return `${of} has ${value === '' ? 'no ' : ''}grant of ${name.slice('grant '.length)}`;
  if (name === 'partition of')
    return value === '' ? `${of} is no partition` : `${of} is a partition of ${shownValue(name, value)}`;
  if (name.startsWith('option '))
    return `${of} has ${value === '' ? `no ${name}` : `the ${name} ${shownValue(name, value)}`}`;
  return `${of} has ${value === '' ? `no ${name}` : `the ${name} ${shownValue(name, value)}`}`;
}

/** What a property was before, behind a sentence about what it is now. */
export function shownBefore(name: string, initial: string): string {
  if (name === 'partition of' && initial === '') return 'it was none before';
  return initial === '' ? 'there was none before' : `before it was ${shownValue(name, initial)}`;
}

/** A value as far as it can be shown in a few words: a constant, a function that is called, a plain text. */
export function shownValue(name: string, value: string): string {
  // The parent's name stands before the bounds of a partition.
  if (name === 'partition of') return value.slice(0, value.indexOf(' '));
  if (!/^[[{"]/.test(value)) return value === 'yes' ? 'set' : value;
  try {
    return constantIn(JSON.parse(value)) ?? `another ${name}`;
  } catch {
    return value;
  }
}

function constantIn(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  const node = value as Readonly<Record<string, Readonly<Record<string, unknown>> | undefined>> | null;
  const constant = node?.['A_Const'] as
    Readonly<Record<string, Readonly<Record<string, unknown>> | undefined | boolean>> | undefined;
  const inner = (holder: unknown, field: string): unknown =>
    (holder as Readonly<Record<string, unknown>> | undefined)?.[field];
  if (constant) {
    if (constant['isnull'] === true) return 'NULL';
    if (constant['ival'] !== undefined) return textOr(inner(constant['ival'], 'ival'), '0');
    if (constant['fval'] !== undefined) return textOr(inner(constant['fval'], 'fval'), '0');
    if (constant['sval'] !== undefined) return `'${textOr(inner(constant['sval'], 'sval'), '')}'`;
    if (constant['boolval'] !== undefined) return textOr(inner(constant['boolval'], 'boolval'), 'false');
  }
  if (node?.['Integer']) return textOr(node['Integer']['ival'], '0');
  if (node?.['String']) return textOr(node['String']['sval'], '');
  const called = node?.['FuncCall']?.['funcname'] as readonly { String?: { sval?: string } }[] | undefined;
  if (called) return `${called.map((part) => part.String?.sval ?? '').join('.')}(…)`;
  return node?.['SQLValueFunction'] ? textOr(node['SQLValueFunction']['op'], '').replace('SVFOP_', '') : undefined;
}

function textOr(value: unknown, fallback: string): string {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : fallback;
}
