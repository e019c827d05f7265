import { Arn, ArnFormat, type Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { FunctionName } from '../bundle.ts';

/** Where a function stands that has to reach Redis. */
export interface FunctionNetwork {
  readonly vpc: ec2.IVpc;
  readonly subnets: ec2.SubnetSelection;
  readonly securityGroup: ec2.ISecurityGroup;
}

export interface ServiceFunctionProps {
  readonly name: FunctionName;
  /** The folder with `index.mjs`. */
  readonly codeDir: string;
  readonly description: string;
  readonly timeout: Duration;
  readonly memorySize: number;
  /** Default: outside of any VPC. */
  readonly network?: FunctionNetwork;
  /**
   * Only for a function that nothing traced calls: Lambda would begin a trace of its own with nearly each of its calls, and lets
   * nobody choose how many.
   */
  readonly untraced?: boolean;
  /** Only for a function that starts itself again: Lambda stops such a chain after 16 calls otherwise. */
  readonly callsItself?: boolean;
  /** Only for a function that is invoked asynchronously. */
  readonly asyncInvoke?: { readonly retryAttempts: number; readonly maxEventAge: Duration };
}

/** In this stack, without a reference to it. */
export function functionName({ stackName }: Pick<Stack, 'stackName'>, name: FunctionName): string {
  return `${stackName}-${name}`;
}

/**
 * A Lambda function with a role and a log group of its own. It starts out with the rights to write its log and its
 * traces, if it has any, only; the `grant*` of the other constructs give the rest, each right together with the variable that names its target.
 */
export class ServiceFunction extends Construct {
  readonly lambda: lambda.Function;
  /** Text, not a reference: a function whose own environment or role refers to it would be a circular dependency. */
  readonly ownName: string;
  readonly ownArn: string;
  readonly inVpc: boolean;
  readonly #role: iam.Role;

  constructor(scope: Construct, id: string, props: ServiceFunctionProps) {
    super(scope, id);
    const stack = Stack.of(this);
    this.ownName = functionName(stack, props.name);
    this.ownArn = Arn.format(
      { service: 'lambda', resource: 'function', resourceName: this.ownName, arnFormat: ArnFormat.COLON_RESOURCE_NAME },
      stack,
    );
    this.inVpc = props.network !== undefined;
    this.#role = new iam.Role(this, 'Role', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
    if (props.network) this.#allowNetworkInterfaces();
    const logGroup = new logs.LogGroup(this, 'Log', {
      logGroupName: `/aws/lambda/${this.ownName}`,
      retention: logs.RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.allow(['logs:CreateLogStream', 'logs:PutLogEvents'], [logGroup.logGroupArn]);
    this.lambda = this.#createFunction(props, logGroup);
    this.environment('LOG_LEVEL', 'INFO');
  }

  /** One statement with exact actions and resources. */
  allow(actions: readonly string[], resources: readonly string[]): void {
    this.#role.addToPolicy(new iam.PolicyStatement({ actions: [...actions], resources: [...resources] }));
  }

  environment(name: string, value: string): void {
    this.lambda.addEnvironment(name, value);
  }

  /**
   * Inside of the VPC there is no way to the IPv4 internet: a service without a gateway endpoint is reached at its dual-stack
   * host. By this variable, since the SDK refuses to combine its own dual-stack setting with an endpoint that is given.
   */
  reach(service: 'sqs' | 'lambda'): void {
    if (!this.inVpc) return;
    this.environment(
      `AWS_ENDPOINT_URL_${service.toUpperCase()}`,
      `https://${service}.${Stack.of(this).region}.api.aws`,
    );
  }

  #createFunction(props: ServiceFunctionProps, logGroup: logs.ILogGroup): lambda.Function {
    return new lambda.Function(this, 'Function', {
      functionName: this.ownName,
      description: props.description,
      runtime: lambda.Runtime.NODEJS_24_X,
      architecture: lambda.Architecture.ARM_64,
      code: lambda.Code.fromAsset(props.codeDir),
      handler: 'index.handler',
      role: this.#role,
      timeout: props.timeout,
      memorySize: props.memorySize,
      ...(props.untraced ? {} : { tracing: lambda.Tracing.ACTIVE }), // as its caller decided, where that is traced
      logGroup,
      loggingFormat: lambda.LoggingFormat.JSON,
      ...networkProps(props.network),
      ...(props.callsItself ? { recursiveLoop: lambda.RecursiveLoop.ALLOW } : {}),
      ...props.asyncInvoke,
    });
  }

  /**
   * Lambda itself attaches the function to the subnets, with the function's role. None of these actions can be limited
   * to a resource that exists before; so the code of the function, which has no business with them, is denied them.
   */
  #allowNetworkInterfaces(): void {
    const actions = [
      'ec2:AssignPrivateIpAddresses',
      'ec2:CreateNetworkInterface',
      'ec2:DeleteNetworkInterface',
      'ec2:DescribeNetworkInterfaces',
      'ec2:DescribeSubnets',
      'ec2:UnassignPrivateIpAddresses',
    ];
    this.allow(actions, ['*']);
    this.#role.addToPolicy(
      new iam.PolicyStatement({
        effect: iam.Effect.DENY,
        actions,
        resources: ['*'],
        conditions: { ArnEquals: { 'lambda:SourceFunctionArn': this.ownArn } },
      }),
    );
  }
}

function networkProps(network: FunctionNetwork | undefined): Partial<lambda.FunctionProps> {
  if (!network) return {};
  return {
    vpc: network.vpc,
    vpcSubnets: network.subnets,
    securityGroups: [network.securityGroup],
    // There is no NAT gateway: what lies outside of the VPC is reached over IPv6 only.
    ipv6AllowedForDualStack: true,
  };
}
