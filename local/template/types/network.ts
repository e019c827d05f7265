import { z } from 'zod';
import { generatedId, ignored, type Resource, type ResourceType, resourceType } from '../resource-type.ts';

type NetworkType = ResourceType<Record<string, unknown>>;

/**
 * Networks have no effect on one machine, so their properties are not looked at one by one: the names of the types
 * are known, and what others refer to resolves to something of the right shape.
 */
function withoutEffect(type: string, prefix: string, attributes: NetworkType['attributes'] = {}): NetworkType {
  return resourceType(type, {
    properties: z.record(z.string(), ignored('all is on one machine: no network lies between')),
    ref: (resource) => `${prefix}-${generatedId(resource, 17)}`,
    attributes,
  });
}

const id = ({ ref }: Resource): string => ref;

export const networkTypes: readonly NetworkType[] = [
  withoutEffect('AWS::EC2::VPC', 'vpc', {
    VpcId: id,
    CidrBlock: () => '10.0.0.0/16',
    CidrBlockAssociations: () => [],
    DefaultSecurityGroup: ({ ref }) => `sg-of-${ref}`,
    DefaultNetworkAcl: ({ ref }) => `acl-of-${ref}`,
    // AWS chooses one at the deployment; this one is of the range for documents.
    Ipv6CidrBlocks: () => ['2001:db8:1234:1a00::/56'],
  }),
  withoutEffect('AWS::EC2::VPCCidrBlock', 'vpc-cidr-assoc'),
  withoutEffect('AWS::EC2::Subnet', 'subnet', {
    SubnetId: id,
    AvailabilityZone: ({ environment }) => `${environment.region}a`,
    Ipv6CidrBlocks: () => ['2001:db8:1234:1a00::/64'],
  }),
  withoutEffect('AWS::EC2::RouteTable', 'rtb', { RouteTableId: id }),
  withoutEffect('AWS::EC2::SubnetRouteTableAssociation', 'rtbassoc'),
  withoutEffect('AWS::EC2::Route', 'route'),
  withoutEffect('AWS::EC2::InternetGateway', 'igw', { InternetGatewayId: id }),
  withoutEffect('AWS::EC2::EgressOnlyInternetGateway', 'eigw', { Id: id }),
  withoutEffect('AWS::EC2::VPCGatewayAttachment', 'attachment'),
  withoutEffect('AWS::EC2::EIP', 'eipalloc', { AllocationId: id, PublicIp: () => '192.0.2.1' }),
  withoutEffect('AWS::EC2::NatGateway', 'nat', { NatGatewayId: id }),
  withoutEffect('AWS::EC2::VPCEndpoint', 'vpce', { Id: id }),
  withoutEffect('AWS::EC2::FlowLog', 'fl', { Id: id }),
  withoutEffect('AWS::EC2::SecurityGroup', 'sg', { GroupId: id, Id: id, VpcId: () => 'vpc' }),
  withoutEffect('AWS::EC2::SecurityGroupIngress', 'sgr', { Id: id }),
  withoutEffect('AWS::EC2::SecurityGroupEgress', 'sgr', { Id: id }),
];
