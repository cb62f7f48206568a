import { typePreference } from '../../defined-columns';

export const preferText = typePreference(
  { id: 'types/prefer-text', title: 'char, or varchar with a length' },
  ({ type, modifiers }) => {
    if (type === 'bpchar') return 'char(n) pads with blanks, and is no faster. Use text.';
    return type === 'varchar' && modifiers > 0
      ? 'A longer limit is free later, a shorter one reads the whole table under ACCESS EXCLUSIVE. Use text, with a CHECK where a limit is meant.'
      : undefined;
  },
);
