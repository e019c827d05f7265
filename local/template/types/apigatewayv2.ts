import { z } from 'zod';
import { generatedId, ignored, resourceType, tags } from '../resource-type.ts';

const ID_LENGTH = 10;

export const webSocketApi = resourceType('AWS::ApiGatewayV2::Api', {
  properties: z.strictObject({
    Name: z.string(),
    ProtocolType: z.literal('WEBSOCKET'),
    RouteSelectionExpression: z.string(),
    IpAddressType: ignored('one machine: no address family to choose'),
    Description: ignored('for people'),
    Tags: tags,
  }),
  ref: (resource) => generatedId(resource, ID_LENGTH),
  attributes: {
    ApiId: ({ ref }) => ref,
    ApiEndpoint: (api) => `wss://${executeApiHost(api)}`,
  },
});

/** The host of an API of either kind. */
export function executeApiHost(api: { ref: string; environment: { region: string; urlSuffix: string } }): string {
  return `${api.ref}.execute-api.${api.environment.region}.${api.environment.urlSuffix}`;
}

export const integration = resourceType('AWS::ApiGatewayV2::Integration', {
  properties: z.strictObject({
    ApiId: z.string(),
    IntegrationType: z.literal('AWS_PROXY'),
    IntegrationUri: z.string(),
    IntegrationMethod: z.literal('POST').optional(),
    Description: ignored('for people'),
  }),
  ref: (resource) => generatedId(resource, ID_LENGTH),
});

export const route = resourceType('AWS::ApiGatewayV2::Route', {
  properties: z.strictObject({
    ApiId: z.string(),
    RouteKey: z.string(),
    Target: z.string(),
    AuthorizationType: z.literal('NONE').optional(),
    ApiKeyRequired: z.literal(false).optional(),
    OperationName: ignored('documentation of the API'),
  }),
  ref: (resource) => generatedId(resource, ID_LENGTH),
});

export const stage = resourceType('AWS::ApiGatewayV2::Stage', {
  properties: z.strictObject({
    ApiId: z.string(),
    StageName: z.string(),
    AutoDeploy: z.literal(true),
    AccessLogSettings: ignored('the local log has a line per message'),
    DefaultRouteSettings: ignored('metrics, logs and throttling: one user here'),
    Description: ignored('for people'),
    Tags: tags,
  }),
  ref: ({ properties }) => properties.StageName,
});
