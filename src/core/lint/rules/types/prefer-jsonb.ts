import { typePreference } from '../../defined-columns';

export const preferJsonb = typePreference({ id: 'types/prefer-jsonb', title: 'json instead of jsonb' }, ({ type }) =>
  type === 'json'
    ? 'json is a text that is parsed in every access, has no equality (DISTINCT and UNION fail) and no GIN index. Use jsonb.'
    : undefined,
);
