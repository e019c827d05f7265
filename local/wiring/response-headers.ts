import type { PolicyHeader } from '../cloudfront/behaviors.ts';
import type { ResponseHeadersPolicy } from '../template/types/cloudfront.ts';

/** The headers that a response headers policy adds, as CloudFront writes them. */
export function policyHeaders({ SecurityHeadersConfig: security }: ResponseHeadersPolicy): PolicyHeader[] {
  const { ContentSecurityPolicy, ContentTypeOptions, FrameOptions, ReferrerPolicy, StrictTransportSecurity } = security;
  const headers: (PolicyHeader | undefined)[] = [
    ContentSecurityPolicy && {
      name: 'content-security-policy',
      value: ContentSecurityPolicy.ContentSecurityPolicy,
      override: ContentSecurityPolicy.Override,
    },
    ContentTypeOptions && { name: 'x-content-type-options', value: 'nosniff', override: ContentTypeOptions.Override },
    FrameOptions && { name: 'x-frame-options', value: FrameOptions.FrameOption, override: FrameOptions.Override },
    ReferrerPolicy && {
      name: 'referrer-policy',
      value: ReferrerPolicy.ReferrerPolicy,
      override: ReferrerPolicy.Override,
    },
    StrictTransportSecurity && {
      name: 'strict-transport-security',
      value: `max-age=${StrictTransportSecurity.AccessControlMaxAgeSec}`,
      override: StrictTransportSecurity.Override,
    },
  ];
  return headers.filter((header) => header !== undefined);
}
