import type { HostTable } from '../host-table.ts';
import type { CredentialStore } from '../iam/credentials.ts';
import type { FunctionConfig } from '../lambda/function-config.ts';
import { MAX_ENVIRONMENTS_OF_CHAIN } from '../lambda/limits.ts';
import type { Resource } from '../template/resource-type.ts';
import type { Template } from '../template/template.ts';
import { TemplateError } from '../template/template-error.ts';
import { eventInvokeConfig, type FunctionProperties, functionName, lambdaFunction } from '../template/types/lambda.ts';
import { networkRules } from './network.ts';

/** Lambda's own values where no configuration gives others. */
const DEFAULT_RETRIES = 2;
const DEFAULT_EVENT_AGE_S = 6 * 3600; // 6 h

/** Names that Lambda refuses in a declared environment: it sets them itself. */
const RESERVED =
  /^(AWS_REGION|AWS_DEFAULT_REGION|AWS_ACCESS_KEY|AWS_ACCESS_KEY_ID|AWS_SECRET_ACCESS_KEY|AWS_SESSION_TOKEN|AWS_EXECUTION_ENV|AWS_LAMBDA_.*|LAMBDA_.*)$/;

export interface ServiceEndpoints {
  readonly dynamodb: string;
  readonly s3: string;
  readonly sqs: string;
  readonly lambda: string;
  readonly secrets: string;
}

/** The functions that are to run: all but the CDK's own helpers, whose work the runtime does itself. */
export function serviceFunctions(template: Template): Resource<FunctionProperties>[] {
  const helpers = new Set(
    template.resources.map(({ properties }) => (properties as { ServiceToken?: string }).ServiceToken),
  );
  const arnOf = lambdaFunction.attributes.Arn!;
  return template.of(lambdaFunction).filter((resource) => !helpers.has(arnOf(resource) as string));
}

/** The name for people: `SourceUploadApi-ws-address` of the stack `SourceUploadApi` is `ws-address`. */
export function shortName({ stack, ref }: Resource): string {
  return ref.startsWith(`${stack}-`) ? ref.slice(stack.length + 1) : ref;
}

export interface FunctionWiring {
  readonly hosts: HostTable;
  readonly endpoints: ServiceEndpoints;
  readonly credentials: CredentialStore;
  /** Of the Redis that stands for the cache. */
  readonly cacheUrl: string;
}

/** Each with exactly the environment that it declares, and what Lambda adds to it. */
export function functionConfigs(
  template: Template,
  { hosts, endpoints, credentials, cacheUrl }: FunctionWiring,
): FunctionConfig[] {
  const invokeConfigs = new Map(
    template.of(eventInvokeConfig).map(({ properties }) => [functionName(properties.FunctionName), properties]),
  );
  return serviceFunctions(template).map((resource) => {
    const { properties, path, ref } = resource;
    checkRuntime(resource);
    const invokeConfig = invokeConfigs.get(ref);
    return {
      name: ref,
      codeDir: template.asset(properties.Code.S3Key, `${path}/Properties/Code`).path,
      handler: properties.Handler,
      environment: {
        ...declaredEnvironment(resource, hosts),
        ...lambdaEnvironment(ref, endpoints, credentials),
      },
      timeoutMs: properties.Timeout * 1000,
      memoryMb: properties.MemorySize,
      maximumRetryAttempts: invokeConfig?.MaximumRetryAttempts ?? DEFAULT_RETRIES,
      maximumEventAgeMs: (invokeConfig?.MaximumEventAgeInSeconds ?? DEFAULT_EVENT_AGE_S) * 1000,
      maxEnvironments: properties.RecursiveLoop === 'Allow' ? MAX_ENVIRONMENTS_OF_CHAIN : undefined,
      network: networkRules(template, resource, cacheUrl),
    };
  });
}

function checkRuntime({ properties, path }: Resource<FunctionProperties>): void {
  if (!properties.Runtime.startsWith('nodejs')) {
    throw new TemplateError(
      'invalid-property',
      `${path}/Properties/Runtime`,
      `${properties.Runtime} does not run here`,
    );
  }
  if (properties.Layers) {
    throw new TemplateError(
      'unsupported-property',
      `${path}/Properties/Layers`,
      'property not supported by the local runtime',
    );
  }
}

function declaredEnvironment(
  { properties, path }: Resource<FunctionProperties>,
  hosts: HostTable,
): Record<string, string> {
  const at = `${path}/Properties/Environment/Variables`;
  const environment: Record<string, string> = {};
  for (const [name, value] of Object.entries(properties.Environment?.Variables ?? {})) {
    if (RESERVED.test(name)) throw new TemplateError('invalid-property', `${at}/${name}`, 'Lambda reserves this name');
    environment[name] = hosts.rewrite(value, `${at}/${name}`);
  }
  return environment;
}

/** The SDKs follow these: nothing in the service has to know that it runs here. */
function lambdaEnvironment(
  name: string,
  endpoints: ServiceEndpoints,
  credentials: CredentialStore,
): Record<string, string> {
  const { accessKeyId, secretAccessKey } = credentials.issue(name);
  return {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_ENDPOINT_URL_DYNAMODB: endpoints.dynamodb,
    AWS_ENDPOINT_URL_S3: endpoints.s3,
    AWS_ENDPOINT_URL_SQS: endpoints.sqs,
    AWS_ENDPOINT_URL_LAMBDA: endpoints.lambda,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: endpoints.secrets,
  };
}
