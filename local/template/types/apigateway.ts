import { z } from 'zod';
import { generatedId, ignored, resourceType, tags } from '../resource-type.ts';

/** The length of API Gateway's own ids. */
const ID_LENGTH = 10;

export const restApi = resourceType('AWS::ApiGateway::RestApi', {
  properties: z.strictObject({
    Name: z.string(),
    BinaryMediaTypes: z.array(z.string()).default([]),
    Description: ignored('for people'),
    EndpointConfiguration: ignored('where the API is reached from: here from this machine'),
    Tags: tags,
  }),
  ref: (resource) => generatedId(resource, ID_LENGTH),
  attributes: { RootResourceId: rootResourceId, RestApiId: ({ ref }) => ref },
});

/** The resource for `/`, which no template declares. */
export function rootResourceId(api: { readonly ref: string }): string {
  return `${api.ref}-root`;
}

export const resource = resourceType('AWS::ApiGateway::Resource', {
  properties: z.strictObject({ ParentId: z.string(), PathPart: z.string(), RestApiId: z.string() }),
  ref: (own) => generatedId(own, ID_LENGTH),
  attributes: { ResourceId: ({ ref }) => ref },
});

const integration = z.strictObject({
  Type: z.enum(['AWS_PROXY', 'MOCK']),
  Uri: z.string().optional(),
  // Lambda is always called with POST.
  IntegrationHttpMethod: z.literal('POST').optional(),
  IntegrationResponses: z
    .array(
      z.strictObject({
        StatusCode: z.string(),
        ResponseParameters: z.record(z.string(), z.string()).optional(),
        ResponseTemplates: z.record(z.string(), z.string()).optional(),
      }),
    )
    .optional(),
  RequestTemplates: z.record(z.string(), z.string()).optional(),
});

export const method = resourceType('AWS::ApiGateway::Method', {
  properties: z.strictObject({
    RestApiId: z.string(),
    ResourceId: z.string(),
    HttpMethod: z.string(),
    AuthorizationType: z.literal('NONE'),
    ApiKeyRequired: z.literal(false).optional(),
    Integration: integration,
    MethodResponses: z
      .array(
        z.strictObject({
          StatusCode: z.string(),
          ResponseParameters: z.record(z.string(), z.boolean()).optional(),
          ResponseModels: ignored('documentation of the API'),
        }),
      )
      .optional(),
    OperationName: ignored('documentation of the API'),
  }),
});

export const gatewayResponse = resourceType('AWS::ApiGateway::GatewayResponse', {
  properties: z.strictObject({
    RestApiId: z.string(),
    ResponseType: z.string(),
    StatusCode: z.string().optional(),
    ResponseParameters: z.record(z.string(), z.string()).optional(),
    ResponseTemplates: z.record(z.string(), z.string()).optional(),
  }),
});

export const deployment = resourceType('AWS::ApiGateway::Deployment', {
  properties: z.strictObject({ RestApiId: z.string(), Description: ignored('for people') }),
  ref: (own) => generatedId(own, ID_LENGTH),
});

export const stage = resourceType('AWS::ApiGateway::Stage', {
  properties: z.strictObject({
    RestApiId: z.string(),
    DeploymentId: z.string(),
    StageName: z.string(),
    AccessLogSetting: ignored('the local log has a line per request'),
    MethodSettings: ignored('metrics, logs and throttling: one user here'),
    TracingEnabled: ignored('there is no tracing service'),
    Description: ignored('for people'),
    Tags: tags,
  }),
  ref: ({ properties }) => properties.StageName,
});

export const account = resourceType('AWS::ApiGateway::Account', {
  properties: z.strictObject({ CloudWatchRoleArn: z.string() }),
});
