import type { RestApiOptions } from '../apigateway/rest-api.ts';
import type { RestRoute } from '../apigateway/rest-routes.ts';
import { arn, type Resource } from '../template/resource-type.ts';
import type { Template } from '../template/template.ts';
import { TemplateError } from '../template/template-error.ts';
import * as apigateway from '../template/types/apigateway.ts';
import { requirePermission } from './invoke-permissions.ts';

export type RestApiDeclaration = Pick<
  RestApiOptions,
  'apiId' | 'stage' | 'region' | 'accountId' | 'routes' | 'binaryMediaTypes' | 'gatewayResponses'
>;

type RestApiResource = ReturnType<typeof restApis>[number];
type MethodResource = ReturnType<typeof methods>[number];

const restApis = (template: Template) => template.of(apigateway.restApi);
const methods = (template: Template) => template.of(apigateway.method);

/** The REST APIs of the template, each with its one stage. */
export function restApiDeclarations(template: Template): RestApiDeclaration[] {
  return restApis(template).map((api) => ({
    apiId: api.ref,
    stage: stageOf(template, api),
    region: template.environment.region,
    accountId: template.environment.accountId,
    binaryMediaTypes: api.properties.BinaryMediaTypes,
    gatewayResponses: template
      .of(apigateway.gatewayResponse)
      .map(({ properties }) => properties)
      .filter(({ RestApiId }) => RestApiId === api.ref),
    routes: methods(template)
      .filter(({ properties }) => properties.RestApiId === api.ref)
      .map((method) => route(template, api, method)),
  }));
}

function stageOf(template: Template, api: RestApiResource): string {
  const stages = template.of(apigateway.stage).filter(({ properties }) => properties.RestApiId === api.ref);
  if (stages.length !== 1)
    throw new TemplateError('invalid-property', api.path, `one stage is needed, there are ${stages.length}`);
  return stages[0]!.ref;
}

function route(template: Template, api: RestApiResource, method: MethodResource): RestRoute {
  const { HttpMethod, ResourceId, Integration, MethodResponses } = method.properties;
  const path = resourcePath(template, api, ResourceId, method.path);
  if (Integration.Type === 'MOCK') {
    const integration = { type: 'MOCK', integration: Integration, methodResponses: MethodResponses ?? [] } as const;
    return { method: HttpMethod, path, integration };
  }
  const functionName = integrationFunction(Integration.Uri ?? '', `${method.path}/Properties/Integration/Uri`);
  const sourcePath = path.replaceAll(/\{[^}]*\}/g, '*');
  const sourceArn = arn(api, 'execute-api', `${api.ref}/${stageOf(template, api)}/${HttpMethod}${sourcePath}`);
  requirePermission(template, { principal: 'apigateway.amazonaws.com', functionName, sourceArn, path: method.path });
  return { method: HttpMethod, path, integration: { type: 'AWS_PROXY', functionName } };
}

function resourcePath(template: Template, api: RestApiResource, id: string, referrer: string): string {
  const segments: string[] = [];
  const resources = new Map(template.of(apigateway.resource).map((resource) => [resource.ref, resource]));
  for (let at = id; at !== apigateway.rootResourceId(api); at = resources.get(at)!.properties.ParentId) {
    const resource: Resource<{ PathPart: string; ParentId: string }> | undefined = resources.get(at);
    if (!resource) throw new TemplateError('unknown-reference', referrer, `${at} is no resource of this API`);
    segments.unshift(resource.properties.PathPart);
  }
  return `/${segments.join('/')}`;
}

/** `arn:…:apigateway:…:lambda:path/2015-03-31/functions/<arn of the function>/invocations` */
export function integrationFunction(uri: string, path: string): string {
  const name = /:lambda:path\/2015-03-31\/functions\/arn:[^/]*:function:([^/:]+)\/invocations$/.exec(uri)?.[1];
  if (name === undefined) throw new TemplateError('invalid-property', path, `${uri} does not name a function`);
  return name;
}
