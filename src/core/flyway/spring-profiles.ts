/** One document of a Spring configuration, flat. */
export type SpringDocument = ReadonlyMap<string, string>;

/**
 * The profiles that are on: `SPRING_PROFILES_ACTIVE`, else what the files themselves say, else the default one; with those
 * that they include and the members of their groups. Later ones outrank earlier ones.
 */
export function activeProfiles(
  documents: readonly SpringDocument[],
  environment: Readonly<Record<string, string | undefined>>,
): ReadonlySet<string> {
  const always = documents.filter((document) => conditionOf(document) === undefined);
  const last = (key: string): string | undefined =>
    always
      .map((document) => document.get(key))
      .filter((value) => value !== undefined)
      .at(-1);
  const value =
    environment['SPRING_PROFILES_ACTIVE'] ??
    last('spring.profiles.active') ??
    last('spring.profiles.default') ??
    'default';
  const active = new Set<string>();
  const add = (names: string): void => {
    for (const name of names
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '')) {
      if (active.has(name)) continue;
      active.add(name);
      add(last(`spring.profiles.group.${name}`) ?? '');
    }
  };
  add(last('spring.profiles.include') ?? '');
  // A build fills in `@name@` and `#name#`: what it fills in is not known here.
  add(/^[@#].*[@#]$/.test(value) ? 'default' : value);
  return active;
}

/** Whether a document counts: its profiles are a list, one of which must be on, each a name or an expression of them. */
export function applies(document: SpringDocument, active: ReadonlySet<string>): boolean {
  const condition = conditionOf(document);
  return condition === undefined || condition.split(',').some((expression) => evaluate(expression, active));
}

function conditionOf(document: SpringDocument): string | undefined {
  return document.get('spring.config.activate.on-profile') ?? document.get('spring.profiles');
}

/** `!a & (b | c)`; false for what is no expression. */
function evaluate(expression: string, active: ReadonlySet<string>): boolean {
  const tokens = expression.match(/[!&|()]|[^\s!&|()]+/g) ?? [];
  let at = 0;
  const either = (): boolean => {
    let value = both();
    while (tokens[at] === '|') {
      at++;
      // Both sides are read whatever the first one says.
      const right = both();
      value ||= right;
    }
    return value;
  };
  const both = (): boolean => {
    let value = one();
    while (tokens[at] === '&') {
      at++;
      const right = one();
      value &&= right;
    }
    return value;
  };
  const one = (): boolean => {
    const token = tokens[at++];
    if (token === '!') return !one();
    if (token !== '(') return token !== undefined && active.has(token);
    const value = either();
    at++;
    return value;
  };
  const value = either();
  return value && at >= tokens.length;
}
