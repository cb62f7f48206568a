/** One answer of `/actuator/metrics/<name>`. */
export interface ActuatorMetric {
  /** By statistic: VALUE, COUNT, TOTAL_TIME, MAX. NaN where the server says so. */
  readonly measurements: ReadonlyMap<string, number>;
  readonly baseUnit: string | undefined;
  /** The values of each tag that is left. */
  readonly tags: ReadonlyMap<string, readonly string[]>;
}

/** Reads an answer that claims to be a metric; undefined when it is something else. */
export function parseActuatorMetric(json: unknown): ActuatorMetric | undefined {
  if (!isRecord(json) || !Array.isArray(json['measurements'])) return undefined;
  const measurements = new Map<string, number>();
  for (const item of json['measurements'] as unknown[]) {
    if (!isRecord(item) || typeof item['statistic'] !== 'string') continue;
    const { value } = item;
    // JSON has no NaN: Jackson writes it as text.
    measurements.set(item['statistic'].toUpperCase(), typeof value === 'number' ? value : NaN);
  }
  const tags = new Map<string, readonly string[]>();
  for (const item of Array.isArray(json['availableTags']) ? (json['availableTags'] as unknown[]) : []) {
    if (!isRecord(item) || typeof item['tag'] !== 'string' || !Array.isArray(item['values'])) continue;
    tags.set(
      item['tag'],
      (item['values'] as unknown[]).filter((value) => typeof value === 'string'),
    );
  }
  const unit = json['baseUnit'];
  return { measurements, tags, baseUnit: typeof unit === 'string' ? unit : undefined };
}

/** A JSON object, or undefined. */
export function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
