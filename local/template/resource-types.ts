import type { AnyResourceType } from './resource-type.ts';
import * as apigateway from './types/apigateway.ts';
import * as apigatewayv2 from './types/apigatewayv2.ts';
import * as cloudfront from './types/cloudfront.ts';
import * as custom from './types/custom-resources.ts';
import * as dynamodb from './types/dynamodb.ts';
import * as elasticache from './types/elasticache.ts';
import * as events from './types/events.ts';
import * as iam from './types/iam.ts';
import * as lambda from './types/lambda.ts';
import { networkTypes } from './types/network.ts';
import { observabilityTypes } from './types/observability.ts';
import * as s3 from './types/s3.ts';
import * as secretsManager from './types/secrets-manager.ts';
import * as sqs from './types/sqs.ts';
import * as wafv2 from './types/wafv2.ts';

/** Everything that a template may hold. A type that is not here makes the start fail. */
export const RESOURCE_TYPES: readonly AnyResourceType[] = [
  dynamodb.table,
  dynamodb.globalTable,
  s3.bucket,
  s3.bucketPolicy,
  sqs.queue,
  sqs.queuePolicy,
  iam.role,
  iam.policy,
  iam.managedPolicy,
  lambda.lambdaFunction,
  lambda.permission,
  lambda.eventInvokeConfig,
  lambda.eventSourceMapping,
  lambda.layerVersion,
  apigateway.restApi,
  apigateway.resource,
  apigateway.method,
  apigateway.gatewayResponse,
  apigateway.deployment,
  apigateway.stage,
  apigateway.account,
  apigatewayv2.webSocketApi,
  apigatewayv2.integration,
  apigatewayv2.route,
  apigatewayv2.stage,
  cloudfront.distribution,
  cloudfront.cloudfrontFunction,
  cloudfront.originAccessControl,
  cloudfront.responseHeadersPolicy,
  wafv2.webAcl,
  elasticache.serverlessCache,
  elasticache.user,
  elasticache.userGroup,
  events.rule,
  secretsManager.secret,
  secretsManager.rotationSchedule,
  custom.bucketDeployment,
  custom.autoDeleteObjects,
  custom.restrictDefaultSecurityGroup,
  custom.cdkMetadata,
  ...networkTypes,
  ...observabilityTypes,
];
