import { typePreference } from '../../defined-columns';

const serials = new Set(['serial', 'serial4', 'serial8', 'serial2', 'smallserial', 'bigserial']);

export const preferIdentity = typePreference(
  { id: 'types/prefer-identity', title: 'serial instead of an identity column' },
  ({ type }) =>
    serials.has(type)
      ? 'The sequence of a serial column has rights and a name of its own. Use GENERATED … AS IDENTITY.'
      : undefined,
);
