import { Aws, Duration, Stack } from 'aws-cdk-lib';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import { Construct } from 'constructs';

/** What the page is made of, and whom it talks to, is here: calls and sockets go to the host that served it. */
const OF_PAGE = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "form-action 'none'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
];

/** Nothing that an API answers is a page; whoever opens one as such gets nothing to run. */
const OF_ANSWERS = ["default-src 'none'", "frame-ancestors 'none'"];

/** What browsers are told to refuse. */
export class ResponseHeaders extends Construct {
  readonly page: cloudfront.ResponseHeadersPolicy;
  readonly answers: cloudfront.ResponseHeadersPolicy;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.page = policy(this, 'Page', OF_PAGE);
    this.answers = policy(this, 'Answers', OF_ANSWERS);
  }
}

function policy(scope: Construct, id: string, contentSecurity: readonly string[]): cloudfront.ResponseHeadersPolicy {
  return new cloudfront.ResponseHeadersPolicy(scope, id, {
    // CloudFront's names are of the whole account, where the service may be in a second region.
    responseHeadersPolicyName: `${Stack.of(scope).stackName}-${id}-${Aws.REGION}`,
    securityHeadersBehavior: {
      contentSecurityPolicy: { contentSecurityPolicy: contentSecurity.join('; '), override: true },
      contentTypeOptions: { override: true },
      frameOptions: { frameOption: cloudfront.HeadersFrameOption.DENY, override: true },
      referrerPolicy: { referrerPolicy: cloudfront.HeadersReferrerPolicy.NO_REFERRER, override: true },
      strictTransportSecurity: { accessControlMaxAge: Duration.days(365), override: true },
    },
  });
}
