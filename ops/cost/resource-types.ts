import { OperationError } from '../command.ts';

/** What the bill has an item for; `facts.ts` reads what the item needs to know of each. */
export const PRICED_TYPES = [
  'AWS::ApiGateway::RestApi',
  'AWS::ApiGatewayV2::Api',
  'AWS::CloudFront::Distribution',
  'AWS::CloudFront::Function',
  'AWS::CloudWatch::Alarm',
  'AWS::CloudWatch::Dashboard',
  'AWS::DynamoDB::Table',
  'AWS::EC2::EIP',
  'AWS::EC2::NatGateway',
  'AWS::ElastiCache::ServerlessCache',
  'AWS::Events::Rule',
  'AWS::KMS::Key',
  'AWS::Lambda::EventSourceMapping',
  'AWS::Lambda::Function',
  'AWS::Logs::LogGroup',
  'AWS::S3::Bucket',
  'AWS::SecretsManager::Secret',
  'AWS::SQS::Queue',
  'AWS::WAFv2::WebACL',
] as const;

/** What costs nothing, however much it is used: each was looked up. What is in neither list stops the calculation. */
export const FREE_TYPES: readonly string[] = [
  'AWS::ApiGateway::Account',
  'AWS::ApiGateway::BasePathMapping',
  'AWS::ApiGateway::Deployment',
  'AWS::ApiGateway::DomainName',
  'AWS::ApiGateway::GatewayResponse',
  'AWS::ApiGateway::Method',
  'AWS::ApiGateway::Resource',
  'AWS::ApiGateway::Stage', // but for a cache, which `facts.ts` refuses
  'AWS::ApiGatewayV2::ApiMapping',
  'AWS::ApiGatewayV2::DomainName',
  'AWS::ApiGatewayV2::Integration',
  'AWS::ApiGatewayV2::Route',
  'AWS::ApiGatewayV2::Stage',
  'AWS::CDK::Metadata',
  'AWS::CloudFront::CachePolicy',
  'AWS::CloudFront::OriginAccessControl',
  'AWS::CloudFront::OriginRequestPolicy',
  'AWS::CloudFront::ResponseHeadersPolicy',
  'AWS::EC2::EgressOnlyInternetGateway', // what goes out of it is little, and is of the data transfer that nobody is billed for within a region
  'AWS::EC2::InternetGateway',
  'AWS::EC2::Route',
  'AWS::EC2::RouteTable',
  'AWS::EC2::SecurityGroup',
  'AWS::EC2::SecurityGroupEgress',
  'AWS::EC2::SecurityGroupIngress',
  'AWS::EC2::Subnet',
  'AWS::EC2::SubnetRouteTableAssociation',
  'AWS::EC2::VPC',
  'AWS::EC2::VPCCidrBlock',
  'AWS::EC2::VPCEndpoint', // gateway endpoints; `facts.ts` refuses the others
  'AWS::EC2::VPCGatewayAttachment',
  'AWS::ElastiCache::User',
  'AWS::ElastiCache::UserGroup',
  'AWS::IAM::Policy',
  'AWS::IAM::Role',
  'AWS::Lambda::EventInvokeConfig',
  'AWS::Lambda::LayerVersion',
  'AWS::Lambda::Permission',
  'AWS::S3::BucketPolicy',
  'AWS::SecretsManager::RotationSchedule', // a call of its function a month
  'AWS::SNS::Subscription', // the first 1,000 e-mails of a month are free, and an alarm writes one
  'AWS::SNS::Topic',
  'AWS::SNS::TopicPolicy',
  'AWS::SQS::QueuePolicy',
  'AWS::XRay::SamplingRule',
  'Custom::CDKBucketDeployment', // runs in a deployment only
];

/** @throws OperationError `unpriced` naming every type that nothing is known of */
export function requireKnownTypes(types: Iterable<string>): void {
  const known: readonly string[] = [...PRICED_TYPES, ...FREE_TYPES];
  const unknown = [...new Set(types)].filter((type) => !known.includes(type)).sort();
  if (unknown.length === 0) return;
  throw new OperationError(
    'unpriced',
    `Nothing is known of what ${unknown.join(', ')} cost${unknown.length === 1 ? 's' : ''}. Look it up, then add it to FREE_TYPES, or to PRICED_TYPES with an item of the bill: ops/cost/.`,
  );
}
