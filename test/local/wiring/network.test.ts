import { afterAll, describe, expect, test } from 'vitest';
import { readCloudAssembly } from '../../../local/template/cloud-assembly.ts';
import { RESOURCE_TYPES } from '../../../local/template/resource-types.ts';
import { resolveTemplate, type Template } from '../../../local/template/template.ts';
import { serviceFunctions, shortName } from '../../../local/wiring/functions.ts';
import { networkRules } from '../../../local/wiring/network.ts';
import { synthesize } from '../../lib/synthesized.ts';

/** What the network of the templates lets each function reach. */

const CACHE = 'redis://127.0.0.1:4004';
const HTTPS = [{ from: 443, to: 443 }];
const ALL = [{ from: 0, to: 65_535 }];

const apps = { none: synthesize(), nat: synthesize({ natGateways: 1 }) };
afterAll(() => {
  for (const app of Object.values(apps)) app[Symbol.dispose]();
});

const template = resolveTemplate(await readCloudAssembly(apps.none.dir), RESOURCE_TYPES);
const withNat = resolveTemplate(await readCloudAssembly(apps.nat.dir), RESOURCE_TYPES);
const [inside, outside] = [true, false].map((inVpc) =>
  serviceFunctions(template)
    .filter(({ properties }) => (properties.VpcConfig !== undefined) === inVpc)
    .map(shortName),
) as [string[], string[]];

test('some functions are in the VPC and some are not', () => {
  expect(inside).toContain('process');
  expect(outside).toContain('fetch');
});

function rulesOf(name: string, of = template) {
  return networkRules(of, serviceFunctions(of).find((resource) => shortName(resource) === name)!, CACHE);
}

describe.each(inside)('%s, in the VPC', (name) => {
  test('reaches the cache, HTTPS over IPv6, and no IPv4', () => {
    expect(rulesOf(name)).toEqual({
      ipv4: { ports: [], why: 'is in a VPC whose subnets have no IPv4 route to the internet' },
      ipv6: { ports: HTTPS, why: 'is in security groups that let it reach IPv6 on port 443 only' },
      unreachable: [],
      reachable: ['127.0.0.1'],
    });
  });

  test('reaches HTTPS over IPv4 too where there is a NAT gateway', () => {
    expect(rulesOf(name, withNat)).toMatchObject({ ipv4: { ports: HTTPS }, ipv6: { ports: HTTPS } });
  });
});

test.each(outside)('%s, outside of it, reaches the internet, and not the cache', (name) => {
  expect(rulesOf(name)).toMatchObject({
    ipv4: { ports: ALL },
    unreachable: [{ host: '127.0.0.1', port: 4004, why: expect.stringMatching(/^is outside of the VPC/) }],
    reachable: [],
  });
});

describe('a function in the VPC loses its way', () => {
  const without = (type: string): Template => ({
    ...template,
    resources: template.resources.filter((resource) => resource.type !== type),
  });

  test.each(['AWS::EC2::SecurityGroupIngress', 'AWS::EC2::SecurityGroupEgress'])('to the cache without %s', (type) => {
    expect(rulesOf('process', without(type)).unreachable).toEqual([
      { host: '127.0.0.1', port: 4004, why: 'is in no security group that the cache lets in' },
    ]);
  });

  test('to the internet without a route', () => {
    expect(rulesOf('process', without('AWS::EC2::Route')).ipv6.ports).toEqual([]);
    expect(rulesOf('process', without('AWS::EC2::SubnetRouteTableAssociation')).ipv6.ports).toEqual([]);
  });

  test('but not for the routes of subnets, or a cache, that are not the template’s own', () => {
    expect(rulesOf('process', without('AWS::EC2::Subnet')).ipv4.ports).toEqual(HTTPS);
    const noCache = {
      ...template,
      of: (type: { type: string }) => (type.type.includes('Cache') ? [] : template.of(type as never)),
    };
    expect(rulesOf('process', noCache as Template).unreachable).toEqual([]);
  });

  test('over IPv6 where its own settings do not allow that', () => {
    const [fn] = serviceFunctions(template).filter((resource) => shortName(resource) === 'process');
    const vpc = { ...fn!.properties.VpcConfig!, Ipv6AllowedForDualStack: false };
    const rules = networkRules(template, { ...fn!, properties: { ...fn!.properties, VpcConfig: vpc } }, CACHE);
    expect(rules.ipv6.ports).toEqual([]);
  });
});
