import { randomUUID } from 'node:crypto';
import * as vscode from 'vscode';
import { formatTarget } from '../../core/connection/display';
import type { ConnectionProfile } from '../../core/connection/profile';
import type { ConnectionMonitor } from '../../core/monitor/connection-monitor';
import type { Prompts } from '../../core/ports/prompts';
import { askNewConnection } from './add-steps';
import type { Disconnections } from './disconnections';
import { draftOf, emptyDraft, profileOf, type Draft } from './draft';
import { editDraft } from './edit-draft';
import { pickConnection } from './pick-connection';
import { passwordQuestion } from './questions';
import type { SecretPasswords } from './secret-passwords';
import type { SettingsProfiles } from './settings-profiles';
import type { StepPrompts } from './step-prompts';
import { testDraft, type OpenerFor } from './test-connection';

/** What the commands on connections need. */
export interface ConnectionCommandsContext {
  readonly profiles: SettingsProfiles;
  readonly passwords: SecretPasswords;
  readonly monitor: ConnectionMonitor;
  readonly disconnections: Disconnections;
  readonly prompts: Prompts;
  readonly steps: StepPrompts;
  readonly openerFor: OpenerFor;
  /** The services of this machine's service files. */
  readonly services: () => Promise<readonly string[]>;
}

/** The commands that change or connect the saved connections. */
export class ConnectionCommands {
  constructor(private readonly context: ConnectionCommandsContext) {}

  async add(): Promise<void> {
    const { steps, services } = this.context;
    const draft = await askNewConnection(steps, emptyDraft(randomUUID()), this.namesBeside(), await services());
    if (draft) await this.testAndSave(draft);
  }

  async edit(argument: unknown): Promise<void> {
    const profile = await this.choose(argument, vscode.l10n.t('Edit Connection'));
    const draft = profile && (await this.editFields(draftOf(profile)));
    if (draft) await this.testAndSave(draft);
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

  /** Connects; where it fails for the password alone, asks for it. */
  async connect(argument: unknown): Promise<void> {
    const profile = await this.choose(argument, vscode.l10n.t('Connect'));
    if (!profile) return;
    const { disconnections, monitor, passwords, prompts } = this.context;
    const { id } = profile;
    await disconnections.set(id, false);
    await monitor.connect(id);
    for (;;) {
      const { failure, statusReason, status } = monitor.snapshot(id);
      if (status !== 'unreachable' || (failure !== 'password-missing' && failure !== 'password-wrong')) return;
      const enter = vscode.l10n.t('Enter Password…');
      if ((await prompts.notify('error', `${profile.name}: ${statusReason}`, enter)) !== enter) return;
      const password = await prompts.input(passwordQuestion(profile.name));
      if (password === undefined || password === '') return;
      await passwords.store(id, password);
      await monitor.reconnect(id);
    }
  }

  async disconnect(argument: unknown): Promise<void> {
    const profile = await this.choose(argument, vscode.l10n.t('Disconnect'));
    if (!profile) return;
    await this.context.disconnections.set(profile.id, true);
    await this.context.monitor.disconnect(profile.id);
  }

  /** Tests and saves; goes back to the fields as often as the person wants. */
  private async testAndSave(first: Draft): Promise<void> {
    const { prompts, openerFor, passwords } = this.context;
    let draft: Draft | undefined = first;
    while (draft) {
      if ((await testDraft(prompts, openerFor, passwords, draft)) === 'save') return this.save(draft);
      draft = await this.editFields(draft);
    }
  }

  private async save(draft: Draft): Promise<void> {
    const { passwords, profiles, monitor, disconnections } = this.context;
    const known = profiles.find(draft.id) !== undefined;
    if (draft.password === '') await passwords.remove(draft.id);
    else if (draft.password !== undefined) await passwords.store(draft.id, draft.password);
    await disconnections.set(draft.id, false);
    await profiles.save(profileOf(draft));
    // A changed target is followed by the monitor itself; of a password it cannot know.
    if (known && draft.password !== undefined) await monitor.reconnect(draft.id);
    else await monitor.connect(draft.id);
  }

  private async editFields(draft: Draft): Promise<Draft | undefined> {
    const { prompts, passwords } = this.context;
    const stored = (await passwords.password(draft.id)) !== undefined;
    return editDraft(prompts, draft, this.namesBeside(draft.id), stored);
  }

  /** The names that are taken by other connections. */
  private namesBeside(id?: string): string[] {
    const others = this.context.profiles.list().filter((profile) => profile.id !== id);
    return others.map((profile) => profile.name);
  }

  private choose(argument: unknown, title: string): Promise<ConnectionProfile | undefined> {
    return pickConnection(this.context.profiles, this.context.prompts, argument, title);
  }
}
