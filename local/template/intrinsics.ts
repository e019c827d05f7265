import { divideCidr } from './cidr.ts';
import { TemplateError } from './template-error.ts';

/** Where names are looked up; the evaluator of a stack is one. Every method throws a TemplateError that carries `path`. */
export interface Scope {
  readonly region: string;
  ref(name: string, path: string): unknown;
  attribute(logicalId: string, attribute: string, path: string): unknown;
  importValue(exportName: string, path: string): unknown;
  condition(name: string, path: string): boolean;
  mapping(map: string, first: string, second: string, path: string): unknown;
}

/** What `AWS::NoValue` resolves to: it takes the property or the list item that holds it away. */
export const NO_VALUE = Symbol('AWS::NoValue');

/** @returns the value with every intrinsic replaced by what it stands for. */
export function resolve(value: unknown, scope: Scope, path: string): unknown {
  if (Array.isArray(value)) {
    return value.map((item, index) => resolve(item, scope, `${path}/${index}`)).filter((item) => item !== NO_VALUE);
  }
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  const [name, argument] = entries[0] ?? [];
  if (entries.length === 1 && name !== undefined && isIntrinsic(name)) return call(name, argument, scope, path);
  const resolved: Record<string, unknown> = {};
  for (const [key, item] of entries) {
    const result = resolve(item, scope, `${path}/${key}`);
    if (result !== NO_VALUE) resolved[key] = result;
  }
  return resolved;
}

function isIntrinsic(name: string): boolean {
  return name === 'Ref' || name.startsWith('Fn::');
}

type Intrinsic = (argument: unknown, scope: Scope, path: string) => unknown;

const INTRINSICS: Readonly<Record<string, Intrinsic>> = {
  Ref: (argument, scope, path) => scope.ref(text(argument, path), path),
  'Fn::GetAtt': (argument, scope, path) => {
    const [logicalId, attribute] = typeof argument === 'string' ? splitOnce(argument) : list(argument, path);
    return scope.attribute(text(logicalId, path), text(resolve(attribute, scope, path), path), path);
  },
  'Fn::ImportValue': (argument, scope, path) => scope.importValue(text(resolve(argument, scope, path), path), path),
  'Fn::Join': (argument, scope, path) => {
    const [separator, items] = list(argument, path);
    return list(resolve(items, scope, path), path)
      .map((item) => scalar(item, path))
      .join(text(separator, path));
  },
  'Fn::Split': (argument, scope, path) => {
    const [separator, whole] = list(argument, path);
    return text(resolve(whole, scope, path), path).split(text(separator, path));
  },
  'Fn::Select': (argument, scope, path) => {
    const [index, items] = list(argument, path);
    const choices = list(resolve(items, scope, path), path);
    const chosen = choices[Number(resolve(index, scope, path))];
    if (chosen === undefined) throw invalid(path, `Fn::Select has no item ${index} among ${choices.length}`);
    return chosen;
  },
  'Fn::Sub': substitute,
  'Fn::FindInMap': (argument, scope, path) => {
    const keys = list(resolve(argument, scope, path), path);
    if (keys.length !== 3) throw invalid(path, 'Fn::FindInMap takes a map and two keys');
    const [map, first, second] = keys.map((key) => text(key, path));
    return scope.mapping(map!, first!, second!, path);
  },
  'Fn::GetAZs': (argument, scope, path) => {
    const region = resolve(argument, scope, path) || scope.region;
    return ['a', 'b', 'c'].map((zone) => `${region}${zone}`);
  },
  'Fn::Cidr': (argument, scope, path) => {
    const [block, count, bits] = list(resolve(argument, scope, path), path);
    return divideCidr(text(block, path), Number(count), Number(bits ?? 8), path);
  },
  'Fn::If': (argument, scope, path) => {
    const [name, whenTrue, whenFalse] = list(argument, path);
    return resolve(scope.condition(text(name, path), path) ? whenTrue : whenFalse, scope, path);
  },
  'Fn::Equals': (argument, scope, path) => {
    const [left, right] = list(resolve(argument, scope, path), path);
    return scalar(left, path) === scalar(right, path);
  },
  'Fn::Not': (argument, scope, path) => !truth(list(argument, path)[0], scope, path),
  'Fn::And': (argument, scope, path) => list(argument, path).every((item) => truth(item, scope, path)),
  'Fn::Or': (argument, scope, path) => list(argument, path).some((item) => truth(item, scope, path)),
};

function call(name: string, argument: unknown, scope: Scope, path: string): unknown {
  const intrinsic = INTRINSICS[name];
  if (!intrinsic)
    throw new TemplateError('unknown-intrinsic', `${path}/${name}`, 'intrinsic not supported by the local runtime');
  return intrinsic(argument, scope, `${path}/${name}`);
}

/** The value of a condition, or of an operand of one: `{ Condition: name }` or an intrinsic that gives a boolean. */
export function truth(value: unknown, scope: Scope, path: string): boolean {
  if (typeof value === 'object' && value !== null && 'Condition' in value) {
    return scope.condition(text(value.Condition, path), path);
  }
  const result = resolve(value, scope, path);
  if (typeof result !== 'boolean') throw invalid(path, 'a condition has to be true or false');
  return result;
}

/** `${Name}`, `${Name.Attribute}`, `${!Literal}`, with variables of its own where the argument is a list. */
function substitute(argument: unknown, scope: Scope, path: string): string {
  const [pattern, given] = typeof argument === 'string' ? [argument, {}] : list(argument, path);
  const variables = resolve(given ?? {}, scope, path) as Record<string, unknown>;
  return text(pattern, path).replaceAll(/\$\{([^}]*)\}/g, (_, name: string) => {
    if (name.startsWith('!')) return `\${${name.slice(1)}}`;
    if (Object.hasOwn(variables, name)) return scalar(variables[name], path);
    const [logicalId, attribute] = splitOnce(name);
    return scalar(attribute === undefined ? scope.ref(name, path) : scope.attribute(logicalId, attribute, path), path);
  });
}

function splitOnce(name: string): [string, string | undefined] {
  const dot = name.indexOf('.');
  return dot < 0 ? [name, undefined] : [name.slice(0, dot), name.slice(dot + 1)];
}

function list(value: unknown, path: string): unknown[] {
  if (!Array.isArray(value)) throw invalid(path, 'a list is needed here');
  return value;
}

function text(value: unknown, path: string): string {
  if (typeof value !== 'string') throw invalid(path, 'a string is needed here');
  return value;
}

/** CloudFormation writes numbers and booleans into strings as they are. */
function scalar(value: unknown, path: string): string {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw invalid(path, 'a string, number or boolean is needed here');
}

function invalid(path: string, problem: string): TemplateError {
  return new TemplateError('invalid-intrinsic', path, problem);
}
