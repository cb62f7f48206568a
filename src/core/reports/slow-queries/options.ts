import type { ReportOption } from '../document';
import type { ChosenOptions } from '../report';
import { rankings, type Ranking } from './statements';

const rankingLabels: Readonly<Record<Ranking, string>> = {
  total: 'total time',
  mean: 'mean time',
  max: 'longest call',
  calls: 'calls',
};

/** How many statements; the extension keeps 5,000 by default. */
const limits = [50, 200, 1000, 5000] as const;

export interface SlowQueryOptions {
  readonly ranking: Ranking;
  readonly limit: number;
}

/** Anything unknown is the default: total time, 50. */
export function readOptions(chosen: ChosenOptions): SlowQueryOptions {
  return {
    ranking: rankings.find((ranking) => ranking === chosen['ranking']) ?? 'total',
    limit: limits.find((limit) => String(limit) === chosen['limit']) ?? 50,
  };
}

export function describeOptions({ ranking, limit }: SlowQueryOptions): ReportOption[] {
  return [
    {
      id: 'limit',
      label: 'Top',
      value: String(limit),
      choices: limits.map((choice) => ({ value: String(choice), label: choice.toLocaleString('en-US') })),
    },
    {
      id: 'ranking',
      label: 'by',
      value: ranking,
      choices: rankings.map((choice) => ({ value: choice, label: rankingLabels[choice] })),
    },
  ];
}

export function captionOf({ ranking }: SlowQueryOptions, count: number): string {
  const shown = count === 1 ? 'statement' : `${count.toLocaleString('en-US')} statements`;
  return `The ${shown} with the highest ${rankingLabels[ranking]}`;
}
