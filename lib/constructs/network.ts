import { Annotations, Fn, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { ExistingNetwork } from '../network-settings.ts';
import type { FunctionNetwork } from './service-function.ts';

export interface NetworkProps {
  readonly natGateways: number;
  /** Places in the list of the region's zones. */
  readonly zones: readonly number[];
  /** A service that functions have to reach, wherever it stands. */
  readonly upstream?: URL | undefined;
  /** Instead of one of our own. */
  readonly existing?: ExistingNetwork['vpc'];
}

type Place = Pick<FunctionNetwork, 'vpc' | 'subnets'>;

/**
 * A dual-stack VPC. S3 and DynamoDB are reached through gateway endpoints, everything else outside over IPv6 through the
 * egress-only gateway: both cost nothing, where a NAT gateway for each zone costs more than all the rest of the idle service.
 */
export class Network extends Construct {
  readonly functions: FunctionNetwork;

  constructor(scope: Construct, id: string, { natGateways, zones, upstream, existing }: NetworkProps) {
    super(scope, id);
    const { vpc, subnets } = existing ? this.#useVpc(existing) : this.#createVpc(natGateways, zones);
    this.functions = { vpc, subnets, securityGroup: this.#createFunctionsSecurityGroup(vpc, upstream) };
  }

  #createVpc(natGateways: number, zones: readonly number[]): Place {
    const vpc = new ec2.Vpc(this, 'Vpc', {
      ipProtocol: ec2.IpProtocol.DUAL_STACK,
      availabilityZones: zones.map((zone) => Fn.select(zone, Fn.getAzs())),
      natGateways,
      createInternetGateway: natGateways > 0,
      // Nothing is ever put into the default group; to empty it takes a custom resource with a function of its own.
      restrictDefaultSecurityGroup: false,
      subnetConfiguration: [
        { name: 'functions', subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS, cidrMask: 20 },
        ...(natGateways > 0 ? [{ name: 'nat', subnetType: ec2.SubnetType.PUBLIC, cidrMask: 28 }] : []),
      ],
    });
    const { S3, DYNAMODB } = ec2.GatewayVpcEndpointAwsService;
    for (const [name, service] of [
      ['S3', S3],
      ['DynamoDb', DYNAMODB],
    ] as const) {
      vpc.addGatewayEndpoint(name, { service }).addToPolicy(ownResourcesOnly(Stack.of(this).account));
    }
    return { vpc, subnets: { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS } };
  }

  /** Taken as it is, without being looked up: that would need credentials of the account. */
  #useVpc({ id, subnetIds }: NonNullable<ExistingNetwork['vpc']>): Place {
    const availabilityZones = subnetIds.map((_, index) => Fn.select(index, Fn.getAzs()));
    const vpc = ec2.Vpc.fromVpcAttributes(this, 'Vpc', { vpcId: id, availabilityZones });
    const subnets = subnetIds.map((subnetId) => ec2.Subnet.fromSubnetId(this, subnetId, subnetId));
    Annotations.of(this).acknowledgeWarning('@aws-cdk/aws-ec2:noSubnetRouteTableId', 'nothing is routed anew in it');
    return { vpc, subnets: { subnets } };
  }

  #createFunctionsSecurityGroup(vpc: ec2.IVpc, upstream: URL | undefined): ec2.SecurityGroup {
    const group = new ec2.SecurityGroup(this, 'FunctionsSecurityGroup', {
      vpc,
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

/**
 * Gives nobody a right, and takes one from all: what stands in the VPC cannot carry anything into an account of somebody else's by
 * these ways, whosoever keys it has.
 */
function ownResourcesOnly(account: string): iam.PolicyStatement {
  return new iam.PolicyStatement({
    principals: [new iam.AnyPrincipal()],
    actions: ['*'],
    resources: ['*'],
    conditions: { StringEquals: { 'aws:ResourceAccount': account } },
  });
}

function portOf({ port, protocol }: URL): number {
  return port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port);
}
