import type { ChainLink } from '../../core/pooler/chain';
import type { TreeElement } from './element';
import type { Icon, ItemModel } from './item-model';
import { oneLine } from './plain-text';

export type ChainElement = Extract<TreeElement, { kind: 'chain' }>;

const icons: Readonly<Record<ChainLink['kind'], string>> = {
  application: 'server-process',
  pooler: 'arrow-swap',
  client: 'plug',
  server: 'link',
  backend: 'database',
  lost: 'question',
  blocker: 'lock',
};

/** One step of a path; the last one, which holds up the others, is marked. */
export function chainItem({ path, step }: ChainElement): ItemModel {
  const link = path.links[step];
  const text = path.texts[step];
  const label = oneLine(text?.label ?? '', 120);
  const description = oneLine(text?.description ?? '', 200);
  const id = link ? icons[link.kind] : 'question';
  const root = step === path.links.length - 1 && path.reason !== 'idle' && path.reason !== 'unknown';
  const icon: Icon = root ? { id, color: 'list.errorForeground' } : { id };
  const place = `step ${step + 1} of ${path.links.length}`;
  return { label, description, icon, accessibleLabel: `${place}, ${label}, ${description}`, contextValue: 'chain' };
}
