import type { TreeNode } from '../../sql/grammar';
import { nodeOf, textOf } from '../tree';
import { canonical } from './canonical';

/** Options that say what holds without them, as canonical texts. */
const sequenceDefaults: Readonly<Record<string, string>> = {
  increment: '{"Integer":{"ival":1}}',
  cache: '{"Integer":{"ival":1}}',
  cycle: '{"Boolean":{"boolval":false}}',
  as: '{"names":[{"String":{"sval":"int8"}}],"typemod":-1}',
};

/** The options of a sequence as properties; what is the default is empty. OWNED BY and RESTART are none of them. */
export function sequenceFacets(options: readonly TreeNode[]): Map<string, string> {
  const facets = new Map<string, string>();
  for (const option of options) {
    const name = textOf(option, 'defname') ?? '';
    if (name === 'owned_by' || name === 'restart') continue;
    const value =
      option['arg'] === undefined ? '' : canonical(nodeOf(nodeOf(option, 'arg'), 'TypeName') ?? option['arg']);
    const isFirst = name === 'start' && value === '{"Integer":{"ival":1}}';
    facets.set(`option ${name}`, value === sequenceDefaults[name] || isFirst ? '' : value);
  }
  return facets;
}

const routineDefaults: Readonly<Record<string, string>> = {
  volatility: 'volatile',
  parallel: 'unsafe',
};

/** The options of a function as properties, its language and its body left out; what is the default is empty. */
export function routineFacets(options: readonly TreeNode[]): Map<string, string> {
  const facets = new Map<string, string>();
  for (const option of options) {
    const name = textOf(option, 'defname') ?? '';
    if (name === 'as' || name === 'language') continue;
    const setting = nodeOf(nodeOf(option, 'arg'), 'VariableSetStmt');
    if (setting) {
      const reset = (textOf(setting, 'kind') ?? '').startsWith('VAR_RESET');
      facets.set(`option set ${textOf(setting, 'name') ?? ''}`.trim(), reset ? '' : canonical(setting['args'] ?? ''));
      continue;
    }
    const text = textOf(nodeOf(nodeOf(option, 'arg'), 'String'), 'sval');
    const value = canonical(option['arg'] ?? '');
    const isDefault =
      (text !== undefined && text === routineDefaults[name]) || value === '{"Boolean":{"boolval":false}}';
    facets.set(`option ${name}`, isDefault ? '' : value);
  }
  return facets;
}
