import { afterAll, describe, expect, it } from 'vitest';
import { synthesize } from './synthesized.ts';

const app = synthesize();
afterAll(() => app[Symbol.dispose]());

const { DistributionConfig: config } = app.resource('AWS::CloudFront::Distribution').properties;

/** Ids of CloudFront's managed policies, as its documentation lists them. */
const CACHING_DISABLED = '4135ea2d-6df8-44a3-9df3-4b5a84be39ad';
const ALL_VIEWER_EXCEPT_HOST_HEADER = 'b689b0a8-53d0-40ab-baf2-68738e2966ac';

function originOf(behavior: { TargetOriginId: string }) {
  return config.Origins.find(({ Id }: { Id: string }) => Id === behavior.TargetOriginId);
}

function behaviorOf(path: string) {
  return config.CacheBehaviors.find(({ PathPattern }: { PathPattern: string }) => PathPattern === path);
}

function codeOf(behavior: { FunctionAssociations: [{ FunctionARN: object }] }): string {
  const arn = app.render(behavior.FunctionAssociations[0].FunctionARN);
  const found = app
    .resources('AWS::CloudFront::Function')
    .filter(({ logicalId }) => arn.includes(logicalId.replace(/[0-9A-F]{8}$/, '')));
  expect(found).toHaveLength(1);
  expect(found[0]!.properties.FunctionConfig.Runtime).toBe('cloudfront-js-2.0');
  return found[0]!.properties.FunctionCode;
}

describe.each(['/public/*', '/ws/*'])('the behaviour of %s', (path) => {
  const behavior = behaviorOf(path);

  it('caches nothing, takes every method, and passes all on but the host', () => {
    expect(behavior.CachePolicyId).toBe(CACHING_DISABLED);
    expect(behavior.OriginRequestPolicyId).toBe(ALL_VIEWER_EXCEPT_HOST_HEADER);
    expect(behavior.AllowedMethods).toHaveLength(7);
  });

  it('never lets a key or a channel out in the clear', () => {
    expect(behavior.ViewerProtocolPolicy).toBe('https-only');
    expect(originOf(behavior).CustomOriginConfig.OriginProtocolPolicy).toBe('https-only');
  });
});

it('leads /public/* to the stage of the REST API, with the host of the viewer in a header of ours', () => {
  const origin = originOf(behaviorOf('/public/*'));
  expect(app.render(origin.DomainName)).toBe(`\${PublicApi}.execute-api.AWS::Region.AWS::URLSuffix`);
  expect(origin.OriginPath).toBe(`/${app.resource('AWS::ApiGateway::Stage').properties.StageName}`);
  expect(codeOf(behaviorOf('/public/*'))).toContain('x-viewer-host');
});

it('leads /ws/* to the WebSocket API, whose stage its function writes into the path', () => {
  const origin = originOf(behaviorOf('/ws/*'));
  expect(app.render(origin.DomainName)).toBe(`\${WebSocketApi}.execute-api.AWS::Region.AWS::URLSuffix`);
  expect(origin.OriginPath).toBeUndefined();
  const stage = app.resource('AWS::ApiGatewayV2::Stage').properties.StageName;
  expect(codeOf(behaviorOf('/ws/*'))).toContain(`request.uri = '/${stage}'`);
  expect(codeOf(behaviorOf('/ws/*'))).not.toMatch(/%[A-Z_]+%/);
});

it('serves everything else from the bucket of the page, which nobody but CloudFront may read', () => {
  const origin = originOf(config.DefaultCacheBehavior);
  expect(app.render(origin.DomainName)).toBe(`\${WebPageBucket.RegionalDomainName}`);
  expect(app.render(origin.OriginAccessControlId)).toContain('OriginAccessControl');
  expect(config.DefaultRootObject).toBe('index.html');
  const { properties } = app.resource('AWS::S3::BucketPolicy', 'WebPage');
  const allowed = properties.PolicyDocument.Statement.filter(({ Effect }: { Effect: string }) => Effect === 'Allow');
  const readers = allowed.map(({ Principal }: { Principal: object }) => JSON.stringify(Principal));
  expect(readers).toContain('{"Service":"cloudfront.amazonaws.com"}');
  const { Action, Condition } = allowed[readers.indexOf('{"Service":"cloudfront.amazonaws.com"}')];
  expect(Action).toBe('s3:GetObject');
  expect(app.render(Object.values(Condition.StringEquals)[0])).toContain('FrontDistribution');
});

it('tells the address of the service, and how to make a key', () => {
  const { Url, CreateApiKey } = app.stacks.SourceUploadFront.Outputs;
  expect(app.render(Url.Value)).toBe(`https://\${FrontDistribution.DomainName}`);
  expect(app.render(CreateApiKey.Value)).toContain(`put-item --table-name \${ApiKeysTable}`);
});
