import { afterAll, describe, expect, it } from 'vitest';
import { accessString, type RedisUse } from '../../lib/constructs/redis-access.ts';
import { type Json, type Synthesized, synthesize } from './synthesized.ts';
import { orderOf, resourceGraph } from './template-references.ts';

const app = synthesize();
afterAll(() => app[Symbol.dispose]());

describe('the network as it is by default', () => {
  it('has no NAT gateway and no internet gateway, which would cost more than the rest of the idle service', () => {
    expect(app.resources('AWS::EC2::NatGateway')).toEqual([]);
    expect(app.resources('AWS::EC2::InternetGateway')).toEqual([]);
    expect(app.resources('AWS::EC2::EIP')).toEqual([]);
  });

  it('leads IPv6 out of every subnet through the egress-only gateway, and no IPv4', () => {
    const routes = app.resources('AWS::EC2::Route').map(({ properties }) => properties);
    expect(routes).toHaveLength(app.resources('AWS::EC2::Subnet').length);
    for (const route of routes) {
      expect(route.DestinationIpv6CidrBlock).toBe('::/0');
      expect(app.render(route.EgressOnlyInternetGatewayId)).toContain('EIGW6');
      expect(route.DestinationCidrBlock).toBeUndefined();
    }
  });

  it('gives every subnet addresses of both families, in two zones', () => {
    const subnets = app.resources('AWS::EC2::Subnet');
    expect(subnets).toHaveLength(2);
    for (const { properties } of subnets) {
      expect(properties.CidrBlock).toBeDefined();
      expect(properties.Ipv6CidrBlock).toBeDefined();
      expect(properties.AssignIpv6AddressOnCreation).toBe(true);
      expect(properties.MapPublicIpOnLaunch).toBe(false);
    }
  });

  it('has them in the first two of the region, or in others', () => {
    const zonesOf = ({ resources }: Synthesized) =>
      resources('AWS::EC2::Subnet').map(({ properties }) => properties.AvailabilityZone);
    const nth = (zone: number) => ({ 'Fn::Select': [zone, { 'Fn::GetAZs': '' }] });
    expect(zonesOf(app)).toEqual([nth(0), nth(1)]);
    using other = synthesize({ zones: '0, 3' });
    expect(zonesOf(other)).toEqual([nth(0), nth(3)]);
  });

  it.each(['', '1', '1,1', '0,1,2', '0,6', 'a,b'])('is not made in the zones "%s"', (zones) => {
    expect(() => synthesize({ zones })).toThrow('Context value "zones" has to be two of the numbers 0 to 5');
  });

  it('reaches S3 and DynamoDB through gateways of the VPC', () => {
    const services = app.resources('AWS::EC2::VPCEndpoint').map(({ properties }) => {
      expect(properties.VpcEndpointType).toBe('Gateway');
      expect(properties.RouteTableIds).toHaveLength(2);
      return app.render(properties.ServiceName).split('.').at(-1);
    });
    expect(services.sort()).toEqual(['dynamodb', 's3']);
  });

  it('reaches nothing of another account through them', () => {
    for (const { properties } of app.resources('AWS::EC2::VPCEndpoint')) {
      const [statement, ...others] = properties.PolicyDocument.Statement;
      expect(others).toEqual([]);
      expect(statement.Condition).toEqual({ StringEquals: { 'aws:ResourceAccount': { Ref: 'AWS::AccountId' } } });
    }
  });
});

describe('the security groups', () => {
  const egress = app
    .resources('AWS::EC2::SecurityGroupEgress')
    .map(({ properties }) => properties)
    .filter((rule) => app.render(rule.GroupId).includes('Functions'));

  it('let functions out by HTTPS, over both families', () => {
    const { properties } = app.resource('AWS::EC2::SecurityGroup', 'Functions');
    const rules = properties.SecurityGroupEgress;
    expect(properties.SecurityGroupIngress).toBeUndefined();
    expect(rules).toHaveLength(2);
    for (const range of [{ CidrIp: '0.0.0.0/0' }, { CidrIpv6: '::/0' }]) {
      expect(rules).toContainEqual(
        expect.objectContaining({ ...range, IpProtocol: 'tcp', FromPort: 443, ToPort: 443 }),
      );
    }
  });

  it('let functions reach the cache, and nobody else', () => {
    const ingress = app.resources('AWS::EC2::SecurityGroupIngress').map(({ properties }) => properties);
    expect(ingress).toHaveLength(1);
    expect(app.render(ingress[0].GroupId)).toContain('CacheSecurityGroup');
    expect(app.render(ingress[0].SourceSecurityGroupId)).toContain('FunctionsSecurityGroup');
    expect([ingress[0].FromPort, ingress[0].ToPort]).toEqual([6379, 6380]);
    expect(egress).toHaveLength(1);
    expect(app.render(egress[0].DestinationSecurityGroupId)).toContain('CacheSecurityGroup');
  });
});

describe('the cache', () => {
  const { properties } = app.resource('AWS::ElastiCache::ServerlessCache');

  it('costs no more than its limits, whatever happens', () => {
    expect(properties.CacheUsageLimits).toEqual({
      DataStorage: { Unit: 'GB', Maximum: 5 }, // no minimum: that would be paid for
      ECPUPerSecond: { Maximum: 30_000 },
    });
  });

  it('has a snapshot of each day', () => {
    expect(properties).toMatchObject({ SnapshotRetentionLimit: 1, DailySnapshotTime: '03:00' });
  });

  it('knows nobody but the functions, each with a role for a password and a list of what it may do', () => {
    const users = app.resources('AWS::ElastiCache::User').map((user) => user.properties);
    expect(users.map(({ UserId }) => UserId).sort()).toEqual(
      ['cancel-source', 'connect', 'dead-letter', 'message', 'process', 'subscriber', 'sweeper'].map(
        (name) => `sourceuploadapi-${name}`,
      ),
    );
    for (const { UserId, UserName, Engine, AuthenticationMode, AccessString } of users) {
      expect({ UserName, Engine, AuthenticationMode }).toEqual({
        UserName: UserId,
        Engine: 'valkey',
        AuthenticationMode: { Type: 'iam' },
      });
      expect(AccessString).toMatch(/^on (~\{shard-\*\}:[a-z]+(:\*)? )+resetchannels (&\* )?-@all( \+[a-z|]+)+$/);
    }
    const group = app.resource('AWS::ElastiCache::UserGroup');
    expect(group.properties.UserIds.map(app.render)).toHaveLength(users.length);
    expect(app.render(properties.UserGroupId)).toBe(`\${CacheUsers}`);
  });

  // All change together where a script that they share does, and ElastiCache refuses a change of a group that it is changing.
  it('has its users changed one after the other, and their group last', () => {
    const graph = resourceGraph(app.stacks.SourceUploadNetwork);
    const users = app.resources('AWS::ElastiCache::User').map(({ logicalId }) => logicalId);
    const before = (id: string) => users.filter((user) => graph.get(id)!.has(user));
    const chain = orderOf(graph).filter((id) => users.includes(id));
    expect(chain.map(before)).toEqual(chain.map((_, place) => chain.slice(Math.max(place - 1, 0), place)));
    expect(before(app.resource('AWS::ElastiCache::UserGroup').logicalId).sort()).toEqual(users.sort());
  });

  it.each<[name: string, uses: RedisUse[]]>([
    ['connect', ['open']],
    ['message', ['open', 'acknowledge']],
    ['process', ['publish']],
    ['cancel-source', ['publish']],
    ['dead-letter', ['publish']],
    ['subscriber', ['deliver', 'publish']],
    ['sweeper', ['publish', 'ring', 'watch']],
  ])('lets %s do there what it has to: %j', (name, uses) => {
    const user = app
      .resources('AWS::ElastiCache::User')
      .find((each) => each.properties.UserId === `sourceuploadapi-${name}`);
    expect(user?.properties.AccessString).toBe(accessString(uses));
  });
});

it('runs Valkey in the subnets of the functions', () => {
  const { properties } = app.resource('AWS::ElastiCache::ServerlessCache');
  expect(properties.Engine).toBe('valkey');
  expect(properties.SubnetIds).toHaveLength(2);
  expect(properties.SecurityGroupIds.map(app.render)).toEqual([`\${CacheSecurityGroup.GroupId}`]);
});

describe('a Redis that is there already', () => {
  const variablesOf = (own: Synthesized, name: string) =>
    own.resource('AWS::Lambda::Function', `Functions${name}Function`).properties.Environment.Variables;

  it('is used instead of a cache, with the login that its functions read in the secret', () => {
    using own = synthesize({ redisUrl: 'rediss://redis.example.com:7000', redisSecret: 'redis/login' });
    expect(own.resources('AWS::ElastiCache::ServerlessCache')).toEqual([]);
    expect(own.resources('AWS::ElastiCache::User')).toEqual([]);
    for (const name of ['connect', 'process', 'subscriber', 'sweeper']) {
      expect(variablesOf(own, name)).toMatchObject({
        REDIS_URL: 'rediss://redis.example.com:7000',
        REDIS_LOGIN: 'secret',
        REDIS_SECRET: 'redis/login',
      });
    }
    expect(JSON.stringify(own.stacks)).not.toContain('elasticache:Connect');
  });

  const mayRead = (own: Synthesized) =>
    own
      .resources('AWS::IAM::Policy')
      .flatMap(({ properties }) => properties.PolicyDocument.Statement)
      .filter((statement: Json) => statement.Action === 'secretsmanager:GetSecretValue')
      .map((statement: Json) => [statement.Resource].flat().map(own.render));

  it('lets each function that uses it read that secret, with the letters that Secrets Manager adds, and no other', () => {
    using own = synthesize({
      redisUrl: 'rediss://redis.example.com',
      redisSecret: 'redis/login',
      socketAuth: 'channel',
    });
    const arn = 'arn:AWS::Partition:secretsmanager:AWS::Region:AWS::AccountId:secret:redis/login';
    expect(mayRead(own)).toEqual(Array.from({ length: 7 }, () => [arn, `${arn}-??????`]));
  });

  it('may have its secret in another account, by its ARN', () => {
    const redisSecret = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:redis/login-AbCdEf';
    using own = synthesize({ redisUrl: 'rediss://redis.example.com', redisSecret, socketAuth: 'channel' });
    expect(mayRead(own)[0]).toContain(redisSecret);
    expect(variablesOf(own, 'connect')).toMatchObject({ REDIS_SECRET: redisSecret });
  });

  it('may have no users', () => {
    using own = synthesize({ redisUrl: 'redis://[2001:db8::1]' });
    expect(variablesOf(own, 'connect')).toMatchObject({ REDIS_URL: 'redis://[2001:db8::1]:6379', REDIS_LOGIN: 'none' });
    expect(variablesOf(own, 'connect')).not.toHaveProperty('REDIS_USER');
  });

  it('is reached at the last port where there is no next one', () => {
    using own = synthesize({ redisUrl: 'redis://redis.example.com:65535' });
    const { SecurityGroupEgress } = own.resource('AWS::EC2::SecurityGroup', 'Functions').properties;
    expect(SecurityGroupEgress.at(-1)).toMatchObject({ FromPort: 65_535, ToPort: 65_535 });
  });

  it('is reached at its port and the next one, over both families, and so is nothing else', () => {
    using own = synthesize({ redisUrl: 'rediss://redis.example.com:7000' });
    const { SecurityGroupEgress } = own.resource('AWS::EC2::SecurityGroup', 'Functions').properties;
    const ranges = SecurityGroupEgress.map((rule: Json) => [rule.CidrIp ?? rule.CidrIpv6, rule.FromPort, rule.ToPort]);
    expect(ranges).toEqual([
      ['0.0.0.0/0', 443, 443],
      ['::/0', 443, 443],
      ['0.0.0.0/0', 7000, 7001],
      ['::/0', 7000, 7001],
    ]);
  });

  it('is nobody’s to raise an alarm about', () => {
    using own = synthesize({ redisUrl: 'rediss://redis.example.com' });
    const alarms = own.resources('AWS::CloudWatch::Alarm').map(({ properties }) => properties.AlarmName);
    expect(alarms.length).toBeGreaterThan(5);
    expect(alarms.filter((name: string) => /redis-(throttled|limits)/.test(name))).toEqual([]);
  });
});

it('puts the functions into a VPC that is there, and makes nothing in it but security groups', () => {
  using own = synthesize({ vpcId: 'vpc-0a1b', subnetIds: 'subnet-01, subnet-02' });
  const { VpcConfig } = own.resource('AWS::Lambda::Function', 'FunctionsprocessFunction').properties;
  expect(VpcConfig).toMatchObject({ SubnetIds: ['subnet-01', 'subnet-02'], Ipv6AllowedForDualStack: true });
  expect(own.resource('AWS::ElastiCache::ServerlessCache').properties.SubnetIds).toEqual(['subnet-01', 'subnet-02']);
  const made = Object.values<Json>(own.stacks.SourceUploadNetwork.Resources).map(({ Type }) => Type);
  expect(new Set(made.filter((type) => type.startsWith('AWS::EC2')))).toEqual(
    new Set(['AWS::EC2::SecurityGroup', 'AWS::EC2::SecurityGroupEgress', 'AWS::EC2::SecurityGroupIngress']),
  );
  const groups = own.resources('AWS::EC2::SecurityGroup').map(({ properties }) => properties.VpcId);
  expect(groups).toEqual(['vpc-0a1b', 'vpc-0a1b']);
});

it('makes the NAT gateways that natGateways asks for, and then leads IPv4 out as well', () => {
  using withNat = synthesize({ natGateways: 1 });
  expect(withNat.resources('AWS::EC2::NatGateway')).toHaveLength(1);
  const outwards = withNat.resources('AWS::EC2::Route').map(({ properties }) => Object.keys(properties).join());
  expect(outwards.filter((keys) => keys.includes('NatGatewayId'))).toHaveLength(2);
  expect(outwards.filter((keys) => keys.includes('EgressOnlyInternetGatewayId'))).toHaveLength(2);
});
