import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createApp } from '../../lib/app.ts';
import { FUNCTION_NAMES } from '../../lib/bundle.ts';
import { emptyBundles, type Synthesized, synthesize } from './synthesized.ts';
import { changesBetween, replaces } from './template-changes.ts';
import { importsOf, orderOf, resourceGraph } from './template-references.ts';

const app = synthesize();
afterAll(() => app[Symbol.dispose]());

/** What `npm run deploy` would do to the service as it is by default. */
function changesWith(context: Readonly<Record<string, unknown>>): string[] {
  using other = synthesize(context);
  return describeChanges(app, other);
}

function describeChanges(before: Synthesized, after: Synthesized): string[] {
  return changesBetween(before.stacks, after.stacks)
    .map(({ at, what, properties = [] }) => `${what} ${at.replace(/[0-9A-F]{8}$/, '')} ${properties.join()}`.trim())
    .sort();
}

describe('the order of a deployment', () => {
  it('has no cycle between the stacks, and what holds the data needs none of the others', () => {
    const imports = importsOf(app.stacks);
    expect(imports.get('SourceUploadState')).toEqual(new Set());
    expect(imports.get('SourceUploadNetwork')).toEqual(new Set());
    const order = orderOf(imports);
    expect(order.slice(2)).toEqual(['SourceUploadApi', 'SourceUploadFront', 'SourceUploadObserve']);
  });

  it('is told to the CDK: a stack that takes a value of another one is deployed after it', () => {
    const { artifacts } = JSON.parse(readFileSync(join(app.dir, 'manifest.json'), 'utf8'));
    for (const [stack, needs] of importsOf(app.stacks)) {
      for (const need of needs) expect.soft(artifacts[stack].dependencies, stack).toContain(need);
    }
  });

  it.each(Object.keys(app.stacks))('has no cycle within %s', (stack) => {
    const graph = resourceGraph(app.stacks[stack]);
    expect(orderOf(graph)).toHaveLength(graph.size);
  });

  it('would be found to have one', () => {
    const a = { Ref: 'B' };
    const b = { 'Fn::Join': ['', [{ 'Fn::GetAtt': ['A', 'Arn'] }]] };
    expect(() => orderOf(resourceGraph({ Resources: { A: { Properties: { a } }, B: { Properties: { b } } } }))).toThrow(
      'They need each other: A, B.',
    );
  });
});

describe('a second deployment', () => {
  it('changes nothing', () => {
    expect(changesWith({})).toEqual([]);
  });
});

describe('new code of the handlers', () => {
  it('changes functions and nothing else: no API and no stage, so that every socket stays open', () => {
    const root = mkdtempSync(join(tmpdir(), 'handlers-'));
    try {
      const outdir = join(root, 'cdk.out');
      const bundles = emptyBundles(root);
      for (const name of FUNCTION_NAMES) appendFileSync(join(bundles.functionDir(name), 'index.mjs'), '// newer');
      const { stacks } = createApp({ outdir, bundles }).synth();
      const newer = Object.fromEntries(stacks.map(({ stackName, template }) => [stackName, template]));
      const changes = changesBetween(app.stacks, newer);
      expect(changes).toHaveLength(FUNCTION_NAMES.length);
      for (const { at, what, properties } of changes) {
        expect.soft(at).toMatch(/^SourceUploadApi\/Functions\w+Function[0-9A-F]{8}$/);
        expect.soft([what, properties]).toEqual(['changed', ['Code']]);
      }
    } finally {
      rmSync(root, { recursive: true });
    }
  });
});

describe('a changed context value', () => {
  /** Whoever makes channels, and whoever looks after the shards. */
  const told = ['sweeper', 'uploadsource', 'wsaddress'].map(
    (name) => `changed SourceUploadApi/Functions${name}Function Environment`,
  );

  it.each([1, 3, 8, 128])('shards = %i is only told to the functions that have to know it', (shards) => {
    expect(changesWith({ shards })).toEqual(told);
  });

  it('allowFetchHosts is told to nobody but the function that fetches', () => {
    expect(changesWith({ allowFetchHosts: 'a.example' })).toEqual([
      'changed SourceUploadApi/FunctionsfetchFunction Environment',
    ]);
  });

  it.each([1, 2])(
    'natGateways = %i adds to the network and replaces nothing, the cache least of all',
    (natGateways) => {
      const changes = changesWith({ natGateways });
      expect(changes).not.toEqual([]);
      expect(changes.filter((change) => /^(replaced|removed) /.test(change))).toEqual([]);
      expect(changes.join('\n')).not.toContain('ServerlessCache');
    },
  );
});

describe('what replaces a resource', () => {
  it.each([
    ['AWS::DynamoDB::Table', 'KeySchema', true],
    ['AWS::DynamoDB::Table', 'BillingMode', false],
    ['AWS::Lambda::Function', 'FunctionName', true],
    ['AWS::Lambda::Function', 'Environment', false],
    ['AWS::ElastiCache::ServerlessCache', 'SubnetIds', true],
  ])('%s %s: %s', (type, property, expected) => {
    expect(replaces(type, property)).toBe(expected);
  });

  it('is known of every type that the templates have', () => {
    const types = Object.values(app.stacks).flatMap(({ Resources }) =>
      Object.values<{ Type: string }>(Resources).map(({ Type }) => Type),
    );
    for (const type of new Set(types)) expect.soft(() => replaces(type, 'Any')).not.toThrow();
    expect(() => replaces('AWS::No::Such', 'Any')).toThrow('Nothing is known');
  });
});
