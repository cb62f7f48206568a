/** One open notebook, as what its cells tell each other is kept under it. */
export class Memory {
  readonly reason = 'memory';
}

/** Something that one cell leaves for the others of the same notebook; it is gone when the notebook is closed. */
export class Kept<T> {
  private readonly values = new WeakMap<Memory, T>();

  get(memory: Memory): T | undefined {
    return this.values.get(memory);
  }

  set(memory: Memory, value: T): T {
    this.values.set(memory, value);
    return value;
  }
}
