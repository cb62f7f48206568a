import { typePreference } from '../../defined-columns';

export const preferTimestamptz = typePreference(
  { id: 'types/prefer-timestamptz', title: 'timestamp without time zone' },
  ({ type }) =>
    type === 'timestamp'
      ? 'timestamp says neither which zone it is in nor which moment it means. Use timestamptz.'
      : undefined,
);
