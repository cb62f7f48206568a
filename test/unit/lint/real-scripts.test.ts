import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { LineColumns } from '../../../src/core/lint/line-columns';
import { loadGrammar } from '../../../src/core/sql/grammar';
import { projectRoot } from '../../lab/project-root';
import { lintTexts } from './memory-project';

const folder = path.join(projectRoot, 'test/fixtures/lint');

/**
 * Projects as they are written, each finding on them read and judged by a person (findings.txt). To change a rule is to read
 * them again.
 */
describe('scripts as they are written', () => {
  for (const project of ['shop', 'clinic', 'ledger', 'booking']) {
    it(project, async () => {
      const names = readdirSync(path.join(folder, project)).filter((name) => name.endsWith('.sql'));
      const texts = Object.fromEntries(
        names.map((name) => [name, readFileSync(path.join(folder, project, name), 'utf8')]),
      );
      const found = lintTexts(texts, await loadGrammar())
        // Only one of them has undo scripts.
        .filter(({ rule }) => project === 'booking' || !rule.startsWith('rollback/'))
        .map(({ path: name, rule, severity, start, end }) => {
          const text = texts[name] ?? '';
          const covered = text.slice(start, end).replace(/\s+/g, ' ');
          return `${name}:${new LineColumns(text).at(start).line} ${severity} ${rule} | ${covered}`;
        });
      assert.deepEqual(
        found.filter((line) => line.includes('flyway/syntax-error')),
        [],
        'every script is valid PostgreSQL',
      );
      const expected = readFileSync(path.join(folder, project, 'findings.txt'), 'utf8')
        .split('\n')
        .filter(Boolean);
      assert.deepEqual(found, expected);
    });
  }
});
