import { describe, expect, test } from 'vitest';
import { compilePolicy } from '../../../local/iam/policy.ts';
import { PolicyError } from '../../../local/iam/policy-error.ts';
import type { PolicyStatement } from '../../../local/template/types/iam.ts';

const TABLE = 'arn:aws:dynamodb:us-east-1:000000000000:table/things';
const FUNCTION = 'arn:aws:lambda:us-east-1:000000000000:function:app-work';

const allow = (actions: string[], resources: string[], more: Partial<PolicyStatement> = {}): PolicyStatement => ({
  Effect: 'Allow',
  Action: actions,
  Resource: resources,
  ...more,
});

const verdict = (
  statements: PolicyStatement[],
  [action, resource]: [string, string],
  context: Record<string, string> = {},
) => compilePolicy(statements)({ action, resource }, context);

test.each<[string, string, string, string, string]>([
  ['dynamodb:GetItem', TABLE, 'dynamodb:GetItem', TABLE, 'allowed'],
  ['DynamoDB:getitem', TABLE, 'dynamodb:GetItem', TABLE, 'allowed'],
  ['dynamodb:*', TABLE, 'dynamodb:GetItem', TABLE, 'allowed'],
  ['dynamodb:Get*', TABLE, 'dynamodb:PutItem', TABLE, 'not-allowed'],
  ['*', '*', 's3:GetObject', 'arn:aws:s3:::b/k', 'allowed'],
  ['dynamodb:GetItem', TABLE, 'dynamodb:GetItem', `${TABLE}2`, 'not-allowed'],
  ['dynamodb:Query', TABLE, 'dynamodb:Query', `${TABLE}/index/by-x`, 'not-allowed'],
  ['dynamodb:Query', `${TABLE}/index/*`, 'dynamodb:Query', `${TABLE}/index/by-x`, 'allowed'],
  ['dynamodb:Query', TABLE.toUpperCase(), 'dynamodb:Query', TABLE, 'not-allowed'],
  [
    's3:GetObject',
    'arn:aws:s3:::b/users/*/sources/*/original',
    's3:GetObject',
    'arn:aws:s3:::b/users/1/sources/2/original',
    'allowed',
  ],
  [
    's3:GetObject',
    'arn:aws:s3:::b/users/*/sources/*/original',
    's3:GetObject',
    'arn:aws:s3:::b/users/1/sources/2/text.txt',
    'not-allowed',
  ],
  ['s3:GetObject', 'arn:aws:s3:::b/?', 's3:GetObject', 'arn:aws:s3:::b/kk', 'not-allowed'],
  ['s3:GetObject', 'arn:aws:s3:::b.c/*', 's3:GetObject', 'arn:aws:s3:::bxc/k', 'not-allowed'],
])('a statement of %s on %s makes %s on %s %s', (actions, resources, action, resource, expected) => {
  expect(verdict([allow([actions], [resources])], [action, resource])).toBe(expected);
});

test('a denial wins, whatever allows, in either order', () => {
  const statements = [allow(['s3:*'], ['*']), allow(['s3:GetObject'], ['*'], { Effect: 'Deny' })];
  expect(verdict(statements, ['s3:GetObject', 'k'])).toBe('denied');
  expect(verdict(statements.toReversed(), ['s3:GetObject', 'k'])).toBe('denied');
  expect(verdict(statements, ['s3:PutObject', 'k'])).toBe('allowed');
});

test('without a statement nothing is allowed', () => {
  expect(verdict([], ['s3:GetObject', 'k'])).toBe('not-allowed');
});

describe('a condition', () => {
  const when = (Condition: PolicyStatement['Condition'], context: Record<string, string>) =>
    verdict([allow(['*'], ['*'], { Condition })], ['a:B', 'r'], context);
  const source = { 'lambda:sourcefunctionarn': FUNCTION };

  test.each<[string, string | string[], boolean, boolean]>([
    ['ArnEquals', FUNCTION, true, false],
    ['ArnLike', 'arn:aws:lambda:*:*:function:app-*', true, false],
    ['ArnLike', 'arn:aws:*:app-work', false, false],
    ['ArnNotEquals', FUNCTION, false, true],
    ['ArnEqualsIfExists', FUNCTION, true, true],
    ['StringEquals', [`${FUNCTION}2`, FUNCTION], true, false],
    ['StringEquals', 'arn:*', false, false],
    ['StringLike', 'arn:*work', true, false],
    ['StringNotEquals', FUNCTION, false, true],
  ])('%s %s holds for the function itself: %s; where the key has no value: %s', (operator, wanted, own, none) => {
    const condition = { [operator]: { 'lambda:SourceFunctionArn': wanted } };
    expect(when(condition, source)).toBe(own ? 'allowed' : 'not-allowed');
    expect(when(condition, {})).toBe(none ? 'allowed' : 'not-allowed');
  });

  test('has to hold as a whole', () => {
    const both = { Bool: { 'aws:SecureTransport': 'true' }, ArnEquals: { 'lambda:SourceFunctionArn': FUNCTION } };
    expect(when(both, { ...source, 'aws:securetransport': 'true' })).toBe('allowed');
    expect(when(both, { ...source, 'aws:securetransport': 'false' })).toBe('not-allowed');
  });

  test.each<[string, string]>([
    ['StringEquals', 'dynamodb:LeadingKeys'],
    ['IpAddress', 'aws:SecureTransport'],
    ['ForAllValues:StringEquals', 'aws:SecureTransport'],
  ])('%s of %s is refused, since it could not be judged here', (operator, key) => {
    expect(() => when({ [operator]: { [key]: 'x' } }, {})).toThrow(PolicyError);
  });
});

test('a statement that cannot be followed here is refused', () => {
  expect(() => compilePolicy([allow(['*'], [`arn:aws:s3:::b/\${aws:userid}/*`])])).toThrow(/policy variable/);
  expect(() => compilePolicy([{ Effect: 'Allow', Action: ['*'] }])).toThrow(/needs a Resource/);
  expect(() => compilePolicy([allow(['*'], ['*'], { Principal: '*' })])).toThrow(/no Principal/);
});
