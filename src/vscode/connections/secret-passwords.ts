import type * as vscode from 'vscode';
import type { PasswordSource } from '../../core/ports/passwords';

/** Passwords in VS Code's secret storage, by the id of the connection. */
export class SecretPasswords implements PasswordSource {
  constructor(private readonly secrets: vscode.SecretStorage) {}

  async password(connectionId: string): Promise<string | undefined> {
    return this.secrets.get(keyOf(connectionId));
  }

  async store(connectionId: string, password: string): Promise<void> {
    await this.secrets.store(keyOf(connectionId), password);
  }

  async remove(connectionId: string): Promise<void> {
    await this.secrets.delete(keyOf(connectionId));
  }
}

function keyOf(connectionId: string): string {
  return `dbOps.password.${connectionId}`;
}
