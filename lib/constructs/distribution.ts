import { readFileSync } from 'node:fs';
import { Aws, Stack } from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import * as origins from 'aws-cdk-lib/aws-cloudfront-origins';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { FrontSettings } from '../front-settings.ts';
import type { PublicApi } from './public-api.ts';
import { ResponseHeaders } from './response-headers.ts';
import { WebAcl } from './web-acl.ts';
import type { WebSocketEndpoint } from './web-socket-endpoint.ts';

export interface DistributionProps {
  readonly publicApi: PublicApi;
  readonly webSocket: WebSocketEndpoint;
  readonly webBucket: s3.IBucket;
  /** Their paths, each with a slash before it. */
  readonly webFiles: readonly string[];
  readonly log: s3.IBucket;
  readonly settings: FrontSettings;
}

/** One address for everything, with the paths of the contract. */
export class Distribution extends Construct {
  /** Where it is reached. */
  readonly domainName: string;
  /** Where a domain name of your own has to lead. */
  readonly target: string;

  constructor(scope: Construct, id: string, props: DistributionProps) {
    super(scope, id);
    const { publicApi, webSocket, webBucket, webFiles, log, settings } = props;
    const headers = new ResponseHeaders(this, 'Headers');
    const distribution = new cloudfront.Distribution(this, 'Distribution', {
      comment: 'Source upload',
      defaultRootObject: 'index.html',
      httpVersion: cloudfront.HttpVersion.HTTP2_AND_3,
      ...this.#ownName(settings.domain),
      ...this.#firewall(settings.webAcl),
      // Without cookies: there are none. It is there whatever else is, and says who was refused at the door.
      logBucket: log,
      logFilePrefix: 'front/',
      defaultBehavior: {
        origin: origins.S3BucketOrigin.withOriginAccessControl(webBucket, {
          // Its name is of the whole account, where the service may be in a second region.
          originAccessControl: new cloudfront.S3OriginAccessControl(this, 'PageAccess', {
            originAccessControlName: `${Stack.of(this).stackName}-${Aws.REGION}`,
          }),
        }),
        allowedMethods: cloudfront.AllowedMethods.ALLOW_ALL, // or a wrong path is refused for its method, in HTML
        functionAssociations: [
          viewerRequest(this, 'PageRequest', 'page-request.js', { PAGE_FILES: ['/', ...webFiles].join(',') }),
        ],
        viewerProtocolPolicy: cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
        responseHeadersPolicy: headers.page,
      },
      additionalBehaviors: {
        '/public/*': {
          ...this.#passThrough(
            new origins.HttpOrigin(publicApi.domainName, { originPath: `/${publicApi.stageName}` }),
            viewerRequest(this, 'PublicRequest', 'public-request.js'),
          ),
          responseHeadersPolicy: headers.answers,
        },
        // No origin path: the function writes the whole path, since the gateway refuses one with a slash at its end.
        '/ws/*': this.#passThrough(
          new origins.HttpOrigin(webSocket.domainName),
          viewerRequest(this, 'SocketRequest', 'socket-request.js', { WEBSOCKET_STAGE: webSocket.stageName }),
        ),
      },
    });
    this.target = distribution.distributionDomainName;
    this.domainName = settings.domain?.name ?? this.target;
  }

  #ownName(domain: FrontSettings['domain']): Partial<cloudfront.DistributionProps> {
    if (!domain) return {};
    return {
      domainNames: [domain.name],
      certificate: acm.Certificate.fromCertificateArn(this, 'Certificate', domain.certificateArn),
      minimumProtocolVersion: cloudfront.SecurityPolicyProtocol.TLS_V1_2_2021,
    };
  }

  #firewall(webAcl: FrontSettings['webAcl']): Partial<cloudfront.DistributionProps> {
    if (!webAcl) return {};
    return { webAclId: webAcl === 'managed' ? new WebAcl(this, 'Firewall').arn : webAcl.arn };
  }

  /** To an API: nothing is cached, and all of the viewer's request goes on but its host, which API Gateway routes by. */
  #passThrough(origin: cloudfront.IOrigin, onRequest: cloudfront.FunctionAssociation): cloudfront.BehaviorOptions {
    return {
      origin,
      allowedMethods: cloudfront.AllowedMethods.ALLOW_ALL,
      cachePolicy: cloudfront.CachePolicy.CACHING_DISABLED,
      originRequestPolicy: cloudfront.OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
      viewerProtocolPolicy: cloudfront.ViewerProtocolPolicy.HTTPS_ONLY, // a key must not go out in the clear first
      functionAssociations: [onRequest],
    };
  }
}

/** The file is deployed as it is, but for each `%NAME%` that `values` names. */
function viewerRequest(
  scope: Construct,
  id: string,
  file: string,
  values: Readonly<Record<string, string>> = {},
): cloudfront.FunctionAssociation {
  let code = readFileSync(new URL(`../cloudfront-functions/${file}`, import.meta.url), 'utf8');
  for (const [name, value] of Object.entries(values)) code = code.replaceAll(`%${name}%`, value);
  return {
    eventType: cloudfront.FunctionEventType.VIEWER_REQUEST,
    function: new cloudfront.Function(scope, id, {
      runtime: cloudfront.FunctionRuntime.JS_2_0,
      code: cloudfront.FunctionCode.fromInline(code),
    }),
  };
}
