import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { gunzipSync } from 'node:zlib';
import type { Json } from './synthesized.ts';

type Stacks = Readonly<Record<string, Json>>;

/** Something that an update of the stacks would do. */
export interface Change {
  /** `<stack>/<logical id>`, or `<stack>` for what is not a resource's. */
  readonly at: string;
  readonly what: 'added' | 'removed' | 'changed' | 'replaced';
  /** Of a resource that is changed or replaced: the properties. */
  readonly properties?: readonly string[];
}

/** What CloudFormation would do to bring `before` to `after`. Parts of a template beside its resources are compared whole. */
export function changesBetween(before: Stacks, after: Stacks): Change[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return names.flatMap((stack) => changesOfStack(stack, before[stack] ?? {}, after[stack] ?? {}));
}

function changesOfStack(stack: string, before: Json, after: Json): Change[] {
  const { Resources: old = {}, ...oldRest } = resolved(before);
  const { Resources: now = {}, ...nowRest } = resolved(after);
  const rest: Change[] = isDeepStrictEqual(oldRest, nowRest) ? [] : [{ at: stack, what: 'changed' }];
  const ids = [...new Set([...Object.keys(old), ...Object.keys(now)])];
  return [...rest, ...ids.flatMap((id) => changeOfResource(`${stack}/${id}`, old[id], now[id]))];
}

function changeOfResource(at: string, old: Json | undefined, now: Json | undefined): Change[] {
  if (old === undefined) return [{ at, what: 'added' }];
  if (now === undefined) return [{ at, what: 'removed' }];
  if (isDeepStrictEqual(old, now)) return [];
  const names = [...new Set([...Object.keys(old.Properties ?? {}), ...Object.keys(now.Properties ?? {})])];
  const properties = names.filter((name) => !isDeepStrictEqual(old.Properties?.[name], now.Properties?.[name]));
  const replaced = old.Type !== now.Type || properties.some((name) => replaces(old.Type, name));
  return [{ at, what: replaced ? 'replaced' : 'changed', properties }];
}

/** The n-th block of a range is the same one whatever the number of blocks that are asked for; CloudFormation compares values. */
function resolved(value: Json): Json {
  if (Array.isArray(value)) return value.map(resolved);
  if (typeof value !== 'object' || value === null) return value;
  const cidr = value['Fn::Select']?.[1]?.['Fn::Cidr'];
  if (cidr) return { block: value['Fn::Select'][0], of: resolved(cidr[0]), bits: cidr[2] };
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, resolved(inner)]));
}

type Rules = ReadonlyMap<string, ReadonlyMap<string, 'yes' | 'no' | 'maybe'>>;

let rules: Rules | undefined;

/** Whether a change of this property makes CloudFormation replace the resource; "it depends" counts as yes. */
export function replaces(type: string, property: string): boolean {
  rules ??= readRules();
  const ofType = rules.get(type);
  // A custom resource has no rules: it decides by itself, and its property with the function is never changed.
  if (ofType === undefined && type.startsWith('Custom::')) return property === 'ServiceToken';
  if (ofType === undefined) throw new Error(`Nothing is known of what replaces a resource of type ${type}.`);
  return (ofType.get(property) ?? 'no') !== 'no';
}

/** The database by which the command line of the CDK itself says in a diff what will be replaced. */
function readRules(): Rules {
  const path = new URL('../../node_modules/aws-cdk/db.json.gz', import.meta.url);
  const { schema } = JSON.parse(gunzipSync(readFileSync(path)).toString());
  return new Map(
    schema.resource.entities.map(({ cloudFormationType, properties }: Json) => [
      cloudFormationType,
      new Map(Object.entries<Json>(properties).map(([name, { causesReplacement }]) => [name, causesReplacement])),
    ]),
  );
}
