import { expect, test } from 'vitest';
import { memoryLog } from '../../../local/log.ts';
import { RESOURCE_TYPES } from '../../../local/template/resource-types.ts';
import { resolveTemplate, type Template } from '../../../local/template/template.ts';
import { createAccessControl, eventSourcePrincipal } from '../../../local/wiring/roles.ts';

type Json = Record<string, unknown>;

const QUEUE = 'arn:aws:sqs:us-east-1:000000000000:S-Queue';
const INTERFACES = ['Create', 'Delete', 'Describe'].map(
  (verb) => `ec2:${verb}NetworkInterface${verb === 'Describe' ? 's' : ''}`,
);
const VPC_ACTIONS = [
  ...INTERFACES,
  'ec2:AssignPrivateIpAddresses',
  'ec2:DescribeSubnets',
  'ec2:UnassignPrivateIpAddresses',
];

const allow = (Action: string[], Resource: unknown = '*', more: Json = {}) => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...more,
});
const LOGS = allow(['logs:CreateLogStream', 'logs:PutLogEvents'], { 'Fn::GetAtt': ['Log', 'Arn'] });
const POLL = allow(['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'], QUEUE);
const TRACE = allow(['xray:PutTraceSegments', 'xray:PutTelemetryRecords']);

/** One function that a queue feeds, in a VPC and traced, with these statements. */
function appWith(statements: Json[], role: Json = {}): Template {
  const Resources = {
    Log: { Type: 'AWS::Logs::LogGroup', Properties: { LogGroupName: '/aws/lambda/work' } },
    Queue: { Type: 'AWS::SQS::Queue', Properties: { VisibilityTimeout: 30 } },
    Role: {
      Type: 'AWS::IAM::Role',
      Properties: { AssumeRolePolicyDocument: { Version: '2012-10-17', Statement: [] }, ...role },
    },
    Policy: {
      Type: 'AWS::IAM::Policy',
      Properties: {
        PolicyName: 'p',
        Roles: [{ Ref: 'Role' }],
        PolicyDocument: { Version: '2012-10-17', Statement: statements },
      },
    },
    Work: {
      Type: 'AWS::Lambda::Function',
      Properties: {
        Code: { S3Bucket: 'b', S3Key: 'k' },
        Handler: 'index.handler',
        Runtime: 'nodejs24.x',
        Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
        TracingConfig: { Mode: 'Active' },
        LoggingConfig: { LogFormat: 'JSON', LogGroup: { Ref: 'Log' } },
        VpcConfig: { SecurityGroupIds: ['sg'], SubnetIds: ['subnet'], Ipv6AllowedForDualStack: true },
      },
    },
    Mapping: {
      Type: 'AWS::Lambda::EventSourceMapping',
      Properties: { FunctionName: { Ref: 'Work' }, EventSourceArn: { 'Fn::GetAtt': ['Queue', 'Arn'] } },
    },
  };
  return resolveTemplate([{ name: 'S', template: { Resources }, assets: [] }], RESOURCE_TYPES);
}

const ENOUGH = [LOGS, POLL, TRACE, allow(VPC_ACTIONS)];
const accessOf = (statements: Json[], role?: Json) => createAccessControl(appWith(statements, role), memoryLog());

test('the role of a function is what all its policies say', () => {
  const inline = (Action: string[]) => ({
    PolicyName: 'inline',
    PolicyDocument: { Version: '2012-10-17', Statement: allow(Action) },
  });
  const access = accessOf(ENOUGH, { Policies: [inline(['a:B'])] });
  expect(access.refusalOf({ name: 'S-Work' }, [{ action: 'a:B', resource: 'x' }])).toBeUndefined();
  expect(access.refusalOf({ name: 'S-Work' }, [{ action: 'sqs:ReceiveMessage', resource: QUEUE }])).toBeUndefined();
  expect(access.refusalOf({ name: 'S-Work' }, [{ action: 'a:C', resource: 'x' }])?.user).toBe(
    'arn:aws:sts::000000000000:assumed-role/S-Role/S-Work',
  );
});

test.each([
  ['logs:CreateLogStream', LOGS],
  ['sqs:ReceiveMessage', POLL],
  ['xray:PutTraceSegments', TRACE],
  ['ec2:AssignPrivateIpAddresses', ENOUGH[3]!],
])('the start is stopped where Lambda itself needs %s and the role does not allow it', (action, statement) => {
  expect(() => accessOf(ENOUGH.filter((each) => each !== statement))).toThrow(
    new RegExp(
      `^S/Resources/Work/Properties/Role: the role does not allow ${action} on .*, which Lambda needs for S-Work$`,
    ),
  );
});

test('the code of a function may be denied what Lambda does with its role', () => {
  const own = { ArnEquals: { 'lambda:SourceFunctionArn': 'arn:aws:lambda:us-east-1:000000000000:function:S-Work' } };
  const access = accessOf([...ENOUGH, { ...allow(VPC_ACTIONS), Effect: 'Deny', Condition: own }]);
  const permission = { action: 'ec2:CreateNetworkInterface', resource: '*' };
  expect(access.refusalOf({ name: 'S-Work' }, [permission])?.verdict).toBe('denied');
  expect(access.refusalOf({ name: eventSourcePrincipal('S-Work') }, [permission])).toBeUndefined();
});

test('what cannot be judged here stops the start', () => {
  expect(() => accessOf(ENOUGH, { ManagedPolicyArns: ['arn:aws:iam::aws:policy/ReadOnlyAccess'] })).toThrow(
    /^S\/Resources\/Role\/Properties\/ManagedPolicyArns: what a policy of AWS allows is not known here$/,
  );
  const leading = { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['x'] } };
  expect(() => accessOf([...ENOUGH, allow(['dynamodb:*'], '*', { Condition: leading })])).toThrow(
    /^S\/Resources\/Role: the condition key dynamodb:LeadingKeys has no value/,
  );
});
