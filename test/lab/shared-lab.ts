import { startLab, type Lab, type LabOptions } from './lab';

/**
 * Labs shared by the test files of one mocha process, by their options. A test file takes one in its `before`:
 *
 *     let lab: Lab;
 *     before(async () => { lab = await sharedLab({ major: 18, standbys: 1 }); });
 *
 * The first call starts it, the last test of the process ends it (`mochaHooks` below: mocha loads this file with
 * `--require`, see .mocharc.json). A test that kills the primary or changes roles takes one of its own with `startLab`.
 */
export async function sharedLab(options: LabOptions = {}): Promise<Lab> {
  const key = JSON.stringify(options);
  let lab = labs.get(key);
  if (!lab) {
    lab = startLab(options);
    labs.set(key, lab);
  }
  return lab;
}

const labs = new Map<string, Promise<Lab>>();

/** The majors the database suite runs on: `DBOPS_MAJORS=13,14` or the oldest and the newest. */
export const testedMajors: readonly number[] = (process.env['DBOPS_MAJORS'] ?? '13,18').split(',').map(Number);

export async function stopSharedLabs(): Promise<void> {
  const all = [...labs.values()];
  labs.clear();
  await Promise.all(all.map(async (lab) => (await lab).stop()));
}

export const mochaHooks = {
  async afterAll(): Promise<void> {
    await stopSharedLabs();
  },
};
