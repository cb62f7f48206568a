import type { Issue, ScriptRule } from '../../rule';

export const rowSecurityWithoutPolicy: ScriptRule = {
  id: 'safety/row-security-without-policy',
  title: 'Row level security without a policy hides every row',
  inUndo: true,
  begin(script) {
    const enabled: { readonly table: string; readonly start: number; readonly end: number }[] = [];
    return {
      on: ['AT_EnableRowSecurity'],
      statement(context) {
        const table = context.keyIn();
        if (table !== undefined)
          for (const { start, end } of context.commands('AT_EnableRowSecurity')) enabled.push({ table, start, end });
        return [];
      },
      *end(): Generator<Issue> {
        for (const { table, start, end } of enabled) {
          const relation = script.schema.relation(table);
          if (!relation || relation.policies.length > 0 || !relation.rowSecurity) continue;
          yield {
            start,
            end,
            message: `No script makes a policy on ${table}: from here on everybody but its owner and superusers sees no row of it. Create the policies in the same script, before this.`,
          };
        }
      },
    };
  },
};
