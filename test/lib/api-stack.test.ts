import { afterAll, describe, expect, it } from 'vitest';
import { FETCH_DEADLINE_MS } from '../../domain/limits.ts';
import { FUNCTION_NAMES, type FunctionName } from '../../lib/bundle.ts';
import { type Json, synthesize } from './synthesized.ts';

const app = synthesize();
afterAll(() => app[Symbol.dispose]());

function functionOf(name: FunctionName): Json {
  return app.resource('AWS::Lambda::Function', `Functions${name.replaceAll('-', '')}Function`).properties;
}

const IN_VPC: readonly FunctionName[] = [
  'cancel-source',
  'connect',
  'message',
  'process',
  'dead-letter',
  'subscriber',
  'sweeper',
];

describe('the functions', () => {
  it('are those of lambdas/, and no other', () => {
    const names = app
      .resources('AWS::Lambda::Function')
      .filter(({ stack }) => stack === 'SourceUploadApi')
      .map(({ properties }) => properties.FunctionName);
    expect(names.sort()).toEqual(FUNCTION_NAMES.map((name) => `SourceUploadApi-${name}`).sort());
  });

  it.each([
    ['ws-address', 10, 512],
    ['upload-source', 28, 1024],
    ['source-status', 10, 512],
    ['cancel-source', 28, 512],
    ['connect', 10, 512],
    ['disconnect', 10, 512],
    ['message', 10, 512],
    ['process', 300, 2048],
    ['fetch', 75, 512],
    ['dead-letter', 30, 512],
    ['subscriber', 900, 512],
    ['sweeper', 60, 512],
    ['rotate-socket-key', 10, 512],
  ] as const)('%s has %i s and %i MB', (name, timeout, memory) => {
    expect(functionOf(name)).toMatchObject({ Timeout: timeout, MemorySize: memory });
  });

  it.each(FUNCTION_NAMES)('%s runs on Node 24 and arm64, and logs JSON to a group of its own', (name) => {
    const properties = functionOf(name);
    expect(properties).toMatchObject({
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Handler: 'index.handler',
      LoggingConfig: { LogFormat: 'JSON' },
    });
    expect(properties.Description).toBeTruthy();
    const logGroup = app.resource('AWS::Logs::LogGroup', `Functions${name.replaceAll('-', '')}Log`);
    expect(logGroup.properties).toEqual({ LogGroupName: `/aws/lambda/SourceUploadApi-${name}`, RetentionInDays: 30 });
    expect(app.render(properties.LoggingConfig.LogGroup)).toBe(`\${Functions${name.replaceAll('-', '')}Log}`);
  });

  it.each(FUNCTION_NAMES)('%s stands inside of the VPC only if it needs Redis, and then speaks IPv6 there', (name) => {
    const { VpcConfig, Environment } = functionOf(name);
    const inVpc = IN_VPC.includes(name);
    expect(VpcConfig !== undefined).toBe(inVpc);
    expect('REDIS_URL' in Environment.Variables).toBe(inVpc);
    if (inVpc) expect(VpcConfig.Ipv6AllowedForDualStack).toBe(true);
  });

  it('fetch has time for its deadline, and process for a fetch', () => {
    expect(functionOf('fetch').Timeout * 1000).toBeGreaterThan(FETCH_DEADLINE_MS);
    expect(functionOf('process').Timeout).toBeGreaterThan(functionOf('fetch').Timeout);
  });

  it.each(['upload-source', 'cancel-source'] as const)('%s gives up before API Gateway does', (name) => {
    expect(functionOf(name).Timeout).toBeLessThan(29);
  });

  it('let the subscriber start itself, and nobody else', () => {
    const allowed = FUNCTION_NAMES.filter((name) => functionOf(name).RecursiveLoop !== undefined);
    expect(allowed).toEqual(['subscriber']);
    expect(functionOf('subscriber').RecursiveLoop).toBe('Allow');
  });

  it('try an asynchronous start of the subscriber three times within five minutes, and one of the sweeper once', () => {
    const configs = app
      .resources('AWS::Lambda::EventInvokeConfig')
      .map(({ properties: { FunctionName, MaximumRetryAttempts, MaximumEventAgeInSeconds } }) => [
        /Functions(\w+)Function/.exec(app.render(FunctionName))?.[1],
        { MaximumRetryAttempts, MaximumEventAgeInSeconds },
      ]);
    expect(Object.fromEntries(configs)).toEqual({
      subscriber: { MaximumRetryAttempts: 2, MaximumEventAgeInSeconds: 300 },
      sweeper: { MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 },
    });
  });
});

it('runs the sweeper every minute, and a run that cannot be started is not started later', () => {
  const { properties } = app.resource('AWS::Events::Rule', 'Functionssweeper');
  expect(properties).toMatchObject({ ScheduleExpression: 'rate(1 minute)', State: 'ENABLED' });
  const [{ Arn, RetryPolicy }, ...others] = properties.Targets;
  expect(others).toEqual([]);
  expect(app.render(Arn)).toBe(`\${FunctionssweeperFunction.Arn}`);
  expect(RetryPolicy).toEqual({ MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 });
});

describe('the calls of each day', () => {
  const rules = app.resources('AWS::Events::Rule').filter(({ logicalId }) => logicalId.startsWith('KeepActive'));
  const targets: Json[] = rules.flatMap(({ properties }) => properties.Targets);

  // Lambda takes the network interfaces from a function of a VPC that nobody calls for weeks; the next call fails.
  it('go to every function of the VPC but the sweeper, which is called each minute', () => {
    const inVpc = FUNCTION_NAMES.filter((name) => functionOf(name).VpcConfig !== undefined);
    const called = targets.map(({ Arn }) => app.render(Arn)).sort();
    expect(called).toEqual(
      inVpc
        .filter((name) => name !== 'sweeper')
        .map((name) => `\${Functions${name.replaceAll('-', '')}Function.Arn}`)
        .sort(),
    );
  });

  it('come from rules that EventBridge takes: with five targets at the most, and an event for each', () => {
    for (const { properties } of rules) {
      expect(properties).toMatchObject({ ScheduleExpression: 'rate(1 day)', State: 'ENABLED' });
      expect(properties.Targets.length).toBeLessThanOrEqual(5);
    }
    for (const { Input } of targets) expect(JSON.parse(Input)).toBeTypeOf('object');
  });
});

it.each([
  ['process', 'ProcessQueue', 100],
  ['dead-letter', 'ProcessQueueDeadLetters', 10],
] as const)(
  'gives %s one delivery of %s at a time, takes partial failures, and bounds how many run at once',
  (name, queue, concurrency) => {
    const { properties } = app.resource('AWS::Lambda::EventSourceMapping', `Functions${name.replaceAll('-', '')}`);
    expect(app.render(properties.EventSourceArn)).toBe(`\${${queue}.Arn}`);
    expect(app.render(properties.FunctionName)).toBe(`\${Functions${name.replaceAll('-', '')}Function}`);
    expect(properties).toMatchObject({
      BatchSize: 1,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: concurrency },
    });
  },
);

describe('the REST API', () => {
  const api = app.resource('AWS::ApiGateway::RestApi');
  const paths = new Map(
    app.resources('AWS::ApiGateway::Resource').map(({ logicalId, properties }) => [logicalId, properties]),
  );
  const pathOf = (ref: Json): string => {
    const resource = ref.Ref && paths.get(ref.Ref);
    return resource ? `${pathOf(resource.ParentId)}/${resource.PathPart}` : '';
  };
  const methods = app.resources('AWS::ApiGateway::Method').map(({ properties }) => ({
    route: `${properties.HttpMethod} ${pathOf(properties.ResourceId)}`,
    integration: properties.Integration,
  }));

  it('takes multipart bodies as bytes, and nothing else', () => {
    expect(api.properties.BinaryMediaTypes).toEqual(['multipart/form-data']);
  });

  it('has the routes of the contract, each led to its function', () => {
    const routes = methods
      .filter(({ integration }) => integration.Type === 'AWS_PROXY')
      .map(({ route, integration }) => [route, /Functions(\w+)Function/.exec(app.render(integration.Uri))?.[1]]);
    expect(Object.fromEntries(routes)).toEqual({
      'POST /public/sources/ws': 'wsaddress',
      'POST /public/sources/upload-source': 'uploadsource',
      'GET /public/sources/{source-uuid}': 'sourcestatus',
      'DELETE /public/sources/{source-uuid}': 'cancelsource',
    });
  });

  it('answers the preflight of a page on each of its paths', () => {
    const preflights = methods.filter(({ route }) => route.startsWith('OPTIONS '));
    expect(preflights).toHaveLength(3);
    for (const { integration } of preflights) {
      expect(integration.Type).toBe('MOCK');
      expect(integration.IntegrationResponses[0].ResponseParameters).toMatchObject({
        'method.response.header.Access-Control-Allow-Origin': "'*'",
        'method.response.header.Access-Control-Allow-Headers': "'Content-Type,X-User-ID,X-API-Key,X-Correlation-Id'",
        'method.response.header.Access-Control-Allow-Methods': "'GET,POST,DELETE,OPTIONS'",
      });
    }
  });

  it('gives the errors of the gateway itself to any page, in the shape of the contract', () => {
    const responses = app.resources('AWS::ApiGateway::GatewayResponse').map(({ properties }) => properties);
    expect(responses.map(({ ResponseType }) => ResponseType)).toEqual(
      expect.arrayContaining(['DEFAULT_4XX', 'DEFAULT_5XX', 'REQUEST_TOO_LARGE', 'MISSING_AUTHENTICATION_TOKEN']),
    );
    for (const { ResponseType, ResponseParameters, ResponseTemplates } of responses) {
      expect(ResponseParameters['gatewayresponse.header.Access-Control-Allow-Origin']).toBe("'*'");
      const body = ResponseTemplates['application/json'].replace('$context.error.messageString', '"said"');
      expect(JSON.parse(body)).toEqual({ error: expect.any(String), code: expect.any(String) });
      // Of itself the gateway says "Internal server error", which tells nobody what to do.
      if (ResponseType === 'DEFAULT_5XX') expect(JSON.parse(body).error).toContain('Send the request again');
    }
  });
});

describe('the stages', () => {
  const rest = app.resource('AWS::ApiGateway::Stage').properties;
  const sockets = app.resource('AWS::ApiGatewayV2::Stage').properties;

  it('let no client run up the bill', () => {
    expect(rest.MethodSettings).toEqual([
      expect.objectContaining({ ResourcePath: '/*', ThrottlingRateLimit: 200, ThrottlingBurstLimit: 400 }),
    ]);
    expect(sockets.DefaultRouteSettings).toMatchObject({ ThrottlingRateLimit: 500, ThrottlingBurstLimit: 1000 });
  });

  it.each([
    ['public', rest.AccessLogSetting],
    ['sockets', sockets.AccessLogSettings],
  ])('log each request of the %s API for a month, and nothing of it that could be a secret', (name, log) => {
    const format: Record<string, string> = JSON.parse(log.Format);
    expect(format).toMatchObject({ status: '$context.status', error: '$context.error.message' });
    expect(log.Format).not.toMatch(/header|query|authorizer|apiKey/i);
    const arn = `arn:AWS::Partition:logs:AWS::Region:AWS::AccountId:log-group:\${GatewayLogsLog${name}}`;
    expect(app.render(log.DestinationArn)).toBe(arn);
    const group = app.resource('AWS::Logs::LogGroup', `GatewayLogsLog${name}`).properties;
    expect(group).toMatchObject({ LogGroupName: `/aws/vendedlogs/SourceUploadApi-${name}`, RetentionInDays: 30 });
  });

  it('are made after the role was given with which API Gateway logs, which stays for other APIs of the account', () => {
    const { logicalId, deletionPolicy } = app.resource('AWS::ApiGateway::Account');
    expect(deletionPolicy).toBe('Retain');
    for (const type of ['AWS::ApiGateway::Stage', 'AWS::ApiGatewayV2::Stage']) {
      const stage = app.resource(type).logicalId;
      expect(app.stacks.SourceUploadApi.Resources[stage].DependsOn).toContain(logicalId);
    }
  });
});

describe('the WebSocket API', () => {
  it('is reached over IPv6 too, which is the only way out of the VPC', () => {
    expect(app.resource('AWS::ApiGatewayV2::Api').properties.IpAddressType).toBe('dualstack');
  });

  it('leads connects, disconnects and all messages to their functions', () => {
    const functions = new Map(
      app
        .resources('AWS::ApiGatewayV2::Integration')
        .map(({ logicalId, properties }) => [
          logicalId,
          /Functions(\w+)Function/.exec(app.render(properties.IntegrationUri))?.[1],
        ]),
    );
    const routes = app.resources('AWS::ApiGatewayV2::Route').map(({ properties }) => {
      const integration = properties.Target['Fn::Join'][1].find((part: Json) => part.Ref).Ref;
      return [properties.RouteKey, functions.get(integration)];
    });
    expect(Object.fromEntries(routes)).toEqual({
      $connect: 'connect',
      $disconnect: 'disconnect',
      $default: 'message',
    });
  });
});
