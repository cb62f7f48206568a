import { typePreference } from '../../defined-columns';

const small = new Set(['int4', 'int2', 'serial', 'serial4', 'smallserial', 'serial2', 'integer']);

export const preferBigintKey = typePreference(
  { id: 'types/prefer-bigint-key', title: 'A primary key of integer or smallint' },
  ({ type, isKey }) =>
    isKey && small.has(type)
      ? 'A key of four bytes ends at 2,147,483,647, and making it larger then writes the whole table again under ACCESS EXCLUSIVE. Use bigint.'
      : undefined,
);
