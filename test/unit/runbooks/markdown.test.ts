import assert from 'node:assert/strict';
import fc from 'fast-check';
import MarkdownIt from 'markdown-it';
import {
  escapeMarkdown,
  fenced,
  inlineCode,
  markdownTable,
  plainText,
  shorten,
} from '../../../src/core/runbooks/markdown';

/** As the notebooks of VS Code render. */
const renderer = new MarkdownIt({ html: true, linkify: true });

const hostile = [
  '<script>alert(1)</script>',
  '[x](command:y)',
  '![x](https://evil.example/p.png)',
  'https://evil.example',
  'www.evil.example',
  'SELECT o.id, o.to FROM orders o',
  'a@evil.com',
  '# heading',
  '1. one',
  '- item',
  '---',
  '```',
  '`',
  '| a | b |',
  '\\|',
  '\\',
  '**bold** _under_ __twice__ ~~no~~',
  '&lt; &#60; &copy;',
  '    four spaces',
  '<!-- comment',
  '$x$',
  ']]>',
  'line\n\n# two',
  '\u202Egnp.exe',
  '🐘',
];
const foreign = fc.oneof(
  fc.constantFrom(...hostile),
  fc.array(fc.constantFrom(...hostile), { minLength: 2, maxLength: 4 }).map((parts) => parts.join('')),
  fc.string({ unit: fc.constantFrom(...Array.from('\\`*_[]()<>&|!~$:.@#-+=1aé \n/')) }),
  fc.string({ unit: 'binary' }),
);
const seen = (text: string): string =>
  text
    .replace(/[\s\u0085]+/g, ' ')
    .replace(/[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '\ufffd')
    .trim();
const decode = (html: string): string =>
  html.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&');
/** What the renderer gives may only be the tags around the text. */
const textWithin = (html: string, begin: RegExp, end: RegExp): string => {
  const inner = html.trim().replace(begin, '').replace(end, '');
  assert.doesNotMatch(inner, /<(?!\/?code>)/, html);
  return decode(inner.replace(/<\/?code>/g, '')).trim();
};

describe('foreign text in Markdown', () => {
  for (const [name, write] of Object.entries({ escapeMarkdown, inlineCode })) {
    it(`${name}: is drawn as it is, alone in a paragraph`, () => {
      fc.assert(
        fc.property(foreign, (text) => {
          const html = renderer.render(write(text));
          assert.equal(textWithin(html, /^<p>/, /<\/p>$/), seen(text));
        }),
        { numRuns: 3000 },
      );
    });

    it(`${name}: is drawn as it is in the cell of a table`, () => {
      fc.assert(
        fc.property(foreign, (text) => {
          const html = renderer.render(markdownTable(['h', 'i'], [[write(text), 'last']]));
          const row = /<tbody>\s*<tr>\s*<td>([^]*)<\/td>\s*<td>last<\/td>\s*<\/tr>\s*<\/tbody>/.exec(html)?.[1];
          assert.ok(row !== undefined, html);
          assert.equal(textWithin(row, /^/, /$/), seen(text));
        }),
        { numRuns: 3000 },
      );
    });
  }

  it('stays readable as text where nothing is dangerous', () => {
    const query = "UPDATE shop.order_items SET total = total * 2 WHERE note <> 'x'";
    assert.equal(inlineCode(query), `\`${query}\``);
    assert.equal(escapeMarkdown('orders-api (10.0.0.1), 94 s'), 'orders-api (10.0.0.1), 94 s');
  });

  it('comes back as plain text', () => {
    fc.assert(fc.property(foreign, (text) => assert.equal(plainText(escapeMarkdown(text)), seen(text))));
    assert.equal(
      plainText(`**done** ${inlineCode('SELECT 1')}\n\n${fenced('SELECT 2', 'sql')}`),
      'done SELECT 1\n\nSELECT 2\n',
    );
  });

  it('is fenced by more backticks than it holds', () => {
    const html = renderer.render(fenced('a\n````\n<b>\n```', 'sql'));
    assert.equal(html.trim(), '<pre><code class="language-sql">a\n````\n&lt;b&gt;\n```\n</code></pre>');
  });

  it('is cut between code points', () => {
    assert.equal(shorten('🐘'.repeat(5), 5), '🐘'.repeat(5));
    assert.equal(shorten('🐘'.repeat(6), 5), `${'🐘'.repeat(4)}…`);
    assert.equal(shorten('x'.repeat(1_000_000), 120).length, 120);
  });
});
