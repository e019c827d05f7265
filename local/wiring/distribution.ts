import type { CacheBehavior, PathBehavior, PolicyHeader } from '../cloudfront/behaviors.ts';
import type { DistributionOptions } from '../cloudfront/distribution.ts';
import type { Origin } from '../cloudfront/origins.ts';
import type { HostTable } from '../host-table.ts';
import { wildcard } from '../iam/wildcard.ts';
import type { Template } from '../template/template.ts';
import { TemplateError } from '../template/template-error.ts';
import * as cloudfront from '../template/types/cloudfront.ts';
import { bucket, bucketPolicy, regionalDomainName } from '../template/types/s3.ts';
import { policyHeaders } from './response-headers.ts';

export type DistributionDeclaration = Pick<
  DistributionOptions,
  'behaviors' | 'defaultBehavior' | 'origins' | 'defaultRootObject' | 'customErrorResponses'
>;

type Distribution = ReturnType<typeof distributions>[number];
type Config = Distribution['properties']['DistributionConfig'];

const distributions = (template: Template) => template.of(cloudfront.distribution);

/** The one distribution of the template: it is the front door, and there is one port for it. */
export function distributionDeclaration(template: Template, hosts: HostTable): DistributionDeclaration {
  const [distribution, ...others] = distributions(template);
  if (!distribution || others.length > 0) {
    throw new TemplateError(
      'invalid-property',
      'AWS::CloudFront::Distribution',
      `one is needed, there are ${others.length + 1}`,
    );
  }
  const { DistributionConfig: config } = distribution.properties;
  const behavior = behaviorOf(template, distribution);
  return {
    behaviors: config.CacheBehaviors.map(
      (each): PathBehavior => ({ ...behavior(each), pathPattern: each.PathPattern }),
    ),
    defaultBehavior: behavior(config.DefaultCacheBehavior),
    origins: Object.fromEntries(
      config.Origins.map((origin) => [origin.Id, originOf(template, distribution, origin, hosts)]),
    ),
    defaultRootObject: config.DefaultRootObject,
    customErrorResponses: config.CustomErrorResponses?.map(({ ErrorCode, ResponseCode, ResponsePagePath }) => ({
      errorCode: ErrorCode,
      responseCode: ResponseCode,
      responsePagePath: ResponsePagePath,
    })),
  };
}

function behaviorOf(
  template: Template,
  distribution: Distribution,
): (behavior: Config['DefaultCacheBehavior']) => CacheBehavior {
  const functions = new Map(template.of(cloudfront.cloudfrontFunction).map(({ ref, properties }) => [ref, properties]));
  const policies = new Map(
    template
      .of(cloudfront.responseHeadersPolicy)
      .map(({ ref, properties }) => [ref, policyHeaders(properties.ResponseHeadersPolicyConfig)]),
  );
  const addedHeaders = (id: string | undefined): readonly PolicyHeader[] => {
    const headers = id === undefined ? [] : policies.get(id);
    if (!headers) throw new TemplateError('unknown-reference', distribution.path, `${id} is no policy of the app`);
    return headers;
  };
  return ({ TargetOriginId, AllowedMethods, CachePolicyId, FunctionAssociations, ...behavior }) => {
    const associated = FunctionAssociations.map(({ FunctionARN }) => {
      const found = functions.get(FunctionARN);
      if (!found)
        throw new TemplateError('unknown-reference', distribution.path, `${FunctionARN} is no function of the app`);
      return found.FunctionCode;
    });
    return {
      originId: TargetOriginId,
      allowedMethods: AllowedMethods,
      cachePolicyId: CachePolicyId,
      originRequestPolicyId: behavior.OriginRequestPolicyId,
      responseHeaders: addedHeaders(behavior.ResponseHeadersPolicyId),
      viewerRequestFunctionCode: associated[0],
    };
  };
}

function originOf(
  template: Template,
  distribution: Distribution,
  origin: Config['Origins'][number],
  hosts: HostTable,
): Origin {
  const { DomainName, OriginPath: originPath } = origin;
  const own = template.of(bucket).find((each) => regionalDomainName(each) === DomainName);
  if (own) {
    requireOriginAccess(template, distribution, own.ref, origin.OriginAccessControlId);
    return { kind: 's3', bucket: own.ref, originPath };
  }
  const url = hosts.origin(DomainName);
  if (!url)
    throw new TemplateError('unknown-reference', distribution.path, `the origin ${DomainName} is no part of the app`);
  return { kind: 'http', url, originPath };
}

/** Throws where the bucket's policy does not let CloudFront in: deployed, every page would be a 403. */
function requireOriginAccess(
  template: Template,
  { ref, path, environment }: Distribution,
  name: string,
  control?: string,
): void {
  const distributionArn = `arn:${environment.partition}:cloudfront::${environment.accountId}:distribution/${ref}`;
  const statements = template
    .of(bucketPolicy)
    .filter(({ properties }) => properties.Bucket === name)
    .flatMap(({ properties }) => properties.PolicyDocument.Statement);
  const allowed = statements.some(
    ({ Effect, Action, Principal, Resource, Condition }) =>
      Effect === 'Allow' &&
      Action.includes('s3:GetObject') &&
      typeof Principal === 'object' &&
      Principal.Service?.includes('cloudfront.amazonaws.com') === true &&
      Resource?.some((pattern) => wildcard(pattern).test(`arn:${environment.partition}:s3:::${name}/index.html`)) ===
        true &&
      Condition?.StringEquals?.['AWS:SourceArn'] === distributionArn,
  );
  if (!control || !allowed) {
    throw new TemplateError(
      'missing-permission',
      path,
      `the policy of the bucket ${name} does not let this distribution read it`,
    );
  }
}
