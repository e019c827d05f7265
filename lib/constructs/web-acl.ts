import { CfnRule, Fn, Stack } from 'aws-cdk-lib';
import * as wafv2 from 'aws-cdk-lib/aws-wafv2';
import { Construct } from 'constructs';

/** Requests of one address in five minutes. A client of twenty uploads at once, each with its socket, stays far below. */
const RATE_LIMIT = 2_000;

/**
 * Groups of rules that AWS keeps, and what of them only counts here. Most of it looks into bodies, and bodies here are
 * the documents of users: a text about an attack would be one, and any file above 8 kB too large. What a body may be is decided by
 * the parser of the function. And sockets that are opened by programs often do not say by which.
 */
const GROUPS: Readonly<Record<string, readonly string[]>> = {
  AWSManagedRulesAmazonIpReputationList: [],
  AWSManagedRulesKnownBadInputsRuleSet: ['JavaDeserializationRCE_BODY', 'Log4JRCE_BODY', 'ReactJSRCE_BODY'],
  AWSManagedRulesCommonRuleSet: [
    'NoUserAgent_HEADER',
    'SizeRestrictions_BODY',
    'CrossSiteScripting_BODY',
    'GenericLFI_BODY',
    'GenericRFI_BODY',
    'EC2MetaDataSSRF_BODY',
  ],
};

/** A firewall: addresses of ill repute, requests that are known attacks, and too many from one address. */
export class WebAcl extends Construct {
  readonly arn: string;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    const stack = Stack.of(this);
    new CfnRule(this, 'Region', {
      assertions: [
        {
          assert: Fn.conditionEquals(stack.region, 'us-east-1'),
          assertDescription:
            'A web ACL for CloudFront can only be made in us-east-1: deploy there, or make one there and give its ARN as webAcl.',
        },
      ],
    });
    const acl = new wafv2.CfnWebACL(this, 'Acl', {
      scope: 'CLOUDFRONT',
      defaultAction: { allow: {} },
      visibilityConfig: seenAs(`${stack.stackName}-firewall`),
      rules: [rateRule(), ...Object.keys(GROUPS).map((name, index) => managedRule(name, index + 1))],
    });
    this.arn = acl.attrArn;
  }
}

function rateRule(): wafv2.CfnWebACL.RuleProperty {
  return {
    name: 'TooMany',
    priority: 0,
    action: { block: { customResponse: { responseCode: 429 } } },
    statement: { rateBasedStatement: { limit: RATE_LIMIT, aggregateKeyType: 'IP' } },
    visibilityConfig: seenAs('TooMany'),
  };
}

function managedRule(name: string, priority: number): wafv2.CfnWebACL.RuleProperty {
  const ruleActionOverrides = GROUPS[name]!.map((rule) => ({ name: rule, actionToUse: { count: {} } }));
  return {
    name,
    priority,
    overrideAction: { none: {} },
    statement: { managedRuleGroupStatement: { vendorName: 'AWS', name, ruleActionOverrides } },
    visibilityConfig: seenAs(name),
  };
}

function seenAs(metricName: string): wafv2.CfnWebACL.VisibilityConfigProperty {
  return { metricName, cloudWatchMetricsEnabled: true, sampledRequestsEnabled: false }; // samples hold headers, so keys
}
