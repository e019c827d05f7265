import { CATALOGUE } from './catalogue.ts';
import { FAULT_KINDS, FAULT_SERVICES, type Fault, FaultError, type FaultKind, type FaultService } from './fault.ts';

/** The longest wait of a timer in Node, about 24 days. */
const MAX_TIMER_MS = 2 ** 31 - 1;

const NAMES: readonly string[] = [
  'service',
  'kind',
  'code',
  'ms',
  'operation',
  'function',
  'rate',
  'times',
  'seconds',
] satisfies (keyof Fault)[];

/**
 * @param input of a person, or of a test that was written in a hurry
 * @returns the same with its names as the service writes them
 * @throws FaultError
 */
export function checkFault(input: unknown, functions: readonly string[]): Fault {
  if (typeof input !== 'object' || input === null) throw new FaultError('A fault has a service and a kind.');
  const given = input as Readonly<Record<string, unknown>>;
  const unknown = Object.keys(given).find((name) => !NAMES.includes(name));
  if (unknown !== undefined) throw new FaultError(`A fault has no "${unknown}"; it has ${NAMES.join(', ')}.`);
  const service = oneOf('service', given.service, FAULT_SERVICES);
  const kind = oneOf('kind', given.kind, FAULT_KINDS);
  const optional: Partial<Record<keyof Fault, unknown>> = {
    code: codeOf(service, kind, given.code),
    ms: msOf(kind, given.ms),
    operation: operationOf(service, given.operation),
    function: given.function === undefined ? undefined : oneOf('function', given.function, functions),
    rate: numberOf('rate', given.rate, { above: 0, most: 1 }),
    times: numberOf('times', given.times, { above: 0, whole: true }),
    seconds: numberOf('seconds', given.seconds, { above: 0, most: MAX_TIMER_MS / 1000 }),
  };
  const set = Object.entries(optional).filter(([, value]) => value !== undefined);
  return { service, kind, ...Object.fromEntries(set) };
}

/** Upper and lower case do not matter: people remember `updateitem`. */
function oneOf<T extends string>(what: string, value: unknown, all: readonly T[]): T {
  const found = all.find((each) => each.toLowerCase() === String(value).toLowerCase());
  if (found !== undefined) return found;
  const given = value === undefined ? `The ${what} is missing` : `There is no ${what} "${value}"`;
  throw new FaultError(`${given}: it is one of ${all.join(', ')}.`);
}

function operationOf(service: FaultService, value: unknown): string | undefined {
  if (value === undefined) return undefined;
  const { operations } = CATALOGUE[service];
  if (operations) return oneOf(`operation of ${service}`, value, operations);
  if (/^[a-z]+$/i.test(String(value))) return String(value).toUpperCase();
  throw new FaultError(`An operation of ${service} is the name of a command, such as XADD or EVALSHA, not "${value}".`);
}

function codeOf(service: FaultService, kind: FaultKind, value: unknown): string | undefined {
  const { errors } = CATALOGUE[service];
  if (kind !== 'error') {
    if (value === undefined) return undefined;
    throw new FaultError(`Only an error has a code, and this is ${kind}.`);
  }
  const names = Object.keys(errors);
  if (value === undefined) return names[0];
  const byStatus = names.find((name) => errors[name]!.status === Number(value));
  if (byStatus !== undefined) return byStatus;
  const found = names.find((name) => name.toLowerCase() === String(value).toLowerCase());
  if (found !== undefined) return found;
  const all = names.map((name) => (errors[name]!.status ? `${name} (${errors[name]!.status})` : name));
  throw new FaultError(`There is no code "${value}" of ${service}: it is one of ${all.join(', ')}.`);
}

function msOf(kind: FaultKind, value: unknown): number | undefined {
  if (kind === 'delay' && value === undefined)
    throw new FaultError('A delay needs its time in milliseconds: --ms 500 ("ms": 500 in a request).');
  if (kind !== 'delay' && value !== undefined) throw new FaultError(`Only a delay has ms, and this is ${kind}.`);
  return numberOf('ms', value, { above: 0, most: MAX_TIMER_MS });
}

function numberOf(
  name: string,
  value: unknown,
  { above, most, whole }: { readonly above: number; readonly most?: number; readonly whole?: boolean },
): number | undefined {
  if (value === undefined) return undefined;
  const fits = typeof value === 'number' && value > above && value <= (most ?? Number.MAX_SAFE_INTEGER);
  if (fits && (!whole || Number.isInteger(value))) return value;
  const limits = most === undefined ? `above ${above}` : `above ${above} and at most ${most}`;
  throw new FaultError(`"${name}" has to be a ${whole ? 'whole ' : ''}number ${limits}, not ${JSON.stringify(value)}.`);
}
