import type { WebSocketApiOptions } from '../apigateway/websocket-api.ts';
import { arn } from '../template/resource-type.ts';
import type { Template } from '../template/template.ts';
import { TemplateError } from '../template/template-error.ts';
import * as apigatewayv2 from '../template/types/apigatewayv2.ts';
import { requirePermission } from './invoke-permissions.ts';
import { integrationFunction } from './rest-api.ts';

export type WebSocketApiDeclaration = Pick<
  WebSocketApiOptions,
  'apiId' | 'stage' | 'region' | 'accountId' | 'routes' | 'routeSelectionExpression'
>;

type ApiResource = ReturnType<typeof apis>[number];

const apis = (template: Template) => template.of(apigatewayv2.webSocketApi);

/** The WebSocket APIs of the template, each with its one stage. */
export function webSocketApiDeclarations(template: Template): WebSocketApiDeclaration[] {
  return apis(template).map((api) => ({
    apiId: api.ref,
    stage: stageOf(template, api),
    region: template.environment.region,
    accountId: template.environment.accountId,
    routeSelectionExpression: api.properties.RouteSelectionExpression,
    routes: Object.fromEntries(routes(template, api)),
  }));
}

function stageOf(template: Template, api: ApiResource): string {
  const stages = template.of(apigatewayv2.stage).filter(({ properties }) => properties.ApiId === api.ref);
  if (stages.length !== 1)
    throw new TemplateError('invalid-property', api.path, `one stage is needed, there are ${stages.length}`);
  return stages[0]!.ref;
}

function routes(template: Template, api: ApiResource): [string, string][] {
  const integrations = new Map(template.of(apigatewayv2.integration).map((each) => [`integrations/${each.ref}`, each]));
  return template
    .of(apigatewayv2.route)
    .filter(({ properties }) => properties.ApiId === api.ref)
    .map(({ properties: { RouteKey, Target }, path }) => {
      const integration = integrations.get(Target);
      if (!integration)
        throw new TemplateError('unknown-reference', `${path}/Properties/Target`, `${Target} is no integration`);
      const uri = integration.properties.IntegrationUri;
      const functionName = integrationFunction(uri, `${integration.path}/Properties/IntegrationUri`);
      const sourceArn = arn(api, 'execute-api', `${api.ref}/${stageOf(template, api)}/${RouteKey}`);
      requirePermission(template, { principal: 'apigateway.amazonaws.com', functionName, sourceArn, path });
      return [RouteKey, functionName];
    });
}
