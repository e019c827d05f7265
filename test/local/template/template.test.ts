import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { ignored, resourceType } from '../../../local/template/resource-type.ts';
import { resolveTemplate, type Template } from '../../../local/template/template.ts';
import { TemplateError } from '../../../local/template/template-error.ts';

const thing = resourceType('Test::Thing', {
  properties: z.strictObject({
    Name: z.string().optional(),
    Value: z.unknown().optional(),
    Nested: z.array(z.strictObject({ Known: z.string() })).optional(),
    Tags: ignored('for people'),
  }),
  attributes: { Arn: ({ ref }) => `arn:thing/${ref}`, 'Endpoint.Port': () => '6379' },
});

function resolve(...stacks: Record<string, unknown>[]): Template {
  const named = stacks.map((template, index) => ({ name: `S${index + 1}`, template, assets: [] }));
  return resolveTemplate(named, [thing]);
}

function problem(...stacks: Record<string, unknown>[]): { code: string; path: string; message: string } {
  try {
    resolve(...stacks);
  } catch (error) {
    if (error instanceof TemplateError) return error;
    throw error;
  }
  throw new Error('the template was accepted');
}

const value = (Value: unknown, more: object = {}) => {
  const template = resolve({ Resources: { A: { Type: 'Test::Thing', Properties: { Value } }, ...more } });
  return (template.resources[0]!.properties as { Value: unknown }).Value;
};

const other = { B: { Type: 'Test::Thing', Properties: { Name: 'b' } } };

describe('what the local runtime does not know stops the start, with the path where it stands', () => {
  const resource = (entry: object) => ({ Resources: { A: { Type: 'Test::Thing', ...entry } } });

  test.each([
    ['a resource type', { Resources: { A: { Type: 'Test::Other' } } }, 'unknown-resource-type', 'S1/Resources/A'],
    ['a property', resource({ Properties: { Foo: 1 } }), 'unsupported-property', 'S1/Resources/A/Properties/Foo'],
    [
      'a property of a property',
      resource({ Properties: { Nested: [{ Known: 'a' }, { Known: 'b', Foo: 1 }] } }),
      'unsupported-property',
      'S1/Resources/A/Properties/Nested/1/Foo',
    ],
    [
      'a value',
      resource({ Properties: { Nested: [{ Known: 7 }] } }),
      'invalid-property',
      'S1/Resources/A/Properties/Nested/0/Known',
    ],
    [
      'an intrinsic',
      resource({ Properties: { Value: { 'Fn::Base64': 'x' } } }),
      'unknown-intrinsic',
      'S1/Resources/A/Properties/Value/Fn::Base64',
    ],
    [
      'an intrinsic below another, and even where the property is ignored',
      resource({ Properties: { Tags: [{ 'Fn::Join': ['', [{ 'Fn::Transform': {} }]] }] } }),
      'unknown-intrinsic',
      'S1/Resources/A/Properties/Tags/0/Fn::Join/0/Fn::Transform',
    ],
    [
      'an attribute',
      resource({ Properties: { Value: { 'Fn::GetAtt': ['B', 'Nothing'] } } }),
      'unknown-attribute',
      'S1/Resources/A/Properties/Value/Fn::GetAtt',
    ],
    [
      'a policy of a resource',
      resource({ UpdatePolicy: {} }),
      'unknown-resource-attribute',
      'S1/Resources/A/UpdatePolicy',
    ],
    ['a section', { Transform: 'AWS::Serverless-2016-10-31' }, 'unknown-section', 'S1/Transform'],
    [
      'a reference',
      resource({ Properties: { Value: { Ref: 'Gone' } } }),
      'unknown-reference',
      'S1/Resources/A/Properties/Value/Ref',
    ],
    ['a dependency', resource({ DependsOn: ['Gone'] }), 'unknown-reference', 'S1/Resources/A/DependsOn'],
    [
      'an import',
      resource({ Properties: { Value: { 'Fn::ImportValue': 'S9:X' } } }),
      'unknown-import',
      'S1/Resources/A/Properties/Value/Fn::ImportValue',
    ],
    [
      'a parameter whose value only a deployment knows',
      { ...resource({ Properties: { Value: { Ref: 'P' } } }), Parameters: { P: { Type: 'String' } } },
      'missing-parameter',
      'S1/Resources/A/Properties/Value/Ref',
    ],
  ])('%s', (_what, template: Record<string, unknown>, code, path) => {
    const resources = (template.Resources as object | undefined) ?? {};
    expect(problem({ ...template, Resources: { ...resources, ...other } })).toMatchObject({ code, path });
  });

  test('the message says it as a sentence', () => {
    const { message } = problem({ Resources: { Sources: { Type: 'Test::Thing', Properties: { Foo: 1 } } } });
    expect(message).toBe('S1/Resources/Sources/Properties/Foo: property not supported by the local runtime');
  });

  test('a circle, through references as through DependsOn', () => {
    const refers = (to: string) => ({ Type: 'Test::Thing', Properties: { Value: { Ref: to } } });
    expect(problem({ Resources: { A: refers('B'), B: refers('A') } })).toMatchObject({ code: 'circular-reference' });
    const depends = { Type: 'Test::Thing', DependsOn: 'A' };
    expect(problem({ Resources: { A: refers('B'), B: depends } })).toMatchObject({ code: 'circular-reference' });
  });
});

describe('intrinsics resolve to what CloudFormation makes of them', () => {
  test.each([
    ['Ref', { Ref: 'B' }, 'S1-B'],
    ['Ref of a pseudo parameter', { Ref: 'AWS::StackName' }, 'S1'],
    ['GetAtt', { 'Fn::GetAtt': ['B', 'Arn'] }, 'arn:thing/S1-B'],
    ['GetAtt with a dot in the attribute', { 'Fn::GetAtt': 'B.Endpoint.Port' }, '6379'],
    ['Join', { 'Fn::Join': ['-', ['a', { Ref: 'AWS::Region' }, 3]] }, 'a-us-east-1-3'],
    ['Split and Select', { 'Fn::Select': [2, { 'Fn::Split': ['/', 'wss://host'] }] }, 'host'],
    [
      'Sub',
      { 'Fn::Sub': `\${B}/\${B.Arn}/\${!Literal}/\${AWS::AccountId}` },
      `S1-B/arn:thing/S1-B/\${Literal}/000000000000`,
    ],
    ['Sub with variables', { 'Fn::Sub': [`\${X}-\${B}`, { X: { Ref: 'AWS::Partition' } }] }, 'aws-S1-B'],
    ['GetAZs', { 'Fn::Select': ['1', { 'Fn::GetAZs': '' }] }, 'us-east-1b'],
    ['Cidr of IPv4', { 'Fn::Cidr': ['10.0.0.0/16', 2, '12'] }, ['10.0.0.0/20', '10.0.16.0/20']],
    [
      'Cidr of IPv6',
      { 'Fn::Select': [1, { 'Fn::Cidr': ['2001:db8:1234:1a00::/56', 2, '64'] }] },
      '2001:db8:1234:1a01:0:0:0:0/64',
    ],
    ['NoValue in a list', [{ Ref: 'AWS::NoValue' }, 'kept'], ['kept']],
    ['NoValue as a property', { kept: 1, gone: { Ref: 'AWS::NoValue' } }, { kept: 1 }],
  ])('%s', (_name, given, expected) => {
    expect(value(given, { B: { Type: 'Test::Thing' } })).toEqual(expected);
  });

  test('conditions, mappings and parameters', () => {
    const template = resolve({
      Parameters: { Size: { Type: 'String', Default: 'big' } },
      Mappings: { Sizes: { big: { memory: 1024 } } },
      Conditions: {
        IsBig: { 'Fn::Equals': [{ Ref: 'Size' }, 'big'] },
        Never: { 'Fn::And': [{ Condition: 'IsBig' }, { 'Fn::Not': [{ Condition: 'IsBig' }] }] },
        Either: { 'Fn::Or': [{ Condition: 'Never' }, { Condition: 'IsBig' }] },
      },
      Resources: {
        A: {
          Type: 'Test::Thing',
          Condition: 'Either',
          Properties: { Value: { 'Fn::If': ['IsBig', { 'Fn::FindInMap': ['Sizes', { Ref: 'Size' }, 'memory'] }, 0] } },
        },
        Absent: { Type: 'Test::Thing', Condition: 'Never' },
      },
    });
    expect(template.resources.map(({ logicalId, properties }) => [logicalId, properties])).toEqual([
      ['A', { Value: 1024 }],
    ]);
  });

  test('a stack imports what another exports, in whatever order they are read', () => {
    const importer = {
      Resources: { A: { Type: 'Test::Thing', Properties: { Value: { 'Fn::ImportValue': 'S2:B' } } } },
    };
    const exporter = {
      Resources: { B: { Type: 'Test::Thing', Properties: { Name: 'b' } } },
      Outputs: {
        Out: { Value: { 'Fn::GetAtt': ['B', 'Arn'] }, Export: { Name: { 'Fn::Sub': `\${AWS::StackName}:B` } } },
      },
    };
    const template = resolve(importer, exporter);
    expect(template.resources[0]!.properties).toEqual({ Value: 'arn:thing/S2-B' });
    expect(template.outputs.get('S2')!.get('Out')).toBe('arn:thing/S2-B');
  });
});

test('the name of a resource is the same at each start and never longer than its service allows', () => {
  const names = [1, 2].map(
    () => resolve({ Resources: { [`L${'o'.repeat(300)}ng`]: { Type: 'Test::Thing' } } }).resources[0]!.ref,
  );
  expect(names[0]).toBe(names[1]);
  expect(names[0]).toHaveLength(255);
});
