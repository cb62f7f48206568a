import type { SystemAccess } from '../../../src/core/ports/system-access';

export interface MachineFile {
  readonly content: string;
  /** Permission bits; 0600 when missing. */
  readonly mode?: number;
}

/** A machine that holds only these files and variables. */
export function machine(
  environment: Record<string, string> = {},
  files: Record<string, string | MachineFile> = {},
  extra: Partial<SystemAccess> = {},
): SystemAccess {
  const find = (file: string): MachineFile | undefined => {
    const found = files[file];
    return typeof found === 'string' ? { content: found } : found;
  };
  return {
    environment,
    homeDirectory: '/home/ann',
    userName: 'ann',
    windows: false,
    readText: (file) => Promise.resolve(find(file)?.content),
    permissions: (file) => {
      const found = find(file);
      return Promise.resolve(found && (found.mode ?? 0o600));
    },
    exists: (file) => Promise.resolve(file in files),
    ...extra,
  };
}
