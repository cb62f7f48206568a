import * as vscode from 'vscode';
import { commands } from '../../contributions';
import type { ConnectionMonitor } from '../../core/monitor/connection-monitor';
import { observedOutcomes } from '../../core/monitor/observed-outcomes';
import type { Choice, Prompts } from '../../core/ports/prompts';
import { findRunbook, runbookTitle } from '../../core/runbooks/registry';
import { whatNow, type Urgent } from '../../core/runbooks/what-now';
import { pickConnection } from '../connections/pick-connection';

/** Reads all signals of a connection and offers the immediate actions, worst first, each with its runbook. */
export async function showWhatNow(monitor: ConnectionMonitor, prompts: Prompts, argument: unknown): Promise<void> {
  const title = vscode.l10n.t('What Now?');
  const profile = await pickConnection(monitor.profiles, prompts, argument, title);
  if (!profile) return;
  await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Window, title: vscode.l10n.t('Reading all signals of {0}…', profile.name) },
    async () => {
      // What cannot be reached is told by its snapshot.
      await monitor.connect(profile.id).catch(() => undefined);
      await monitor.refresh(profile.id).catch(() => undefined);
    },
  );
  const { urgent, unknown } = whatNow(
    observedOutcomes(monitor.snapshot(profile.id), Date.now(), monitor.thresholds(profile.id)),
  );
  const notKnown =
    unknown.length === 0
      ? ''
      : vscode.l10n.t('{0} signals are not known now: {1}.', unknown.length, unknown.slice(0, 5).join(', '));
  if (urgent.length === 0) {
    const words =
      notKnown === ''
        ? vscode.l10n.t('{0}: no signal calls for an action now.', profile.name)
        : vscode.l10n.t('{0}: nothing that is known calls for an action. {1}', profile.name, notKnown);
    await prompts.notify(notKnown === '' ? 'info' : 'warning', words);
    return;
  }
  const chosen = await prompts.pick(
    vscode.l10n.t('What Now on {0}', profile.name),
    urgent.map(choiceOf),
    notKnown === '' ? vscode.l10n.t('The worst first. Choose one to open its runbook') : notKnown,
  );
  if (!chosen) return;
  const { runbook, subject } = chosen;
  await vscode.commands.executeCommand(commands.openRunbook, { connectionId: profile.id, runbook, subject });
}

/** Names of a database are to be read as they are: a quick pick draws `$(name)` as an icon. */
function choiceOf(urgent: Urgent): Choice<Urgent> {
  const icon = urgent.severity === 'critical' ? '$(error)' : '$(warning)';
  const level = urgent.severity === 'critical' ? vscode.l10n.t('critical') : vscode.l10n.t('warning');
  const book = findRunbook(urgent.runbook)
    ? vscode.l10n.t('{0} · runbook {1}', level, runbookTitle(urgent.runbook))
    : level;
  return {
    label: `${icon} ${urgent.words.replaceAll('$(', '$\u200b(')}`,
    description: book,
    detail: urgent.action,
    value: urgent,
  };
}
