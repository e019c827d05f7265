import { type AnyResourceType, arn } from '../template/resource-type.ts';
import type { Template } from '../template/template.ts';
import { webSocketApi } from '../template/types/apigatewayv2.ts';
import { globalTable, table } from '../template/types/dynamodb.ts';
import { serverlessCache, user } from '../template/types/elasticache.ts';
import { lambdaFunction } from '../template/types/lambda.ts';
import { bucket } from '../template/types/s3.ts';
import { secret } from '../template/types/secrets-manager.ts';
import { queue } from '../template/types/sqs.ts';
import { shortName } from './functions.ts';

/**
 * An ARN in the words of `lib/`: `ChannelsTable`, `SourcesTable/index/by-channel`, `SourceFilesBucket/users/…`, `subscriber`.
 * Undefined for what is none of the app's.
 */
export function friendlyResource(template: Template, resource: string): string | undefined {
  const [longest] = namedResources(template)
    .filter(({ arn: prefix }) => resource === prefix || resource.startsWith(`${prefix}/`))
    .sort((a, b) => b.arn.length - a.arn.length);
  return longest && longest.name + resource.slice(longest.arn.length);
}

interface NamedResource {
  readonly arn: string;
  readonly name: string;
}

/** With the attribute that each has its ARN in. */
const TYPES: readonly (readonly [AnyResourceType, arn: string])[] = [
  [table, 'Arn'],
  [globalTable, 'Arn'],
  [bucket, 'Arn'],
  [queue, 'Arn'],
  [serverlessCache, 'ARN'],
  [user, 'Arn'],
  [secret, 'Id'],
];

function namedResources(template: Template): NamedResource[] {
  const stored = TYPES.flatMap(([type, attribute]) =>
    template.of(type).map((resource) => ({
      arn: type.attributes[attribute]!(resource) as string,
      name: withoutHash(resource.logicalId),
    })),
  );
  const apis = template.of(webSocketApi).map((api) => ({
    arn: arn(api, 'execute-api', api.ref),
    name: withoutHash(api.logicalId),
  }));
  const functions = template.of(lambdaFunction).map((fn) => ({
    arn: lambdaFunction.attributes.Arn!(fn) as string,
    name: shortName(fn),
  }));
  return [...stored, ...apis, ...functions];
}

/** The CDK adds one to what it makes of the names of the constructs. */
function withoutHash(logicalId: string): string {
  return logicalId.replace(/[0-9A-F]{8}$/, '');
}
