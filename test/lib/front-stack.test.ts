import { afterAll, describe, expect, it } from 'vitest';
import { type Json, synthesize } from './synthesized.ts';

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
  expect(app.render(origin.OriginAccessControlId)).toContain('PageAccess');
  expect(config.DefaultRootObject).toBe('index.html');
  const { properties } = app.resource('AWS::S3::BucketPolicy', 'WebPage');
  const allowed = properties.PolicyDocument.Statement.filter(({ Effect }: { Effect: string }) => Effect === 'Allow');
  const readers = allowed.map(({ Principal }: { Principal: object }) => JSON.stringify(Principal));
  expect(readers).toContain('{"Service":"cloudfront.amazonaws.com"}');
  const { Action, Condition } = allowed[readers.indexOf('{"Service":"cloudfront.amazonaws.com"}')];
  expect(Action).toBe('s3:GetObject');
  expect(app.render(Object.values(Condition.StringEquals)[0])).toContain('FrontDistribution');
});

it('can be deleted with the files of the page: its bucket is not marked as one whose files have to stay', () => {
  expect(app.resource('AWS::S3::Bucket', 'WebPage')).toMatchObject({
    deletionPolicy: 'Delete',
    properties: expect.not.objectContaining({ Tags: expect.anything() }),
  });
  const { properties } = app.resource('Custom::CDKBucketDeployment');
  expect(properties.RetainOnDelete).toBe(false);
});

it('lets through what the page is made of, and asks the bucket for nothing else', () => {
  const code = codeOf(config.DefaultCacheBehavior);
  expect(/const FILES = '([^']*)'/.exec(code)?.[1]).toBe('/,/index.html');
  expect(code).not.toMatch(/%[A-Z_]+%/);
  // Else a path that does not exist would be refused for its method first.
  expect(config.DefaultCacheBehavior.AllowedMethods).toHaveLength(7);
});

describe('what browsers are told to refuse', () => {
  const securityOf = (behavior: { ResponseHeadersPolicyId: object }) => {
    const name = app.render(behavior.ResponseHeadersPolicyId).replace(/^\$\{(.*)\}$/, '$1');
    const { properties } = app.resource('AWS::CloudFront::ResponseHeadersPolicy', name);
    return properties.ResponseHeadersPolicyConfig.SecurityHeadersConfig;
  };

  it.each([
    ['the page', config.DefaultCacheBehavior],
    ['answers', behaviorOf('/public/*')],
  ])('%s: other types, frames, and the way without TLS', (_, behavior) => {
    expect(securityOf(behavior)).toMatchObject({
      ContentTypeOptions: { Override: true },
      FrameOptions: { FrameOption: 'DENY' },
      ReferrerPolicy: { ReferrerPolicy: 'no-referrer' },
      StrictTransportSecurity: { AccessControlMaxAgeSec: 31_536_000 },
    });
  });

  it('the page: everything that it is not made of', () => {
    const policy: string = securityOf(config.DefaultCacheBehavior).ContentSecurityPolicy.ContentSecurityPolicy;
    expect(policy).toMatch(/^default-src 'none'; /);
    expect(policy).not.toMatch(/unsafe|\*|https?:/);
  });

  it('answers: whatever they may hold', () => {
    const policy: string = securityOf(behaviorOf('/public/*')).ContentSecurityPolicy.ContentSecurityPolicy;
    expect(policy).toBe("default-src 'none'; frame-ancestors 'none'");
  });
});

it('logs every request into the bucket of logs, without cookies', () => {
  expect(config.Logging).toEqual({ Bucket: expect.anything(), Prefix: 'front/' });
  expect(app.render(config.Logging.Bucket)).toBe(`\${AccessLogs.RegionalDomainName}`);
  const { properties } = app.resource('AWS::S3::Bucket', 'AccessLogs');
  // CloudFront writes with an ACL, which every other bucket refuses.
  expect(properties.OwnershipControls.Rules).toEqual([{ ObjectOwnership: 'ObjectWriter' }]);
});

describe('the options', () => {
  const CERTIFICATE = 'arn:aws:acm:us-east-1:123456789012:certificate/1f0c';

  it('are off: the name of CloudFront, and no firewall', () => {
    expect(config.Aliases).toBeUndefined();
    expect(config.WebACLId).toBeUndefined();
    expect(app.resources('AWS::WAFv2::WebACL')).toEqual([]);
  });

  it('give it a name of its own, with TLS 1.2 at least, and say where the name has to lead', () => {
    using named = synthesize({ domainName: 'upload.example.com', certificateArn: CERTIFICATE });
    const { properties } = named.resource('AWS::CloudFront::Distribution');
    expect(properties.DistributionConfig).toMatchObject({
      Aliases: ['upload.example.com'],
      ViewerCertificate: { AcmCertificateArn: CERTIFICATE, MinimumProtocolVersion: 'TLSv1.2_2021' },
    });
    const { Url, DomainTarget } = named.stacks.SourceUploadFront.Outputs;
    expect(Url.Value).toBe('https://upload.example.com');
    expect(named.render(DomainTarget.Value)).toBe(`\${FrontDistribution.DomainName}`);
  });

  it('put a firewall before it, which looks into no document, and refuse to be deployed where there can be none', () => {
    using guarded = synthesize({ webAcl: 'managed' });
    const { properties } = guarded.resource('AWS::WAFv2::WebACL');
    expect(properties).toMatchObject({ Scope: 'CLOUDFRONT', DefaultAction: { Allow: {} } });
    const { WebACLId } = guarded.resource('AWS::CloudFront::Distribution').properties.DistributionConfig;
    expect(guarded.render(WebACLId)).toBe(`\${FrontFirewallAcl.Arn}`);
    const groups = properties.Rules.flatMap((rule: Json) => rule.Statement.ManagedRuleGroupStatement ?? []);
    const counted = groups.flatMap(({ RuleActionOverrides }: Json) => RuleActionOverrides);
    expect(counted.map(({ Name }: Json) => Name)).toEqual(
      expect.arrayContaining(['SizeRestrictions_BODY', 'Log4JRCE_BODY']),
    );
    for (const { ActionToUse } of counted) expect(ActionToUse).toEqual({ Count: {} });
    const [rule] = Object.values<Json>(guarded.stacks.SourceUploadFront.Rules);
    expect(rule.Assertions[0].Assert).toEqual({ 'Fn::Equals': [{ Ref: 'AWS::Region' }, 'us-east-1'] });
  });

  it('put a firewall before it that there is already', () => {
    const arn = 'arn:aws:wafv2:us-east-1:123456789012:global/webacl/mine/1f0c';
    using guarded = synthesize({ webAcl: arn });
    expect(guarded.resource('AWS::CloudFront::Distribution').properties.DistributionConfig.WebACLId).toBe(arn);
    expect(guarded.resources('AWS::WAFv2::WebACL')).toEqual([]);
  });
});

it('tells the address of the service, and how to make a key', () => {
  const { Url, CreateApiKey } = app.stacks.SourceUploadFront.Outputs;
  expect(app.render(Url.Value)).toBe(`https://\${FrontDistribution.DomainName}`);
  expect(app.render(CreateApiKey.Value)).toContain(`put-item --table-name \${ApiKeysTable}`);
});
