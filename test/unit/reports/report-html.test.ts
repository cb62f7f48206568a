import assert from 'node:assert/strict';
import fc from 'fast-check';
import { reportHtml } from '../../../src/vscode/reports/report-html';

describe('the page of a report', () => {
  it('allows nothing but its own script', () => {
    const page = reportHtml({
      origin: { report: 'bloat', connectionId: 'a', options: {} },
      title: 'Bloat',
      script: 'https://x/report.js',
      nonce: 'abc',
    });
    assert.match(page, /default-src 'none'; script-src 'nonce-abc'; style-src 'nonce-abc'/);
    assert.equal(page.match(/<script/g)?.length, 1);
  });

  it('has no markup of a name or of a stored state in it', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (title, value) => {
        const empty = { title: '', script: 's', nonce: 'n' };
        const origin = { report: 'bloat', connectionId: '', options: {} } as const;
        const plain = reportHtml({ ...empty, origin });
        const page = reportHtml({ ...empty, title, origin: { ...origin, options: { x: value } } });
        const marks = (text: string): string => text.replace(/[^<>"']/g, '');
        assert.equal(marks(page), marks(plain));
      }),
      { examples: [['</title><script>', '"><img src=x onerror=alert(1)>']] },
    );
  });
});
