import type * as vscode from 'vscode';

const key = 'disconnected';

/** Which connections a person has disconnected: they are not opened by themselves again. */
export class Disconnections {
  constructor(private readonly memento: vscode.Memento) {}

  has(connectionId: string): boolean {
    return this.all().includes(connectionId);
  }

  async set(connectionId: string, disconnected: boolean): Promise<void> {
    const others = this.all().filter((id) => id !== connectionId);
    await this.memento.update(key, disconnected ? [...others, connectionId] : others);
  }

  private all(): readonly string[] {
    return this.memento.get<readonly string[]>(key, []);
  }
}
