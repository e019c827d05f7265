import { PolicyError } from './policy-error.ts';
import { wildcard } from './wildcard.ts';

/** The condition keys of one call, by their names in lower case. A key that is not there has no value. */
export type RequestContext = Readonly<Record<string, string>>;

export type Condition = (context: RequestContext) => boolean;

/** What is known of each call here. Any other key would make a statement mean something else than on AWS. */
const KEYS: ReadonlySet<string> = new Set(['lambda:sourcefunctionarn', 'aws:securetransport']);

type Matches = (value: string) => boolean;

const OPERATORS: Readonly<Record<string, (wanted: string) => Matches>> = {
  StringEquals: (wanted) => (value) => value === wanted,
  StringLike: (wanted) => matchesPattern(wildcard(wanted)),
  ArnEquals: arnPattern,
  ArnLike: arnPattern,
  Bool: (wanted) => (value) => value.toLowerCase() === wanted.toLowerCase(),
};

const NEGATED: Readonly<Record<string, string>> = {
  StringNotEquals: 'StringEquals',
  StringNotLike: 'StringLike',
  ArnNotEquals: 'ArnEquals',
  ArnNotLike: 'ArnLike',
};

/**
 * The `Condition` of a statement: all of it has to hold.
 * @throws PolicyError for an operator or a key that is not known here: passing over it would allow or deny too much.
 */
export function compileConditions(block: Readonly<Record<string, Readonly<Record<string, unknown>>>>): Condition {
  const all = Object.entries(block).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, wanted]) => compile(operator, key, [wanted].flat().map(String))),
  );
  return (context) => all.every((condition) => condition(context));
}

function compile(operator: string, key: string, wanted: readonly string[]): Condition {
  const name = key.toLowerCase();
  if (!KEYS.has(name)) throw new PolicyError(`the condition key ${key} has no value in the local runtime`);
  const ifExists = operator.endsWith('IfExists');
  const base = ifExists ? operator.slice(0, -'IfExists'.length) : operator;
  const positive = OPERATORS[NEGATED[base] ?? base];
  if (positive === undefined) throw new PolicyError(`the condition operator ${operator} is not known here`);
  const negated = base in NEGATED;
  const matches = wanted.map(positive);
  return (context) => {
    const value = context[name];
    if (value === undefined) return ifExists || negated;
    return matches.some((match) => match(value)) !== negated;
  };
}

/** Part by part: a wildcard does not reach over a colon. */
function arnPattern(wanted: string): Matches {
  const patterns = partsOf(wanted).map((part) => wildcard(part));
  return (value) => {
    const parts = partsOf(value);
    return parts.length === patterns.length && patterns.every((pattern, index) => pattern.test(parts[index]!));
  };
}

/** `arn:partition:service:region:account:resource`, where the last part may hold colons of its own. */
function partsOf(arn: string): string[] {
  const parts = arn.split(':');
  return [...parts.slice(0, 5), parts.slice(5).join(':')];
}

function matchesPattern(pattern: RegExp): Matches {
  return (value) => pattern.test(value);
}
