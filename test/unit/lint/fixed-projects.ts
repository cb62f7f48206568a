import assert from 'node:assert/strict';
import { applyEdits } from '../../../src/core/lint/fix-edits';
import { fixesInWorkspace } from '../../../src/core/lint/fixes/fixes-in-workspace';
import { reasonMark, type ProjectFix } from '../../../src/core/lint/fixes/project-fix';
import { WorkspaceLinter, type WorkspaceLint } from '../../../src/core/lint/lint-workspace';
import type { Grammar } from '../../../src/core/sql/grammar';
import { MemoryFiles } from '../flyway/memory-files';

export const base = `CREATE TABLE customers (id bigint PRIMARY KEY, email text);
CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, status text);
CREATE INDEX orders_status ON orders (status);
CREATE TABLE events (id bigint, at date) PARTITION BY RANGE (at);
CREATE TABLE events_2025 PARTITION OF events FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
`;
export const baseUndo = 'DROP TABLE events_2025; DROP TABLE events; DROP TABLE orders; DROP TABLE customers;\n';

export type Texts = Record<string, string>;

/** Applies fixes to projects as the editor does, and lints them again. */
export class FixedProjects {
  constructor(private readonly grammar: Grammar) {}

  async lint(texts: Texts): Promise<{ linter: WorkspaceLinter; result: WorkspaceLint }> {
    const linter = new WorkspaceLinter(new MemoryFiles(texts), this.grammar);
    const options = {
      requireReason: true,
      severities: {},
      locations: [],
      environment: {},
      unsaved: new Map<string, string>(),
    };
    return { linter, result: await linter.lint('/p', options) };
  }

  async fixes(texts: Texts, rule: string): Promise<ProjectFix[]> {
    const { linter, result } = await this.lint(texts);
    const finding = result.findings.find((one) => one.rule === rule && !one.path.endsWith('1__base.sql'));
    assert.ok(finding, `${rule} among ${result.findings.map((one) => `${one.path} ${one.rule}`).join(', ')}`);
    return fixesInWorkspace(linter, result, finding, new MemoryFiles(texts), this.grammar);
  }

  apply(texts: Texts, fix: ProjectFix, reason = 'agreed with billing'): Texts {
    const after = { ...texts };
    const put = (text: string): string => text.replaceAll(reasonMark, reason);
    for (const path of new Set(fix.edits.map((edit) => edit.path)))
      after[path] = put(
        applyEdits(
          after[path] ?? '',
          fix.edits.filter((edit) => edit.path === path),
        ),
      );
    for (const { path, text } of fix.files) {
      assert.equal(after[path], undefined, `${path} is not overwritten`);
      after[path] = put(text);
    }
    for (const { from, to } of fix.renames) {
      after[to] = after[from] ?? '';
      Reflect.deleteProperty(after, from);
    }
    return after;
  }

  /** Applies the first fix of a rule: the finding is gone, and no other is new that is worse than information. */
  async fixed(texts: Texts, rule: string): Promise<Texts> {
    const [first] = await this.fixes(texts, rule);
    assert.ok(first, `a fix for ${rule}`);
    const after = this.apply(texts, first);
    const before = new Set((await this.lint(texts)).result.findings.map((one) => one.rule));
    const left = (await this.lint(after)).result.findings.filter((one) => !one.path.endsWith('1__base.sql'));
    const shown = left.map((one) => `${one.path} ${one.severity} ${one.rule}: ${one.message}`).join('\n');
    assert.ok(!left.some((one) => one.rule === rule), `gone\n${shown}`);
    const fresh = left.filter((one) => !before.has(one.rule) && ['error', 'warning'].includes(one.severity));
    assert.deepEqual(fresh, [], shown);
    return after;
  }

  project(files: Texts): Texts {
    const all: Texts = {
      '/p/flyway.toml': '[flyway]\nlocations = ["filesystem:sql"]\n',
      '/p/sql/V1__base.sql': base,
      '/p/sql/U1__base.sql': baseUndo,
    };
    for (const [name, text] of Object.entries(files)) all[`/p/sql/${name}`] = text;
    return all;
  }
}
