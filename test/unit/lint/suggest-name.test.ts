import assert from 'node:assert/strict';
import { defaultNaming } from '../../../src/core/flyway/file-name';
import { suggestName } from '../../../src/core/lint/suggest-name';

describe('the name that was meant', () => {
  const cases: [string, string | undefined][] = [
    ['V1_init.sql', 'V1__init.sql'],
    ['v1__x.sql', 'V1__x.sql'],
    ['V2_1_3_add_col.sql', 'V2_1_3__add_col.sql'],
    ['V1-init.sql', 'V1__init.sql'],
    ['V 1__x.sql', 'V1__x.sql'],
    ['v20240101120000_add users.sql', 'V20240101120000__add_users.sql'],
    ['U1_x.sql', 'U1__x.sql'],
    ['1__init.sql', 'V1__init.sql'],
    ['r__views.sql', 'R__views.sql'],
    ['R1__views.sql', 'R__views.sql'],
    ['AfterMigrate.sql', 'afterMigrate.sql'],
    ['beforeMigrate_x.sql', 'beforeMigrate__x.sql'],
    ['Readme.sql', undefined],
    ['queries.sql', undefined],
    ['V__x.sql', undefined],
  ];
  for (const [name, expected] of cases)
    it(`${name} → ${expected ?? 'nothing'}`, () => assert.equal(suggestName(name, defaultNaming), expected));
});
