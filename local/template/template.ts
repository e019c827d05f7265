import type { Asset, StackArtifact } from './cloud-assembly.ts';
import type { AnyResourceType, Environment, Resource, ResourceType } from './resource-type.ts';
import { StackScope } from './stack-scope.ts';
import { parseStackTemplate } from './stack-template.ts';
import { TemplateError } from './template-error.ts';

/** Everything that the stacks of an app declare, resolved. */
export interface Template {
  readonly environment: Environment;
  readonly resources: readonly Resource[];
  /** By stack and name of the output. */
  readonly outputs: ReadonlyMap<string, ReadonlyMap<string, unknown>>;
  of<P>(type: ResourceType<P>): Resource<P>[];
  /** The asset whose object key a property holds. */
  asset(objectKey: string, path: string): Asset;
}

export const LOCAL_ENVIRONMENT: Environment = {
  accountId: '000000000000',
  region: 'us-east-1',
  partition: 'aws',
  urlSuffix: 'amazonaws.com',
};

/** Throws a TemplateError for whatever `types` does not know: what is dropped in silence differs when deployed. */
export function resolveTemplate(
  stacks: readonly StackArtifact[],
  types: readonly AnyResourceType[],
  environment: Environment = LOCAL_ENVIRONMENT,
): Template {
  const typesByName = new Map(types.map((type) => [type.type, type]));
  const scopes = new Map<string, StackScope>();
  const importValue = (exportName: string, path: string): unknown => {
    for (const scope of scopes.values()) {
      const value = scope.exports().get(exportName);
      if (value) return value();
    }
    throw new TemplateError('unknown-import', path, `no stack exports ${exportName}`);
  };
  for (const { name, template } of stacks) {
    const parsed = parseStackTemplate(name, template);
    scopes.set(name, new StackScope({ name, template: parsed, environment, types: typesByName, importValue }));
  }
  const resources = [...scopes.values()].flatMap((scope) => scope.resources());
  const assets = new Map(stacks.flatMap((stack) => stack.assets).map((asset) => [asset.objectKey, asset]));
  return {
    environment,
    resources,
    outputs: new Map([...scopes].map(([name, scope]) => [name, scope.outputs()])),
    of: <P>(type: ResourceType<P>) =>
      resources.filter((resource): resource is Resource<P> => resource.type === type.type),
    asset: (objectKey, path) => {
      const asset = assets.get(objectKey);
      if (!asset) throw new TemplateError('missing-asset', path, `no asset has the key ${objectKey}`);
      return asset;
    },
  };
}
