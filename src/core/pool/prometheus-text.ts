/** One line of Prometheus' or OpenMetrics' text. */
export interface MetricSample {
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  /** May be NaN or infinite: the format allows both. */
  readonly value: number;
}

export interface ParsedText {
  readonly samples: readonly MetricSample[];
  /** Lines that are neither samples nor comments; a page that is something else has little but these. */
  readonly brokenLines: number;
}

const number = /^(?:[+-]?(?:\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?|[Ii]nf(?:inity)?)|NaN)$/;

/**
 * Reads Prometheus text 0.0.4 and OpenMetrics 1.0: escapes in labels, timestamps, exemplars and quoted names of UTF-8.
 * A line that cannot be read costs itself only. `wanted` keeps what the caller needs: a page has thousands of lines.
 */
export function parsePrometheusText(text: string, wanted: (name: string) => boolean): ParsedText {
  const samples: MetricSample[] = [];
  let brokenLines = 0;
  for (const raw of text.split('\n')) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    const sample = parseLine(line);
    if (!sample) brokenLines++;
    else if (wanted(sample.name)) samples.push(sample);
  }
  return { samples, brokenLines };
}

function parseLine(line: string): MetricSample | undefined {
  const bare = /^[a-zA-Z_:][a-zA-Z0-9_:.]*/.exec(line)?.[0] ?? '';
  const labels = new Map<string, string>();
  let name = bare;
  let rest = line.slice(bare.length).trimStart();
  if (rest.startsWith('{')) {
    const end = readLabels(rest, (label, value) => {
      if (label === undefined) name = value;
      else labels.set(label, value);
    });
    if (end === undefined) return undefined;
    rest = rest.slice(end);
  }
  const value = /^\s*(\S+)/.exec(rest)?.[1] ?? '';
  if (name === '' || !number.test(value)) return undefined;
  return { name, labels, value: toNumber(value) };
}

/** Calls `take` for each label; a quoted text alone is the metric's name. Returns the offset behind the brace. */
function readLabels(text: string, take: (label: string | undefined, value: string) => void): number | undefined {
  const part = /\s*(?:([a-zA-Z_][a-zA-Z0-9_]*|"(?:[^"\\]|\\.)*")\s*=\s*)?"((?:[^"\\]|\\.)*)"\s*(,|(?=\}))/y;
  let at = 1;
  for (;;) {
    const end = /\s*\}/y;
    end.lastIndex = at;
    if (end.test(text)) return end.lastIndex;
    part.lastIndex = at;
    const found = part.exec(text);
    if (!found) return undefined;
    const label = found[1];
    take(label?.startsWith('"') ? unescape(label.slice(1, -1)) : label, unescape(found[2] ?? ''));
    at = part.lastIndex;
  }
}

function unescape(text: string): string {
  return text.replace(/\\(.)/g, (_, letter: string) => (letter === 'n' ? '\n' : letter));
}

/** The format's spelling of numbers: `+Inf`, `-Inf` and `NaN` besides the usual ones. */
export function toNumber(text: string): number {
  if (/inf/i.test(text)) return text.startsWith('-') ? -Infinity : Infinity;
  return Number(text);
}
