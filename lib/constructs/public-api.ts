import { Duration, Stack } from 'aws-cdk-lib';
import * as apigateway from 'aws-cdk-lib/aws-apigateway';
import { CfnSamplingRule } from 'aws-cdk-lib/aws-xray';
import { Construct } from 'constructs';
import type { ServiceFunction } from './service-function.ts';

export interface PublicApiProps {
  readonly wsAddress: ServiceFunction;
  readonly uploadSource: ServiceFunction;
  readonly sourceStatus: ServiceFunction;
  readonly cancelSource: ServiceFunction;
  /** Of the pages that may call. None: all. */
  readonly allowOrigins: readonly string[];
}

/** What a caller may do is decided by the key in its headers, never by a cookie. */
const CORS = {
  allowMethods: ['GET', 'POST', 'DELETE', 'OPTIONS'],
  allowHeaders: ['Content-Type', 'X-User-ID', 'X-API-Key', 'X-Correlation-Id'],
  maxAge: Duration.days(1),
};

/** Of the calls. What they lead to is traced with them: the queue, `process`, `fetch` and the subscriber. */
const TRACED_SHARE = 0.05;

/** Before the default of X-Ray, which is the last with 10,000; an account may have rules of its own before this one. */
const SAMPLING_PRIORITY = 5_000;

/** The HTTP half of the contract, below `/public/sources`. */
export class PublicApi extends Construct {
  readonly name: string;
  readonly domainName: string;
  readonly stageName = 'live';
  readonly stage: apigateway.Stage;
  readonly url: string;

  constructor(scope: Construct, id: string, { allowOrigins, ...functions }: PublicApiProps) {
    super(scope, id);
    const { wsAddress, uploadSource, sourceStatus, cancelSource } = functions;
    const stack = Stack.of(this);
    this.name = `${stack.stackName}-public`;
    const api = new apigateway.RestApi(this, 'Api', {
      restApiName: this.name,
      description: 'Takes sources and tells how they are',
      endpointTypes: [apigateway.EndpointType.REGIONAL],
      // Not */*: that makes the gateway decode the bodies of the OPTIONS answers too, and fail.
      binaryMediaTypes: ['multipart/form-data'],
      cloudWatchRole: false,
      deployOptions: {
        stageName: this.stageName,
        tracingEnabled: true,
        // Well above what one service of this kind sees, well below what a runaway client could run up on the bill.
        throttlingRateLimit: 200,
        throttlingBurstLimit: 400,
      },
    });
    const cors = { ...CORS, allowOrigins: allowOrigins.length === 0 ? ['*'] : [...allowOrigins] };
    const sources = api.root.addResource('public').addResource('sources');
    addRoutes(sources.addResource('ws'), cors, { POST: wsAddress });
    addRoutes(sources.addResource('upload-source'), cors, { POST: uploadSource });
    addRoutes(sources.addResource('{source-uuid}'), cors, { GET: sourceStatus, DELETE: cancelSource });
    addGatewayErrors(api);
    sampleTraces(this, `${this.name}/${this.stageName}`);
    this.stage = api.deploymentStage;
    this.domainName = `${api.restApiId}.execute-api.${stack.region}.${stack.urlSuffix}`;
    this.url = `https://${this.domainName}/${this.stageName}`;
  }
}

/**
 * Without a rule, X-Ray takes the first call of each second, which is all of them for a service with less than that: $5 for
 * a million traces.
 * @param service as X-Ray calls a stage: `<api>/<stage>`.
 */
function sampleTraces(scope: Construct, service: string): void {
  new CfnSamplingRule(scope, 'Traces', {
    samplingRule: {
      version: 1,
      ruleName: `${Stack.of(scope).stackName}-calls`,
      priority: SAMPLING_PRIORITY,
      fixedRate: TRACED_SHARE,
      reservoirSize: 0,
      serviceName: service,
      serviceType: 'AWS::ApiGateway::Stage',
      host: '*',
      httpMethod: '*',
      urlPath: '*',
      resourceArn: '*',
    },
  });
}

function addRoutes(
  resource: apigateway.Resource,
  cors: apigateway.CorsOptions,
  functions: Readonly<Record<string, ServiceFunction>>,
): void {
  for (const [method, { lambda }] of Object.entries(functions)) {
    resource.addMethod(method, new apigateway.LambdaIntegration(lambda, { proxy: true, allowTestInvoke: false }));
  }
  resource.addCorsPreflight(cors);
}

/**
 * What the gateway refuses by itself looks like every other error of the contract, and pages may read it: all of them, since it
 * holds nothing of anybody, and a page that is not in the list gets no further than its preflight.
 */
function addGatewayErrors(api: apigateway.RestApi): void {
  const { ResponseType } = apigateway;
  const said = '$context.error.messageString'; // quoted and escaped by the gateway
  addGatewayError(api, 'ClientError', ResponseType.DEFAULT_4XX, { error: said, code: 'invalid-request' });
  // A function that was killed, or took too long: the gateway has no sentence for a person.
  addGatewayError(api, 'ServerError', ResponseType.DEFAULT_5XX, {
    error: '"The service could not answer. Send the request again in some seconds."',
    code: 'unavailable',
  });
  addGatewayError(api, 'Throttled', ResponseType.THROTTLED, { error: said, code: 'unavailable' });
  // A path without a route: the gateway takes it for a call that should have been signed.
  addGatewayError(api, 'NoRoute', ResponseType.MISSING_AUTHENTICATION_TOKEN, {
    status: '404',
    error: '"There is nothing at this address."',
    code: 'not-found',
  });
  addGatewayError(api, 'TooLarge', ResponseType.REQUEST_TOO_LARGE, {
    error:
      '"The request is too large: a file of up to 4.4 MB can be sent, a larger one by its URL in the field content."',
    code: 'payload-too-large',
  });
}

function addGatewayError(
  api: apigateway.RestApi,
  id: string,
  type: apigateway.ResponseType,
  { status, error, code }: { readonly status?: string; readonly error: string; readonly code: string },
): void {
  api.addGatewayResponse(id, {
    type,
    ...(status ? { statusCode: status } : {}),
    responseHeaders: { 'Access-Control-Allow-Origin': "'*'" },
    templates: { 'application/json': `{"error":${error},"code":"${code}"}` },
  });
}
