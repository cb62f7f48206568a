import { typePreference } from '../../defined-columns';

export const avoidMoney = typePreference({ id: 'types/avoid-money', title: 'The type money' }, ({ type }) =>
  type === 'money'
    ? 'money is printed and read by the setting lc_monetary, and knows no currency. Use numeric, and a column for the currency.'
    : undefined,
);
