import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import type { FunctionNetwork } from './service-function.ts';

export interface NetworkProps {
  readonly natGateways: number;
  /** A service that functions have to reach, wherever it stands. */
  readonly upstream?: URL | undefined;
}

/**
 * A dual-stack VPC. S3 and DynamoDB are reached through gateway endpoints, everything else outside over IPv6 through the
 * egress-only gateway: both cost nothing, where a NAT gateway for each zone costs more than all the rest of the idle service.
 */
export class Network extends Construct {
  readonly vpc: ec2.Vpc;
  readonly functions: FunctionNetwork;

  constructor(scope: Construct, id: string, { natGateways, upstream }: NetworkProps) {
    super(scope, id);
    this.vpc = new ec2.Vpc(this, 'Vpc', {
      ipProtocol: ec2.IpProtocol.DUAL_STACK,
      maxAzs: Math.max(2, natGateways),
      natGateways,
      createInternetGateway: natGateways > 0,
      // Nothing is ever put into the default group; to empty it takes a custom resource with a function of its own.
      restrictDefaultSecurityGroup: false,
      subnetConfiguration: [
        { name: 'functions', subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS, cidrMask: 20 },
        ...(natGateways > 0 ? [{ name: 'nat', subnetType: ec2.SubnetType.PUBLIC, cidrMask: 28 }] : []),
      ],
      gatewayEndpoints: {
        S3: { service: ec2.GatewayVpcEndpointAwsService.S3 },
        DynamoDb: { service: ec2.GatewayVpcEndpointAwsService.DYNAMODB },
      },
    });
    this.functions = {
      vpc: this.vpc,
      subnets: { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS },
      securityGroup: this.#createFunctionsSecurityGroup(upstream),
    };
  }

  #createFunctionsSecurityGroup(upstream: URL | undefined): ec2.SecurityGroup {
    const group = new ec2.SecurityGroup(this, 'FunctionsSecurityGroup', {
      vpc: this.vpc,
      description: 'Functions: nothing comes in, HTTPS goes out',
      allowAllOutbound: false,
      allowAllIpv6Outbound: false,
    });
    group.addEgressRule(ec2.Peer.anyIpv4(), ec2.Port.tcp(443), 'HTTPS, to the gateway endpoints');
    group.addEgressRule(ec2.Peer.anyIpv6(), ec2.Port.tcp(443), 'HTTPS, to AWS and the sockets');
    const port = upstream && portOf(upstream);
    if (port !== undefined && port !== 443) {
      for (const peer of [ec2.Peer.anyIpv4(), ec2.Peer.anyIpv6()])
        group.addEgressRule(peer, ec2.Port.tcp(port), 'Upstream');
    }
    return group;
  }
}

function portOf({ port, protocol }: URL): number {
  return port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port);
}
