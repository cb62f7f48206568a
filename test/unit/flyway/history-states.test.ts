import assert from 'node:assert/strict';
import { scanFileName } from '../../../src/core/flyway/file-name';
import { historyStates, type HistoryRow, type ResolvedScript } from '../../../src/core/flyway/history-states';

/** `V2=7`: the script V2__x.sql with the checksum 7, `?` for one that cannot be read. `!` behind it: shouldExecute is false. */
function script(text: string): ResolvedScript {
  const [, name = '', sum = '1', off] = /^([^=!]+)(?:=(-?\d+|\?))?(!)?$/.exec(text) ?? [];
  const checksums = sum === '?' ? [] : [Number(sum)];
  const file = name.startsWith('R') ? `R__${name.slice(1)}.sql` : `${name}__x.sql`;
  return { path: file, meaning: scanFileName(file), checksums, shouldExecute: off === undefined };
}

/** `2 SQL=7`: a row of version 2; `a R` one of the repeatable script a; `!` behind it: it failed. */
function rows(...texts: string[]): HistoryRow[] {
  return texts.map((text, index) => {
    const [, what = '', type = '', sum, failed] = /^(\S+) ([A-Z_]+)(?:=(-?\d+))?(!)?$/.exec(text) ?? [];
    const repeatable = type === 'R';
    return {
      installedRank: index + 1,
      version: repeatable ? null : what,
      description: repeatable ? what : 'x',
      type: repeatable ? 'SQL' : type,
      script: '',
      checksum: sum === undefined ? 1 : Number(sum),
      success: failed === undefined,
    };
  });
}

describe('states of migrations, as Flyway tells them', () => {
  const states = (scripts: string[], applied: string[], settings = {}): string =>
    historyStates(scripts.map(script), rows(...applied), { outOfOrder: false, target: undefined, ...settings })
      .map(
        ({ state, row, script: own, edited }) =>
          `${row?.version ?? row?.description ?? own?.path.split('__')[0] ?? ''}:${state}${edited ? ' edited' : ''}`,
      )
      .join(', ');

  it('applied and pending', () => {
    assert.equal(states(['V1', 'V2'], ['1 SQL']), '1:Success, V2:Pending');
    assert.equal(states(['V1.0', 'V2'], ['1 SQL']), '1:Success, V2:Pending');
    assert.equal(states(['V1'], ['1 SQL!']), '1:Failed');
  });

  it('is not said to be edited, outdated or pending where the text cannot be read', () => {
    assert.equal(states(['V1=?'], ['1 SQL=8']), '1:Success');
    assert.equal(states(['Ra=?'], ['a R=8']), 'a:Success');
    assert.equal(states(['V1=?'], []), 'V1:Pending');
  });

  it('edited after it was applied', () => {
    assert.equal(states(['V1=7'], ['1 SQL=8']), '1:Success edited');
    assert.equal(states(['V1=7'], ['1 SQL=7']), '1:Success');
  });

  it('out of order: ignored, unless it is allowed; and told when it was', () => {
    assert.equal(states(['V1', 'V2', 'V3'], ['1 SQL', '3 SQL']), '1:Success, 3:Success, V2:Ignored');
    assert.equal(
      states(['V1', 'V2', 'V3'], ['1 SQL', '3 SQL'], { outOfOrder: true }),
      '1:Success, 3:Success, V2:Pending',
    );
    assert.equal(states(['V2', 'V3'], ['3 SQL', '2 SQL']), '3:Success, 2:Out of Order');
  });

  it('missing and future', () => {
    assert.equal(
      states(['V3'], ['1 SQL', '2 SQL!', '3 SQL', '4 SQL', '5 SQL!']),
      '1:Missing, 2:Failed (Missing), 3:Success, 4:Future, 5:Failed (Future)',
    );
  });

  it('undone: the V is pending again, and the U available once the V is there', () => {
    assert.equal(states(['V1', 'U1'], ['1 SQL']), '1:Success, U1:Available');
    assert.equal(states(['V1', 'U1'], ['1 SQL', '1 UNDO_SQL']), '1:Undone, 1:Success, V1:Pending');
    assert.equal(
      states(['V1', 'U1'], ['1 SQL', '1 UNDO_SQL', '1 SQL']),
      '1:Undone, 1:Success, 1:Success, U1:Available',
    );
    assert.equal(
      states(['V1', 'V2', 'U2'], ['1 SQL', '2 SQL', '2 UNDO_SQL']),
      '1:Success, 2:Undone, 2:Success, V2:Pending',
    );
  });

  it('deleted by repair', () => {
    assert.equal(states(['V1'], ['1 SQL', '2 SQL', '2 DELETE']), '1:Success, 2:Deleted, 2:Success');
  });

  it('baselined', () => {
    assert.equal(states(['V1', 'V2', 'V3'], ['2 BASELINE']), '2:Baseline, V1:Below Baseline, V3:Pending');
    assert.equal(states(['V1', 'B2', 'V3'], ['2 SQL_BASELINE', '3 SQL']), '2:Baseline, 3:Success, V1:Below Baseline');
  });

  it('above the target, and not to be executed', () => {
    assert.equal(states(['V1', 'V2', 'V3!'], ['1 SQL'], { target: '1.5' }), '1:Success, V2:Above Target, V3:Ignored');
    assert.equal(states(['V1', 'V2'], ['1 SQL'], { target: 'latest' }), '1:Success, V2:Pending');
  });

  it('repeatable: latest and its text, outdated, superseded', () => {
    assert.equal(states(['Ra=7', 'Rb'], ['a R=7']), 'a:Success, R:Pending');
    assert.equal(states(['Ra=8'], ['a R=7']), 'a:Outdated, R:Pending');
    assert.equal(states(['Ra=8'], ['a R=7', 'a R=8']), 'a:Superseded, a:Success');
    assert.equal(states([], ['a R']), 'a:Missing');
  });

  it('passes over the row of the schema', () => {
    assert.equal(states(['V1'], ['0 SCHEMA', '1 SQL']), '1:Success');
  });
});
