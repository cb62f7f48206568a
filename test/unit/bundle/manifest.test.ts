import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as contributions from '../../../src/contributions';
import { runbookEntries } from '../../../src/core/runbooks/registry';
import { rules, severities } from '../../../src/core/lint/finding';
import { projectRoot } from '../../lab/project-root';

interface Manifest {
  readonly engines: { readonly vscode: string };
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly contributes: {
    readonly commands: readonly { readonly command: string; readonly title: string }[];
    readonly views: Readonly<Record<string, readonly { readonly id: string }[]>>;
    readonly viewsWelcome: readonly { readonly view: string }[];
    readonly menus: Readonly<
      Record<string, readonly { readonly command?: string; readonly submenu?: string; readonly when?: string }[]>
    >;
    readonly submenus: readonly { readonly id: string }[];
    readonly notebooks: readonly { readonly type: string }[];
    readonly configuration: { readonly properties: Readonly<Record<string, unknown>> };
  };
}

const read = (name: string): string => readFileSync(path.join(projectRoot, name), 'utf8');
const manifest = JSON.parse(read('package.json')) as Manifest;
const messages = JSON.parse(read('package.nls.json')) as Record<string, string>;

describe('package.json', () => {
  const declared = manifest.contributes.commands.map(({ command }) => command);

  it('declares the commands of src/contributions.ts and no other', () => {
    const ofRunbooks = runbookEntries.map(({ id }) => `${contributions.commands.openRunbook}.${id}`);
    assert.deepEqual(declared.toSorted(), [...Object.values<string>(contributions.commands), ...ofRunbooks].toSorted());
  });

  it('offers the runbook of a finding exactly where there is one, and every runbook in the palette and on a connection', () => {
    const { menus, submenus } = manifest.contributes;
    const ids = runbookEntries.map(({ id }) => id).toSorted();
    const offered = (menus['view/item/context'] ?? []).filter(
      ({ command }) => command === contributions.commands.openRunbook,
    );
    assert.ok(offered.length > 0);
    for (const { when = '' } of offered) {
      const listed = /viewItem =~ \/\^finding\\\.\((.*)\)\$\//.exec(when)?.[1]?.split('|') ?? [];
      assert.deepEqual(listed.toSorted(), ids);
    }
    const prefix = `${contributions.commands.openRunbook}.`;
    const inMenu = (name: string): string[] =>
      (menus[name] ?? []).flatMap(({ command = '' }) =>
        command.startsWith(prefix) ? [command.slice(prefix.length)] : [],
      );
    assert.deepEqual(inMenu('dbOps.runbooks').toSorted(), ids);
    assert.deepEqual(inMenu('commandPalette').toSorted(), ids);
    assert.deepEqual(
      submenus.map(({ id }) => id),
      ['dbOps.runbooks'],
    );
  });

  it('declares the views and the notebook of src/contributions.ts and no other', () => {
    const views = Object.values(manifest.contributes.views).flatMap((list) => list.map(({ id }) => id));
    assert.deepEqual(views.toSorted(), Object.values<string>(contributions.views).toSorted());
    assert.ok(manifest.contributes.viewsWelcome.every(({ view }) => views.includes(view)));
    assert.deepEqual(
      manifest.contributes.notebooks.map(({ type }) => type),
      [contributions.notebookType],
    );
  });

  it('declares the settings of src/contributions.ts and no other', () => {
    const { section, ...keys } = contributions.settings;
    assert.deepEqual(
      Object.keys(manifest.contributes.configuration.properties).toSorted(),
      Object.values(keys)
        .map((key) => `${section}.${key}`)
        .toSorted(),
    );
  });

  it('puts only its own commands into menus', () => {
    const used = Object.values(manifest.contributes.menus).flatMap((items) => items.map(({ command }) => command));
    assert.deepEqual(
      used.filter((command) => command !== undefined && !declared.includes(command)),
      [],
    );
  });

  it('uses in its conditions only the kinds of items and the context keys there are', () => {
    const conditions = Object.values(manifest.contributes.menus).flatMap((items) =>
      items.map(({ when }) => when ?? ''),
    );
    const kinds = conditions.flatMap((when) => [...when.matchAll(/viewItem == (\S+)/g)].map((match) => match[1] ?? ''));
    const keys = conditions.flatMap((when) => [...when.matchAll(/\bdbOps\.has\w+/g)].map((match) => match[0]));
    assert.ok(kinds.length > 0 && keys.length > 0);
    const known: readonly string[] = [
      ...Object.values(contributions.itemKinds),
      ...Object.values(contributions.contextKeys),
    ];
    assert.deepEqual(
      [...kinds, ...keys].filter((name) => !known.includes(name)),
      [],
    );
  });

  it('takes every text from package.nls.json, which has no other', () => {
    const used = [...read('package.json').matchAll(/"%([^%"]+)%"/g)].map((match) => match[1] ?? '');
    assert.deepEqual([...new Set(used)].toSorted(), Object.keys(messages).toSorted());
    assert.deepEqual(
      Object.entries(messages).filter(([, text]) => text.trim() === ''),
      [],
    );
  });

  it('is compiled against the oldest VS Code it declares', () => {
    assert.equal(`^${manifest.devDependencies['@types/vscode'] ?? ''}`, manifest.engines.vscode);
  });

  it('offers every rule of the engine with its severity in dbOps.lint.rules, and no other', () => {
    const setting = manifest.contributes.configuration.properties['dbOps.lint.rules'] as {
      readonly properties: Readonly<Record<string, { readonly enum: readonly string[]; readonly default: string }>>;
      readonly additionalProperties: unknown;
    };
    const defaults = Object.entries(setting.properties).map(([id, schema]) => [id, schema.default]);
    assert.deepEqual(Object.fromEntries(defaults), { ...rules });
    for (const [id, schema] of Object.entries(setting.properties))
      assert.deepEqual([...schema.enum].sort(), [...severities, 'off'].sort(), id);
    assert.equal(setting.additionalProperties, false);
  });
});
