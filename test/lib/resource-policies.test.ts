import { afterAll, describe, expect, it } from 'vitest';
import { type Json, synthesize } from './synthesized.ts';

const app = synthesize({ alarmEmail: 'somebody@example.com' });
afterAll(() => app[Symbol.dispose]());

const POLICIES = ['AWS::S3::BucketPolicy', 'AWS::SQS::QueuePolicy', 'AWS::SNS::TopicPolicy'];

const statements = POLICIES.flatMap((type) =>
  app
    .resources(type)
    .flatMap(({ logicalId, properties }) =>
      properties.PolicyDocument.Statement.map((statement: Json) => ({ logicalId, ...statement })),
    ),
);

describe('the policies of buckets, queues and topics', () => {
  it('let services of AWS in, each for one thing and for our account or resource only, and nobody else', () => {
    const allowing = statements.filter(({ Effect }) => Effect === 'Allow');
    const found = allowing.map(({ logicalId, Principal, Action, Condition }) => ({
      at: logicalId.replace(/[0-9A-F]{8}$/, ''),
      who: Principal.Service,
      may: Action,
      where: Object.values<Json>(Condition ?? {}).flatMap((each) => Object.keys(each)),
    }));
    expect(found).toEqual(
      expect.arrayContaining([
        {
          at: 'WebPageBucketPolicy',
          who: 'cloudfront.amazonaws.com',
          may: 's3:GetObject',
          where: ['AWS:SourceArn'],
        },
      ]),
    );
    for (const { at, who, may, where } of found) {
      expect.soft(who, at).toMatch(/^[a-z.0-9]+\.amazonaws\.com$/);
      expect.soft([may].flat().join(), at).not.toContain('*');
      expect.soft(where.map((key) => key.toLowerCase()).join(), at).toMatch(/aws:source(arn|account)/);
    }
  });

  it('say to everybody else only what is refused', () => {
    const everybody = statements.filter(({ Principal }) => JSON.stringify(Principal).includes('"*"'));
    expect(everybody.length).toBeGreaterThan(0);
    expect(everybody.filter(({ Effect }) => Effect !== 'Deny')).toEqual([]);
  });
});

describe('roles', () => {
  const roles = app.resources('AWS::IAM::Role');

  it('are given their rights where `permissions.test.ts` sees them', () => {
    expect(roles.filter(({ properties }) => properties.Policies !== undefined)).toEqual([]);
    expect(app.resources('AWS::IAM::ManagedPolicy')).toEqual([]);
  });

  it('have policies of AWS for two things only: the logs of API Gateway, and the helper that deploys the page', () => {
    const managed = roles.flatMap(({ logicalId, properties }) =>
      (properties.ManagedPolicyArns ?? []).map((arn: Json) => [
        logicalId.replace(/[0-9A-F]{8}.*$/, ''),
        app.render(arn).split('/').at(-1),
      ]),
    );
    expect(managed.sort()).toEqual([
      ['CustomCDKBucketDeployment', 'AWSLambdaBasicExecutionRole'],
      ['GatewayLogsRole', 'AmazonAPIGatewayPushToCloudWatchLogs'],
    ]);
  });

  it('are for services of AWS, and for no other account', () => {
    for (const { logicalId, properties } of roles) {
      const principals = properties.AssumeRolePolicyDocument.Statement.map(({ Principal }: Json) => Principal);
      for (const principal of principals) expect(Object.keys(principal), logicalId).toEqual(['Service']);
    }
  });
});
