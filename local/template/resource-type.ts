import { createHash } from 'node:crypto';
import { z } from 'zod';

/** The account, region and names that the pseudo parameters give. */
export interface Environment {
  readonly accountId: string;
  readonly region: string;
  readonly partition: string;
  readonly urlSuffix: string;
}

/** One resource of a template, all intrinsics resolved. */
export interface Resource<P = unknown> {
  readonly stack: string;
  readonly logicalId: string;
  readonly type: string;
  /** `<stack>/Resources/<logical id>`: what an error about it starts with. */
  readonly path: string;
  readonly environment: Environment;
  readonly properties: P;
  /** What `Ref` gives. */
  readonly ref: string;
  readonly metadata: Readonly<Record<string, unknown>>;
}

type Draft<P> = Omit<Resource<P>, 'ref'>;

/**
 * What the local runtime knows of a resource type. `properties` MUST be strict at every level: a property that is
 * not there makes the start fail, so that nothing the template says is dropped in silence.
 */
export interface ResourceType<P = unknown> {
  readonly type: string;
  readonly properties: z.ZodType<P>;
  readonly ref: (resource: Draft<P>) => string;
  readonly attributes: Readonly<Record<string, (resource: Resource<P>) => unknown>>;
}

// biome-ignore lint/suspicious/noExplicitAny: the properties of one type are no concern of the list of all types.
export type AnyResourceType = ResourceType<any>;

export function resourceType<S extends z.ZodType>(
  type: string,
  definition: {
    readonly properties: S;
    /** Defaults to a name made of the stack's name and the logical id. */
    readonly ref?: (resource: Draft<z.infer<S>>) => string;
    readonly attributes?: Readonly<Record<string, (resource: Resource<z.infer<S>>) => unknown>>;
  },
): ResourceType<z.infer<S>> {
  return {
    type,
    properties: definition.properties as z.ZodType<z.infer<S>>,
    ref: definition.ref ?? ((resource) => generatedName(resource, 255)),
    attributes: definition.attributes ?? {},
  };
}

/** A property that changes nothing on one machine. The reason is for the reader: there MUST be one. */
export function ignored(reason: string) {
  return z.unknown().optional().describe(`ignored: ${reason}`);
}

/** Intrinsics give numbers and booleans as strings. */
export const integer = z.union([
  z.int(),
  z
    .string()
    .regex(/^-?\d+$/)
    .transform(Number),
]);
export const flag = z.union([z.boolean(), z.enum(['true', 'false']).transform((value) => value === 'true')]);

export const tags = ignored('tags are for the bill and for people');

/** The same name at each start, since what is kept in the state folder is kept under it. */
export function generatedName(resource: Pick<Resource, 'stack' | 'logicalId'>, maxLength: number): string {
  const name = `${resource.stack}-${resource.logicalId}`;
  return name.length <= maxLength ? name : `${name.slice(0, maxLength - 9)}-${generatedId(resource, 8)}`;
}

/** An id as API Gateway and CloudFront give out: the same at each start. */
export function generatedId(resource: Pick<Resource, 'stack' | 'logicalId'>, length: number): string {
  const digest = createHash('sha256').update(`${resource.stack}/${resource.logicalId}`).digest('hex');
  return BigInt(`0x${digest}`).toString(36).slice(0, length);
}

export function arn(resource: Pick<Resource, 'environment'>, service: string, rest: string): string {
  const { partition, region, accountId } = resource.environment;
  return `arn:${partition}:${service}:${region}:${accountId}:${rest}`;
}
