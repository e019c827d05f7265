import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';
import type { IConstruct } from 'constructs';
import { expect, it, onTestFinished, vi } from 'vitest';
import { createApp } from '../../lib/app.ts';
import { ACKNOWLEDGED, type Acknowledged } from './nag-acknowledged.ts';
import { emptyBundles } from './synthesized.ts';

/** What AWS's own rules for stacks and for serverless services find in ours: nothing that is not acknowledged, with its reason. */

vi.setConfig({ testTimeout: 120_000 });

interface Finding {
  readonly rule: string;
  readonly at: string;
}

function create(context: Readonly<Record<string, unknown>> = {}) {
  const root = mkdtempSync(join(tmpdir(), 'nag-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  return createApp({ outdir: join(root, 'cdk.out'), context, bundles: emptyBundles(root) });
}

function findingsOf(app: IConstruct): Finding[] {
  const packs = [new AwsSolutionsChecks(), new ServerlessChecks()];
  const violations = packs.flatMap((pack) => pack.validateScope(app).violations);
  return violations.flatMap(({ ruleName, violatingResources }) => {
    const [, rule, found] = /^([\w-]+)(?:\[(.*)\])?$/.exec(ruleName)!;
    return violatingResources.map(({ constructPath }) => ({
      rule: rule!,
      at: found === undefined ? constructPath! : `${constructPath} ${found}`,
    }));
  });
}

const covers = ({ rule, at }: Acknowledged, finding: Finding) => rule === finding.rule && at.test(finding.at);

const FRONT_AND_MORE = {
  natGateways: 1,
  domainName: 'upload.example.com',
  certificateArn: 'arn:aws:acm:us-east-1:123456789012:certificate/00000000-0000-0000-0000-000000000000',
  webAcl: 'managed',
  alarmEmail: 'on-call@example.com',
  upstreamUrl: 'https://sources.example.com',
};

const WHAT_IS_THERE = {
  vpcId: 'vpc-0a1b2c3d',
  subnetIds: 'subnet-0a1b2c3d,subnet-1a2b3c4d',
  redisUrl: 'rediss://redis.example.com:6379',
  socketAuth: 'channel',
};

/** Of as few sets as have every option in them that brings resources, changes them or leaves them out; each is made once. */
const FOUND = [{}, FRONT_AND_MORE, WHAT_IS_THERE].map((context) => ({ context, findings: onceOnly(context) }));

function onceOnly(context: Readonly<Record<string, unknown>>): () => readonly Finding[] {
  let found: readonly Finding[] | undefined;
  return () => {
    found ??= findingsOf(create(context));
    return found;
  };
}

it.each(FOUND)('finds nothing that is not acknowledged, with $context', ({ findings }) => {
  expect(findings().filter((finding) => !ACKNOWLEDGED.some((each) => covers(each, finding)))).toEqual([]);
});

it('finds everything that is acknowledged: what was mended is taken from the list', () => {
  const findings = FOUND.flatMap((each) => each.findings());
  expect(ACKNOWLEDGED.filter((each) => !findings.some((finding) => covers(each, finding)))).toEqual([]);
});

it('finds less where the options are used that it asks for', () => {
  const { findings } = FOUND.find(({ context }) => context === FRONT_AND_MORE)!;
  const rules = new Set(findings().map(({ rule }) => rule));
  expect([...rules].filter((rule) => /CFR[24]$/.test(rule))).toEqual([]);
});

it('would find what is wrong', () => {
  const app = create();
  new sqs.CfnQueue(app.node.findChild('SourceUploadState'), 'Careless');
  const found = findingsOf(app).filter(({ at }) => at.endsWith('Careless'));
  expect(found.map(({ rule }) => rule)).toEqual(expect.arrayContaining(['AwsSolutions-SQS3', 'AwsSolutions-SQS4']));
  expect(found.filter((finding) => ACKNOWLEDGED.some((each) => covers(each, finding)))).toEqual([]);
});
