import { plainEnd } from '../../../flyway/flyway-statements';
import type { SqlToken } from '../../../sql/lexer';
import type { LintScript } from '../../lint-script';
import type { Issue } from '../../rule';

/**
 * `flyway/splitter-difference`: where Flyway's splitter ends a statement elsewhere than PostgreSQL does, so that the script
 * fails only when it is deployed. Measured with the real one (test/fixtures/flyway/flyway-split-vectors-output.txt).
 */
export function splitterDifferences(script: LintScript): Issue[] {
  const { sql } = script;
  const { statements, foreign } = script.statements;
  const issues: Issue[] = [];
  for (const { tokens } of statements) for (const token of tokens) issues.push(...ofToken(sql, token));
  for (const { kind, start, end } of foreign) {
    if (kind === 'psql') {
      const to = start + sql.slice(start, end).trimEnd().length;
      issues.push({
        start,
        end: to,
        message:
          'This is a command of psql: Flyway sends it to the server with the statement behind it, which is a syntax error. Take it out.',
      });
    } else if (!/(^|[\r\n])\\\.[ \t]*\r?$/.test(sql.slice(start, end)))
      issues.push({
        start,
        end: Math.min(end, start + 1),
        message:
          'The data of COPY … FROM STDIN never ends: what follows is data to Flyway too. Write a line with \\. behind the last row.',
      });
  }
  return issues;
}

function ofToken(sql: string, token: SqlToken): Issue[] {
  const { kind, start, end } = token;
  if (kind === 'string' && sql.charAt(start) === 'e' && plainEnd(sql, start + 1) !== end)
    return [
      {
        start,
        end,
        message:
          "Flyway knows E'…' in upper case only: for it this string ends at \\', and a semicolon behind that ends the statement. Write E'…'.",
      },
    ];
  const dollar = kind === 'parameter' || (kind === 'symbol' && sql.charAt(start) === '$');
  return dollar
    ? [
        {
          start,
          end,
          message:
            'Flyway takes every $ outside of a string or a name for the beginning of a dollar quote: the statements behind it are one with this. Put the statement into a DO block, or write EXECUTE … USING without $.',
        },
      ]
    : [];
}
