import type * as vscode from 'vscode';
import type { Credentials, CredentialSource } from '../../core/ports/http';

/** Credentials of metrics endpoints in VS Code's secret storage, by the id of the endpoint. */
export class SourceSecrets implements CredentialSource {
  constructor(private readonly secrets: vscode.SecretStorage) {}

  async credentials(endpointId: string): Promise<Credentials | undefined> {
    const stored = await this.secrets.get(keyOf(endpointId));
    return stored === undefined ? undefined : parse(stored);
  }

  async store(endpointId: string, credentials: Credentials): Promise<void> {
    await this.secrets.store(keyOf(endpointId), JSON.stringify(credentials));
  }

  async remove(endpointId: string): Promise<void> {
    await this.secrets.delete(keyOf(endpointId));
  }
}

function keyOf(endpointId: string): string {
  return `dbOps.credentials.${endpointId}`;
}

/** What another version stored may be something else. */
function parse(stored: string): Credentials | undefined {
  try {
    const value = JSON.parse(stored) as Readonly<Record<string, unknown>>;
    const { kind, user, password, token } = value;
    if (kind === 'basic' && typeof user === 'string' && typeof password === 'string') return { kind, user, password };
    return kind === 'bearer' && typeof token === 'string' ? { kind, token } : undefined;
  } catch {
    return undefined;
  }
}
