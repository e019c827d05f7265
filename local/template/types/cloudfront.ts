import { z } from 'zod';
import { flag, generatedId, ignored, integer, resourceType, tags } from '../resource-type.ts';

const ID_LENGTH = 14;

const behavior = {
  TargetOriginId: z.string(),
  AllowedMethods: z.array(z.string()).default(['GET', 'HEAD']),
  CachedMethods: ignored('nothing is cached here'),
  CachePolicyId: z.string().optional(),
  OriginRequestPolicyId: z.string().optional(),
  ResponseHeadersPolicyId: z.string().optional(),
  Compress: ignored('bytes do not travel here'),
  ViewerProtocolPolicy: ignored('there is no TLS here'),
  FunctionAssociations: z
    .array(z.strictObject({ EventType: z.enum(['viewer-request']), FunctionARN: z.string() }))
    .default([]),
};

const origin = z.strictObject({
  Id: z.string(),
  DomainName: z.string(),
  OriginPath: z.string().default(''),
  OriginAccessControlId: z.string().optional(),
  S3OriginConfig: z.strictObject({ OriginAccessIdentity: z.literal('').optional() }).optional(),
  CustomOriginConfig: z
    .strictObject({
      OriginProtocolPolicy: z.literal('https-only'),
      OriginSSLProtocols: ignored('there is no TLS here'),
      OriginKeepaliveTimeout: ignored('connections on one machine cost nothing'),
      HTTPSPort: ignored('there is no TLS here'),
      HTTPPort: ignored('origins are reached by HTTPS only'),
      IpAddressType: ignored('one machine: no address family to choose'),
    })
    .optional(),
  ConnectionAttempts: ignored('an origin on the same machine answers or is not there'),
  ConnectionTimeout: ignored('an origin on the same machine answers or is not there'),
});

export const distribution = resourceType('AWS::CloudFront::Distribution', {
  properties: z.strictObject({
    DistributionConfig: z.strictObject({
      Enabled: z.literal(true),
      Aliases: ignored('it answers to every name here'),
      Origins: z.array(origin),
      DefaultCacheBehavior: z.strictObject(behavior),
      CacheBehaviors: z.array(z.strictObject({ ...behavior, PathPattern: z.string() })).default([]),
      DefaultRootObject: z.string().optional(),
      CustomErrorResponses: z
        .array(
          z.strictObject({
            ErrorCode: integer,
            ResponseCode: integer.optional(),
            ResponsePagePath: z.string().optional(),
            ErrorCachingMinTTL: ignored('nothing is cached here'),
          }),
        )
        .optional(),
      Comment: ignored('for people'),
      HttpVersion: ignored('HTTP/1.1 here'),
      IPV6Enabled: ignored('one machine: no address family to choose'),
      PriceClass: ignored('the price only'),
      Logging: ignored('the local log has a line per request'),
      Restrictions: ignored('countries: there is one user here'),
      ViewerCertificate: ignored('there is no TLS here'),
      WebACLId: ignored('there is no firewall here'),
    }),
    Tags: tags,
  }),
  ref: (resource) => generatedId(resource, ID_LENGTH).toUpperCase(),
  attributes: { Id: ({ ref }) => ref, DomainName: (own) => distributionHost(own.ref) },
});

const securityHeaders = z.strictObject({
  ContentSecurityPolicy: z.strictObject({ ContentSecurityPolicy: z.string(), Override: flag }).optional(),
  ContentTypeOptions: z.strictObject({ Override: flag }).optional(),
  FrameOptions: z.strictObject({ FrameOption: z.enum(['DENY', 'SAMEORIGIN']), Override: flag }).optional(),
  ReferrerPolicy: z.strictObject({ ReferrerPolicy: z.string(), Override: flag }).optional(),
  StrictTransportSecurity: z.strictObject({ AccessControlMaxAgeSec: integer, Override: flag }).optional(),
});

const responseHeadersConfig = z.strictObject({
  Name: z.string(),
  SecurityHeadersConfig: securityHeaders,
  Comment: ignored('for people'),
});

export type ResponseHeadersPolicy = z.infer<typeof responseHeadersConfig>;

export const responseHeadersPolicy = resourceType('AWS::CloudFront::ResponseHeadersPolicy', {
  properties: z.strictObject({ ResponseHeadersPolicyConfig: responseHeadersConfig }),
  ref: (resource) => generatedId(resource, 36),
  attributes: { Id: ({ ref }) => ref },
});

export function distributionHost(id: string): string {
  return `d${id.toLowerCase()}.cloudfront.net`;
}

export const cloudfrontFunction = resourceType('AWS::CloudFront::Function', {
  properties: z.strictObject({
    Name: z.string(),
    FunctionCode: z.string(),
    AutoPublish: z.literal(true),
    FunctionConfig: z.strictObject({
      Comment: ignored('for people'),
      Runtime: z.enum(['cloudfront-js-1.0', 'cloudfront-js-2.0']),
    }),
  }),
  ref: functionArn,
  attributes: { FunctionARN: ({ ref }) => ref },
});

function functionArn(own: {
  properties: { Name: string };
  environment: { partition: string; accountId: string };
}): string {
  return `arn:${own.environment.partition}:cloudfront::${own.environment.accountId}:function/${own.properties.Name}`;
}

export const originAccessControl = resourceType('AWS::CloudFront::OriginAccessControl', {
  properties: z.strictObject({
    OriginAccessControlConfig: z.strictObject({
      Name: z.string(),
      OriginAccessControlOriginType: z.literal('s3'),
      SigningBehavior: z.literal('always'),
      SigningProtocol: z.literal('sigv4'),
      Description: ignored('for people'),
    }),
  }),
  ref: (resource) => generatedId(resource, ID_LENGTH).toUpperCase(),
  attributes: { Id: ({ ref }) => ref },
});
