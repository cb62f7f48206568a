import { slotsStatement } from '../../health/checks/slots';
import { outcomeResult } from '../outcome-result';
import type { RunbookTools } from '../registry';
import { ok, type StepResult, type StepRun } from '../runbook';
import { dropSlot } from './lag-actions';

/** Lets a person choose a slot without a consumer, shows what is lost, and drops it. */
export async function dropChosenSlot(
  run: StepRun,
  { gate, prompts }: Pick<RunbookTools, 'gate' | 'prompts'>,
): Promise<StepResult> {
  const slots = await run.session.read(slotsStatement(run.session.capabilities.major), run.signal);
  const idle = slots.filter(({ active }) => !active);
  if (idle.length === 0) return ok('Every slot has its consumer: there is none to drop.');
  const name = await prompts.pick(
    `Drop a Replication Slot of ${run.profile.name}`,
    idle.map((slot) => ({ label: slot.name, description: slot.logical ? 'logical' : 'physical', value: slot.name })),
    'Which slot? The next question shows what is lost',
  );
  if (name === undefined) return ok('Nothing was done.');
  const outcome = await gate.run(run.profile.id, dropSlot(name), run.signal);
  return outcomeResult(outcome, { role: run.session.capabilities.user });
}
