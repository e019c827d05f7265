import { describe, expect, test } from 'vitest';
import { wildcard } from '../../../local/iam/wildcard.ts';
import { RESOURCE_TYPES } from '../../../local/template/resource-types.ts';
import { resolveTemplate, type Template } from '../../../local/template/template.ts';
import { eventSourceDeclarations } from '../../../local/wiring/event-sources.ts';
import { scheduleDeclarations } from '../../../local/wiring/schedules.ts';

const work = (Timeout: number) => ({
  Type: 'AWS::Lambda::Function',
  Properties: {
    Code: { S3Bucket: 'b', S3Key: 'k' },
    Handler: 'index.handler',
    Runtime: 'nodejs24.x',
    Role: 'r',
    Timeout,
  },
});

function resolve(Resources: Record<string, unknown>): Template {
  return resolveTemplate([{ name: 'S', template: { Resources }, assets: [] }], RESOURCE_TYPES);
}

describe('an event source', () => {
  const resources = (timeout: number, visibility?: number) => ({
    Work: work(timeout),
    Queue: { Type: 'AWS::SQS::Queue', Properties: { VisibilityTimeout: visibility ?? { Ref: 'AWS::NoValue' } } },
    Mapping: {
      Type: 'AWS::Lambda::EventSourceMapping',
      Properties: {
        FunctionName: { Ref: 'Work' },
        EventSourceArn: { 'Fn::GetAtt': ['Queue', 'Arn'] },
        ScalingConfig: { MaximumConcurrency: 3 },
      },
    },
  });

  test('has the values of the mapping, and those of Lambda where it says nothing', () => {
    expect(eventSourceDeclarations(resolve(resources(30)))).toEqual([
      {
        functionName: 'S-Work',
        queueArn: 'arn:aws:sqs:us-east-1:000000000000:S-Queue',
        queueName: 'S-Queue',
        batchSize: 10,
        maximumBatchingWindowMs: 0,
        maximumConcurrency: 3,
        reportBatchItemFailures: false,
      },
    ]);
  });

  test.each([
    [31, undefined],
    [300, 299],
  ])(
    'stops the start where a delivery could come again while the function (%i s) still works',
    (timeout, visibility) => {
      expect(() => eventSourceDeclarations(resolve(resources(timeout, visibility)))).toThrow(
        /^S\/Resources\/Queue\/Properties\/VisibilityTimeout: /,
      );
    },
  );
});

describe('a schedule', () => {
  const resources = (ScheduleExpression: string, more: object = {}) => ({
    Work: work(3),
    Rule: {
      Type: 'AWS::Events::Rule',
      Properties: {
        ScheduleExpression,
        Targets: [
          {
            Id: 'T',
            Arn: { 'Fn::GetAtt': ['Work', 'Arn'] },
            Input: '{"a":1}',
            RetryPolicy: { MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 },
          },
        ],
        ...more,
      },
    },
    Allow: {
      Type: 'AWS::Lambda::Permission',
      Properties: {
        Action: 'lambda:InvokeFunction',
        FunctionName: { Ref: 'Work' },
        Principal: 'events.amazonaws.com',
        SourceArn: { 'Fn::GetAtt': ['Rule', 'Arn'] },
      },
    },
  });

  test('fires its target with its input', () => {
    expect(scheduleDeclarations(resolve(resources('rate(1 minute)')))).toEqual([
      {
        rateMs: 60_000,
        functionName: 'S-Work',
        ruleArn: 'arn:aws:events:us-east-1:000000000000:rule/S-Rule',
        input: { a: 1 },
      },
    ]);
  });

  const target = (Id: string, Input?: string) => ({ Id, Arn: { 'Fn::GetAtt': ['Work', 'Arn'] }, Input });

  test('of a day fires each of its targets, each with an input of its own', () => {
    const Targets = [target('A', '{"Records":[]}'), target('B', '{"shard":0}'), { ...target('C'), Input: undefined }];
    const declared = scheduleDeclarations(resolve(resources('rate(1 day)', { Targets })));
    const day = 24 * 60 * 60_000;
    expect(declared.map(({ rateMs, input }) => [rateMs, input])).toEqual([
      [day, { Records: [] }],
      [day, { shard: 0 }],
      [day, undefined],
    ]);
  });

  test('with six targets stops the start, as EventBridge refuses it', () => {
    const Targets = [...'ABCDEF'].map((id) => target(id, '{}'));
    expect(() => resolve(resources('rate(1 day)', { Targets }))).toThrow(/Rule\/Properties\/Targets/);
  });

  test('that is disabled does not', () => {
    expect(scheduleDeclarations(resolve(resources('rate(1 minute)', { State: 'DISABLED' })))).toEqual([]);
  });

  test.each(['cron(0 12 * * ? *)', 'rate(1 minutes)'])('%s stops the start with its path', (expression) => {
    expect(() => scheduleDeclarations(resolve(resources(expression)))).toThrow(
      /^S\/Resources\/Rule\/Properties\/ScheduleExpression: /,
    );
  });

  test('without a permission to invoke stops the start', () => {
    const { Allow: _gone, ...without } = resources('rate(1 minute)');
    expect(() => scheduleDeclarations(resolve(without))).toThrow(
      /no AWS::Lambda::Permission lets events.amazonaws.com invoke S-Work/,
    );
  });
});

test.each([
  [
    'arn:aws:execute-api:us-east-1:0:api/live/POST/public/*',
    'arn:aws:execute-api:us-east-1:0:api/live/POST/public/x',
    true,
  ],
  ['arn:aws:execute-api:us-east-1:0:api/*$connect', 'arn:aws:execute-api:us-east-1:0:api/live/$connect', true],
  [
    'arn:aws:execute-api:us-east-1:0:api/live/POST/public/ws',
    'arn:aws:execute-api:us-east-1:0:api/live/POST/public/wss',
    false,
  ],
  ['arn:aws:s3:::b.c/*', 'arn:aws:s3:::bxc/key', false],
])('%s matches %s: %s', (pattern, arn, expected) => {
  expect(wildcard(pattern).test(arn)).toBe(expected);
});
