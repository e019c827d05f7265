import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { lintTemplates } from '../../lib/lint-templates.ts';
import { synthesize } from './synthesized.ts';

const EVERY_OPTION = {
  natGateways: 2,
  upstreamUrl: 'http://sources.internal:8000',
  domainName: 'upload.example.com',
  certificateArn: 'arn:aws:acm:us-east-1:123456789012:certificate/1f0c',
  webAcl: 'managed',
};

const WHAT_IS_THERE = {
  vpcId: 'vpc-0a1b2c3d',
  subnetIds: 'subnet-0a1b2c3d,subnet-1a2b3c4d',
  redisUrl: 'rediss://redis.example.com:6379',
  redisSecret: 'redis/login',
};

it.each([{}, EVERY_OPTION, WHAT_IS_THERE])('finds nothing in our templates with %j, no warning either', (context) => {
  using app = synthesize(context);
  expect(lintTemplates(app.dir)).toEqual([]);
});

it('finds what CloudFormation would refuse', () => {
  const dir = mkdtempSync(join(tmpdir(), 'lint-'));
  const queue = (properties: object) => ({ Type: 'AWS::SQS::Queue', Properties: properties });
  const template = {
    Resources: {
      UnknownType: { Type: 'AWS::SQS::Quue' },
      UnknownProperty: queue({ Visibility: 30 }),
      WrongType: queue({ VisibilityTimeout: 'long' }),
      MissingProperty: { Type: 'AWS::SQS::QueuePolicy', Properties: { Queues: [] } },
      UnknownReference: queue({ QueueName: { Ref: 'Nowhere' } }),
      UnknownAttribute: queue({ QueueName: { 'Fn::GetAtt': ['WrongType', 'Colour'] } }),
      CycleA: { Type: 'AWS::SQS::Queue', DependsOn: 'CycleB' },
      CycleB: { Type: 'AWS::SQS::Queue', DependsOn: 'CycleA' },
    },
  };
  writeFileSync(join(dir, 'bad.template.json'), JSON.stringify(template));
  const errors = lintTemplates(dir).filter(({ severity }) => severity === 'error');
  rmSync(dir, { recursive: true });
  const places = errors.flatMap(({ at, message }) => [...at, message]).join('\n');
  for (const logicalId of Object.keys(template.Resources)) expect(places).toContain(logicalId);
});

it('says so when there is nothing to lint', () => {
  const dir = mkdtempSync(join(tmpdir(), 'lint-'));
  expect(() => lintTemplates(dir)).toThrow('There is no template');
  rmSync(dir, { recursive: true });
});
