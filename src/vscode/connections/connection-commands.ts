import { randomUUID } from 'node:crypto';
import * as vscode from 'vscode';
import { formatTarget } from '../../core/connection/display';
import type { ConnectionMonitor } from '../../core/monitor/connection-monitor';
import type { Prompts } from '../../core/ports/prompts';
import { askNewDraft } from './ask-draft';
import type { Disconnections } from './disconnections';
import { draftOf, profileOf, type Draft } from './draft';
import { editDraft } from './edit-draft';
import type { SecretPasswords } from './secret-passwords';
import type { SettingsProfiles } from './settings-profiles';
import { testDraft, type OpenerFor } from './test-connection';

/** What the commands on connections need. */
export interface ConnectionCommandsContext {
  readonly profiles: SettingsProfiles;
  readonly passwords: SecretPasswords;
  readonly monitor: ConnectionMonitor;
  readonly disconnections: Disconnections;
  readonly prompts: Prompts;
  readonly openerFor: OpenerFor;
  /** The services of this machine's service files. */
  readonly services: () => Promise<readonly string[]>;
}

/** The commands that change or connect the saved connections. */
export class ConnectionCommands {
  constructor(private readonly context: ConnectionCommandsContext) {}

  async add(): Promise<void> {
    const { prompts, profiles, services } = this.context;
    const draft = await askNewDraft(prompts, randomUUID(), this.names(), await services());
    if (draft)
      await this.finish(
        draft,
        profiles.list().map((profile) => profile.name),
      );
  }

  async edit(argument: unknown): Promise<void> {
    const profile = await this.choose(argument, vscode.l10n.t('Edit Connection'));
    if (!profile) return;
    const draft = await editDraft(this.context.prompts, draftOf(profile), this.names());
    if (draft) await this.finish(draft, this.names());
  }

  async remove(argument: unknown): Promise<void> {
    const profile = await this.choose(argument, vscode.l10n.t('Remove Connection'));
    if (!profile) return;
    const { prompts, profiles, passwords, monitor, disconnections } = this.context;
    const confirmed = await prompts.confirm({
      title: vscode.l10n.t('Remove the connection {0}?', profile.name),
      detail: vscode.l10n.t(
        '{0}. Its stored password is deleted too. The server is not touched.',
        formatTarget(profile.target),
      ),
      action: vscode.l10n.t('Remove'),
    });
    if (!confirmed) return;
    await monitor.disconnect(profile.id);
    await profiles.remove(profile.id);
    await passwords.remove(profile.id);
    await disconnections.set(profile.id, false);
  }

  async connect(argument: unknown): Promise<void> {
    const profile = await this.choose(argument, vscode.l10n.t('Connect'));
    if (!profile) return;
    await this.context.disconnections.set(profile.id, false);
    await this.context.monitor.connect(profile.id);
  }

  async disconnect(argument: unknown): Promise<void> {
    const profile = await this.choose(argument, vscode.l10n.t('Disconnect'));
    if (!profile) return;
    await this.context.disconnections.set(profile.id, true);
    await this.context.monitor.disconnect(profile.id);
  }

  async refresh(): Promise<void> {
    await this.context.monitor.refresh();
  }

  /** Says what is wrong in the setting, and offers to move a password out of it. */
  async reportProblems(): Promise<void> {
    const { profiles, passwords, prompts } = this.context;
    for (const problem of profiles.problems) {
      const name =
        problem.name ?? (problem.index >= 0 ? vscode.l10n.t('entry {0}', problem.index + 1) : 'dbOps.connections');
      const move = vscode.l10n.t('Move to Secret Storage');
      const open = vscode.l10n.t('Open Settings');
      const { id, password } = problem;
      const movable = id !== undefined && password !== undefined;
      const pressed = await prompts.notify(
        'warning',
        vscode.l10n.t('Connection {0}: {1}', name, problem.message),
        ...(movable ? [move, open] : [open]),
      );
      if (pressed === move && movable) {
        await passwords.store(id, password);
        await profiles.stripPassword(id);
      } else if (pressed === open) await vscode.commands.executeCommand('workbench.action.openSettingsJson');
    }
  }

  private names(): string[] {
    return this.context.profiles.list().map((profile) => profile.name);
  }

  /** Tests and saves; goes back to the fields as often as the person wants. */
  private async finish(first: Draft, taken: readonly string[]): Promise<void> {
    const { prompts, openerFor, passwords, profiles, monitor, disconnections } = this.context;
    let draft = first;
    for (;;) {
      const verdict = await testDraft(prompts, openerFor, passwords, draft);
      if (verdict === 'give up') return;
      if (verdict === 'save') break;
      const edited = await editDraft(prompts, draft, taken);
      if (!edited) return;
      draft = edited;
    }
    if (draft.password === '') await passwords.remove(draft.id);
    else if (draft.password !== undefined) await passwords.store(draft.id, draft.password);
    await profiles.save(profileOf(draft));
    await disconnections.set(draft.id, false);
    await monitor.reconnect(draft.id);
  }

  private async choose(argument: unknown, title: string): Promise<ReturnType<SettingsProfiles['find']>> {
    const { profiles, prompts } = this.context;
    const id = connectionIdOf(argument);
    if (id !== undefined) return profiles.find(id);
    const list = profiles.list();
    return prompts.pick(
      title,
      list.map((profile) => ({ label: profile.name, description: formatTarget(profile.target), value: profile })),
    );
  }
}

/** The connection of a tree element that a command was called on. */
export function connectionIdOf(argument: unknown): string | undefined {
  if (typeof argument !== 'object' || argument === null || !('connectionId' in argument)) return undefined;
  return typeof argument.connectionId === 'string' ? argument.connectionId : undefined;
}
