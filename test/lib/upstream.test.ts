import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { FORWARD_DEADLINE_MS } from '../../adapters/forward/limits.ts';
import { FETCH_DEADLINE_MS } from '../../domain/limits.ts';
import { ADDRESSES, NO_ADDRESSES } from '../adapters/forward/upstream-addresses.ts';
import { type Json, type Synthesized, synthesize } from './synthesized.ts';

/** The templates of a service that forwards, beside those of one that does not. */
const forwarding = synthesize({ upstreamUrl: 'http://sources.internal:8000/api' });
const extracting = synthesize();
afterAll(() => {
  for (const app of [forwarding, extracting]) app[Symbol.dispose]();
});

const ofProcess = (app: Synthesized): Json =>
  app.resource('AWS::Lambda::Function', 'FunctionsprocessFunction').properties;

function rightsOfProcess(app: Synthesized): string[] {
  const { Statement } = app.resource('AWS::IAM::Policy', 'FunctionsprocessRoleDefaultPolicy').properties.PolicyDocument;
  return Statement.filter(({ Effect }: Json) => Effect === 'Allow').flatMap(({ Action, Resource }: Json) =>
    [Action].flat().flatMap((action) => [Resource].flat().map((resource) => `${action} ${app.render(resource)}`)),
  );
}

const wayOut = (app: Synthesized): string[] =>
  app
    .resource('AWS::EC2::SecurityGroup', 'FunctionsSecurityGroup')
    .properties.SecurityGroupEgress.map(
      (rule: Json) => `${rule.CidrIp ?? rule.CidrIpv6} ${rule.FromPort}-${rule.ToPort}`,
    )
    .sort();

describe('with an upstream', () => {
  it('process is told its address, and nobody else is', () => {
    expect(ofProcess(forwarding).Environment.Variables.UPSTREAM_URL).toBe('http://sources.internal:8000/api');
    const told = forwarding
      .resources('AWS::Lambda::Function')
      .filter(({ properties }) => properties.Environment?.Variables?.UPSTREAM_URL !== undefined);
    expect(told).toHaveLength(1);
    expect(ofProcess(extracting).Environment.Variables.UPSTREAM_URL).toBeUndefined();
  });

  it('process may read the original and write the result, and has no more to do with texts than to remove them', () => {
    const files = (app: Synthesized) =>
      rightsOfProcess(app)
        .filter((right) => /^s3:(Get|Put)Object /.test(right))
        .map((right) => right.replace(/ .*\//, ' '))
        .sort();
    expect(files(forwarding)).toEqual(['s3:GetObject original', 's3:PutObject result.json']);
    expect(files(extracting)).toEqual([
      's3:GetObject original',
      's3:GetObject text.txt',
      's3:PutObject result.json',
      's3:PutObject text.txt',
    ]);
  });

  it('functions get out to its port as well, over both families', () => {
    expect(wayOut(extracting)).toEqual(['0.0.0.0/0 443-443', '::/0 443-443']);
    expect(wayOut(forwarding)).toEqual(['0.0.0.0/0 443-443', '0.0.0.0/0 8000-8000', '::/0 443-443', '::/0 8000-8000']);
  });

  it.each([
    ['http://sources.internal', ['0.0.0.0/0 443-443', '0.0.0.0/0 80-80', '::/0 443-443', '::/0 80-80']],
    ['https://sources.internal', ['0.0.0.0/0 443-443', '::/0 443-443']],
    ['https://sources.internal:443/', ['0.0.0.0/0 443-443', '::/0 443-443']],
  ])('%s needs a way out to %j', (upstreamUrl, expected) => {
    using app = synthesize({ upstreamUrl });
    expect(wayOut(app)).toEqual(expected);
  });

  it('process has time for a fetch, the longest that may be set, with its margin, and for a forward after it', () => {
    const longest = 80;
    using app = synthesize({ upstreamUrl: 'http://sources.internal', fetchDeadlineSeconds: longest });
    const MARGIN_MS = 30_000; // of adapters/lambda/fetcher.ts
    expect(ofProcess(app).Timeout * 1000).toBeGreaterThan(longest * 1000 + MARGIN_MS + FORWARD_DEADLINE_MS);
    expect(longest * 1000).toBeGreaterThan(FETCH_DEADLINE_MS);
    expect(() => synthesize({ upstreamUrl: 'http://sources.internal', fetchDeadlineSeconds: longest + 1 })).toThrow(
      'Context value "fetchDeadlineSeconds" has to be a whole number from 5 to 80',
    );
  });
});

describe('the address of an upstream', () => {
  it('is empty by default', () => {
    const { context } = JSON.parse(readFileSync(new URL('../../cdk.json', import.meta.url), 'utf8'));
    expect(context.upstreamUrl).toBe('');
  });

  it.each(ADDRESSES)('%s is taken', (text) => {
    using app = synthesize({ upstreamUrl: text });
    expect(ofProcess(app).Environment.Variables.UPSTREAM_URL).toBe(new URL(text).href);
  });

  it.each(NO_ADDRESSES)('%j is refused, without being repeated', (text) => {
    const refusal = () => synthesize({ upstreamUrl: text });
    expect(refusal).toThrow('has to be an http or https URL without a user name, password, query or fragment');
    expect(refusal).not.toThrow('secret');
  });

  it('that is no text is refused', () => {
    expect(() => synthesize({ upstreamUrl: 7 })).toThrow('Context value "upstreamUrl" has to be');
  });
});
