import assert from 'node:assert/strict';
import { readProfiles } from '../../../src/core/connection/read-profiles';
import { withoutPassword } from '../../../src/core/connection/settings-password';

const good = { id: '1', name: 'shop', environment: 'staging', readOnly: false, target: { host: 'db1', port: 5432 } };

function problem(entry: unknown): { message: string; password?: string } {
  const { profiles, problems } = readProfiles([good, entry]);
  assert.deepEqual(profiles, [good], 'the good one stays');
  assert.equal(problems.length, 1);
  assert.equal(problems[0]!.index, 1);
  return problems[0]!;
}

describe('the setting dbOps.connections', () => {
  it('gives the profiles, with defaults', () => {
    assert.deepEqual(readProfiles(undefined), { profiles: [], problems: [] });
    assert.deepEqual(readProfiles([good]).profiles, [good]);
    const [first, second] = readProfiles([
      { id: 'a', name: 'A' },
      { id: 'b', name: 'B', environment: 'production' },
    ]).profiles;
    assert.deepEqual(first, { id: 'a', name: 'A', environment: 'development', readOnly: false, target: {} });
    assert.equal(second!.readOnly, true, 'production is read-only unless said otherwise');
  });

  it('says what is wrong and keeps the others', () => {
    assert.match(readProfiles('x').problems[0]!.message, /must be a list/);
    assert.match(problem(7).message, /must be an object/);
    assert.match(problem({ name: 'x' }).message, /"id"/);
    assert.match(problem({ id: 'x', name: ' ' }).message, /"name"/);
    assert.match(problem({ ...good }).message, /id "1" is used twice/);
    assert.match(problem({ ...good, id: '2', environment: 'prod' }).message, /development, staging, production/);
    assert.match(problem({ ...good, id: '2', readOnly: 'yes' }).message, /"readOnly"/);
    assert.match(problem({ ...good, id: '2', color: 'red' }).message, /"color" is not known/);
    assert.match(problem({ ...good, id: '2', target: [] }).message, /"target" must be an object/);
    for (const [target, message] of [
      [{ port: '5432' }, /port/],
      [{ port: 0 }, /port/],
      [{ host: 5 }, /host/],
      [{ host: 'me@db1' }, /one host name/],
      [{ host: 'db1,db2' }, /one host name/],
      [{ sslMode: 'yes' }, /sslMode/],
      [{ connectTimeoutS: 1.5 }, /connectTimeoutS/],
      [{ hots: 'db1' }, /"target.hots" is not known/],
    ] as const) {
      assert.match(problem({ ...good, id: '2', target }).message, message);
    }
  });

  const withPassword = [
    { ...good, id: '2', password: 'pw 1' },
    { ...good, id: '2', target: { host: 'h', password: 'pw 1' } },
    { ...good, id: '2', target: { host: 'h', pgpassword: 'pw 1' } },
    { ...good, id: '2', url: 'postgresql://u:pw%201@h/db' },
    { ...good, id: '2', target: { host: 'postgresql://u:pw%201@h/db' } },
    { ...good, id: '2', target: { database: "host=h password='pw 1'" } },
  ];

  it('refuses a password wherever it stands, and hands it over to be moved', () => {
    for (const entry of withPassword) {
      const found = problem(entry);
      assert.equal(found.password, 'pw 1');
      assert.match(found.message, /secret storage/);
      assert.ok(!found.message.includes('pw 1'));
    }
    assert.equal(problem({ ...good, id: '2', password: 1234 }).password, '1234');
  });

  it('is good again when the password has been taken out', () => {
    const stripped = withPassword.map(withoutPassword);
    assert.ok(!/pw.{1,3}1/.test(JSON.stringify(stripped)));
    for (const entry of stripped) assert.deepEqual(readProfiles([entry]).problems, []);
    assert.deepEqual(
      stripped.map((entry) => readProfiles([entry]).profiles[0]!.target),
      [
        { host: 'db1', port: 5432 },
        { host: 'h' },
        { host: 'h' },
        { host: 'db1', port: 5432, user: 'u', database: 'db' },
        { host: 'h', user: 'u', database: 'db' },
        { host: 'h' },
      ],
    );
  });
});
