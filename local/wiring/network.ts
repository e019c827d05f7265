import { z } from 'zod';
import type { NetworkRules, PortRange, Reach } from '../lambda/network-rules.ts';
import type { Resource } from '../template/resource-type.ts';
import type { Template } from '../template/template.ts';
import { serverlessCache } from '../template/types/elasticache.ts';
import type { FunctionProperties } from '../template/types/lambda.ts';

type VpcConfig = NonNullable<FunctionProperties['VpcConfig']>;

const ANY_IPV4 = '0.0.0.0/0';
const ANY_IPV6 = '::/0';
const ALL_PORTS: readonly PortRange[] = [{ from: 0, to: 65_535 }];

const OPEN: Reach = { ports: ALL_PORTS, why: '' };

/**
 * What the routes and security groups of the template let a function connect to.
 * @param cacheUrl of the Redis that stands for the cache.
 */
export function networkRules(
  template: Template,
  { properties: { VpcConfig } }: Resource<FunctionProperties>,
  cacheUrl: string,
): NetworkRules {
  const { hostname, port } = new URL(cacheUrl);
  const cache = { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || 6379) };
  const why = cacheRefusal(template, VpcConfig);
  return {
    ipv4: VpcConfig ? internet(template, VpcConfig, ANY_IPV4) : OPEN,
    ipv6: VpcConfig ? internet(template, VpcConfig, ANY_IPV6) : OPEN,
    unreachable: why === undefined ? [] : [{ ...cache, why }],
    reachable: why === undefined ? [cache.host] : [],
  };
}

function internet(template: Template, vpc: VpcConfig, destination: typeof ANY_IPV4 | typeof ANY_IPV6): Reach {
  const family = destination === ANY_IPV4 ? 'IPv4' : 'IPv6';
  const routed = vpc.SubnetIds.every((subnet) => hasRoute(template, subnet, destination));
  if (!routed) return { ports: [], why: `is in a VPC whose subnets have no ${family} route to the internet` };
  if (family === 'IPv6' && !vpc.Ipv6AllowedForDualStack)
    return { ports: [], why: 'does not allow IPv6 in its VpcConfig' };
  const ports = vpc.SecurityGroupIds.flatMap((group) => openPorts(rulesOf(template, group, 'Egress'), destination));
  const list = ports.map(({ from, to }) => (from === to ? from : `${from}-${to}`)).join(', ');
  return { ports, why: `is in security groups that let it reach ${family} on port ${list || 'none'} only` };
}

const route = z.object({
  RouteTableId: z.string(),
  DestinationCidrBlock: z.string().optional(),
  DestinationIpv6CidrBlock: z.string().optional(),
  NatGatewayId: z.string().optional(),
  EgressOnlyInternetGatewayId: z.string().optional(),
});

const association = z.object({ RouteTableId: z.string(), SubnetId: z.string() });

/**
 * A function has no public address, so an internet gateway alone leads nowhere. Where the routes of a subnet lead that is not
 * the template's own cannot be known here.
 */
function hasRoute(template: Template, subnet: string, destination: string): boolean {
  if (!template.resources.some(({ type, ref }) => type === 'AWS::EC2::Subnet' && ref === subnet)) return true;
  const table = all(template, 'AWS::EC2::SubnetRouteTableAssociation', association).find(
    ({ SubnetId }) => SubnetId === subnet,
  );
  return all(template, 'AWS::EC2::Route', route).some(
    (each) =>
      each.RouteTableId === table?.RouteTableId &&
      ((each.DestinationCidrBlock === destination && each.NatGatewayId !== undefined) ||
        (each.DestinationIpv6CidrBlock === destination && each.EgressOnlyInternetGatewayId !== undefined)),
  );
}

/** @returns undefined: the cache can be reached, or is not the template's own. */
function cacheRefusal(template: Template, vpc: VpcConfig | undefined): string | undefined {
  if (vpc === undefined) return 'is outside of the VPC, and the cache is reached from inside only';
  const caches = template.of(serverlessCache).flatMap(({ properties }) => properties.SecurityGroupIds);
  if (caches.length === 0) return undefined;
  const connected = vpc.SecurityGroupIds.some((own) =>
    caches.some(
      (of) => leadsTo(rulesOf(template, own, 'Egress'), of) && leadsTo(rulesOf(template, of, 'Ingress'), own),
    ),
  );
  return connected ? undefined : 'is in no security group that the cache lets in';
}

const CACHE_PORT = 6379;

/** As numbers, or in a template as text. */
const port = z.coerce.number().optional();

const rule = z.object({
  GroupId: z.string().optional(),
  IpProtocol: z.coerce.string(),
  FromPort: port,
  ToPort: port,
  CidrIp: z.string().optional(),
  CidrIpv6: z.string().optional(),
  SourceSecurityGroupId: z.string().optional(),
  DestinationSecurityGroupId: z.string().optional(),
});

type Rule = z.infer<typeof rule>;

const group = z.object({
  SecurityGroupEgress: z.array(rule).default([]),
  SecurityGroupIngress: z.array(rule).default([]),
});

const EVERYTHING: readonly Rule[] = [ANY_IPV4, ANY_IPV6].map((any) => ({
  IpProtocol: '-1',
  ...(any === ANY_IPV4 ? { CidrIp: any } : { CidrIpv6: any }),
}));

/** Those of the group itself, and those that are resources of their own. A group without any lets everything out. */
function rulesOf(template: Template, groupId: string, direction: 'Egress' | 'Ingress'): readonly Rule[] {
  const own = template.resources
    .filter(({ type, ref }) => type === 'AWS::EC2::SecurityGroup' && ref === groupId)
    .flatMap(({ properties }) => group.parse(properties)[`SecurityGroup${direction}`]);
  const apart = all(template, `AWS::EC2::SecurityGroup${direction}`, rule).filter((each) => each.GroupId === groupId);
  const rules = [...own, ...apart];
  return rules.length === 0 && direction === 'Egress' ? EVERYTHING : rules;
}

function leadsTo(rules: readonly Rule[], groupId: string): boolean {
  return rules.some(
    (each) =>
      (each.SourceSecurityGroupId === groupId || each.DestinationSecurityGroupId === groupId || isAny(each)) &&
      portsOf(each).some(({ from, to }) => from <= CACHE_PORT && CACHE_PORT <= to),
  );
}

function isAny({ CidrIp, CidrIpv6 }: Rule): boolean {
  return CidrIp === ANY_IPV4 || CidrIpv6 === ANY_IPV6;
}

function openPorts(rules: readonly Rule[], destination: string): readonly PortRange[] {
  return rules
    .filter(({ CidrIp, CidrIpv6 }) => CidrIp === destination || CidrIpv6 === destination)
    .flatMap((each) => portsOf(each));
}

function portsOf({ IpProtocol, FromPort, ToPort }: Rule): readonly PortRange[] {
  if (IpProtocol === '-1') return ALL_PORTS;
  return IpProtocol === 'tcp' && FromPort !== undefined ? [{ from: FromPort, to: ToPort ?? FromPort }] : [];
}

function all<S extends z.ZodType>(template: Template, type: string, properties: S): z.infer<S>[] {
  return template.resources
    .filter((resource) => resource.type === type)
    .map((resource) => properties.parse(resource.properties));
}
