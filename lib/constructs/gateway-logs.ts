import { ArnFormat, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as apigateway from 'aws-cdk-lib/aws-apigateway';
import type { CfnStage as CfnSocketStage, WebSocketStage } from 'aws-cdk-lib/aws-apigatewayv2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';

export interface GatewayLogsProps {
  readonly rest: apigateway.Stage;
  readonly sockets: WebSocketStage;
}

/** Of each request. No header and no query: keys travel in the one, and the address of a socket may carry a token in the other. */
const EVERY_LINE = {
  requestId: '$context.requestId',
  time: '$context.requestTimeEpoch',
  ip: '$context.identity.sourceIp',
  status: '$context.status',
  error: '$context.error.message',
};

const REST_LINE = {
  ...EVERY_LINE,
  method: '$context.httpMethod',
  path: '$context.path',
  bytes: '$context.responseLength',
  ms: '$context.responseLatency',
  functionMs: '$context.integrationLatency',
  trace: '$context.xrayTraceId',
};

const SOCKET_LINE = {
  ...EVERY_LINE,
  connectionId: '$context.connectionId',
  event: '$context.eventType',
  route: '$context.routeKey',
  functionError: '$context.integrationErrorMessage',
  ms: '$context.integrationLatency',
};

/** Who called the two APIs, and with what answer; also what they refused by themselves, of which no function knows. */
export class GatewayLogs extends Construct {
  constructor(scope: Construct, id: string, { rest, sockets }: GatewayLogsProps) {
    super(scope, id);
    const account = this.#allowLogging();
    const [restStage, socketStage] = [rest, sockets].map((stage) => stage.node.defaultChild);
    (restStage as apigateway.CfnStage).accessLogSetting = {
      destinationArn: this.#group('public'),
      format: JSON.stringify(REST_LINE),
    };
    (socketStage as CfnSocketStage).accessLogSettings = {
      destinationArn: this.#group('sockets'),
      format: JSON.stringify(SOCKET_LINE),
    };
    // An account that never had an API takes no such setting before it has one.
    account.addResourceDependency(rest.restApi.node.defaultChild as apigateway.CfnRestApi);
    for (const stage of [rest, sockets]) stage.node.addDependency(account);
  }

  /**
   * API Gateway writes no log before its account has a role for it. The account has one such setting in each region, for
   * all that is deployed there: so it stays when this is deleted, and where there is one it is replaced by one of the same rights.
   */
  #allowLogging(): apigateway.CfnAccount {
    const role = new iam.Role(this, 'Role', {
      assumedBy: new iam.ServicePrincipal('apigateway.amazonaws.com'),
      managedPolicies: [
        iam.ManagedPolicy.fromAwsManagedPolicyName('service-role/AmazonAPIGatewayPushToCloudWatchLogs'),
      ],
    });
    const account = new apigateway.CfnAccount(this, 'Account', { cloudWatchRoleArn: role.roleArn });
    for (const kept of [role, account]) kept.applyRemovalPolicy(RemovalPolicy.RETAIN);
    return account;
  }

  #group(name: string): string {
    const stack = Stack.of(this);
    // Below vendedlogs, since the policy that lets services write elsewhere has room for some ten of them.
    const logGroupName = `/aws/vendedlogs/${stack.stackName}-${name}`;
    const group = new logs.LogGroup(this, `Log-${name}`, {
      logGroupName,
      retention: logs.RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    // Not the ARN of the group: that ends in `:*`, which a stage refuses.
    const arnFormat = ArnFormat.COLON_RESOURCE_NAME;
    return stack.formatArn({ service: 'logs', resource: 'log-group', resourceName: group.logGroupName, arnFormat });
  }
}
