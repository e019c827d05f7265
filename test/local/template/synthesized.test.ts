import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createApp } from '../../../lib/app.ts';
import { HostTable } from '../../../local/host-table.ts';
import { openCredentialStore } from '../../../local/iam/credentials.ts';
import { readCloudAssembly } from '../../../local/template/cloud-assembly.ts';
import { RESOURCE_TYPES } from '../../../local/template/resource-types.ts';
import { resolveTemplate, type Template } from '../../../local/template/template.ts';
import { executeApiHost, webSocketApi } from '../../../local/template/types/apigatewayv2.ts';
import { eventSourceDeclarations } from '../../../local/wiring/event-sources.ts';
import { functionConfigs, serviceFunctions, shortName } from '../../../local/wiring/functions.ts';
import { restApiDeclarations } from '../../../local/wiring/rest-api.ts';
import { scheduleDeclarations } from '../../../local/wiring/schedules.ts';
import { webSocketApiDeclarations } from '../../../local/wiring/websocket-api.ts';

let outdir: string;
let template: Template;

beforeAll(async () => {
  outdir = await mkdtemp(join(tmpdir(), 'synthesized-'));
  const empty = await mkdtemp(join(outdir, 'asset-'));
  createApp({ outdir, bundles: { functionDir: () => empty, webDir: empty } }).synth();
  template = resolveTemplate(await readCloudAssembly(outdir), RESOURCE_TYPES);
});

afterAll(() => rm(outdir, { recursive: true, force: true }));

test('the local runtime knows every resource type and every property of the templates that are deployed', () => {
  expect(template.resources.length).toBeGreaterThan(50);
});

test('each function is registered with the environment that the template declares, its hosts redirected to this machine', async () => {
  const hosts = new HostTable();
  const api = template.of(webSocketApi)[0]!;
  hosts.add(executeApiHost(api), 'http://127.0.0.1:4001');
  const endpoints = {
    dynamodb: 'http://127.0.0.1:1',
    s3: 'http://127.0.0.1:2',
    sqs: 'http://127.0.0.1:2',
    lambda: 'http://127.0.0.1:3',
    secrets: 'http://127.0.0.1:5',
  };
  const configs = functionConfigs(template, {
    hosts,
    endpoints,
    credentials: await openCredentialStore(),
    cacheUrl: 'redis://127.0.0.1:4',
  });
  const message = configs.find(({ name }) => name.endsWith('-message'))!;
  expect(message.environment).toMatchObject({
    WEBSOCKET_MANAGEMENT_URL: 'http://127.0.0.1:4001/live',
    AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:1',
    SUBSCRIBER_FUNCTION: expect.stringMatching(/-subscriber$/),
  });
  expect(message.environment).not.toHaveProperty('API_KEYS_TABLE');
  expect(configs.filter(({ maxEnvironments }) => maxEnvironments !== undefined)).toMatchObject([
    { name: expect.stringMatching(/-subscriber$/), maxEnvironments: 12 },
  ]);
  expect(configs.map(({ environment }) => environment.AWS_ACCESS_KEY_ID)).toHaveLength(
    new Set(configs.map((c) => c.environment.AWS_ACCESS_KEY_ID)).size,
  );
});

test('the functions of the service run, the helpers of the CDK do not', () => {
  expect(serviceFunctions(template).map(shortName).sort()).toEqual([
    'cancel-source',
    'connect',
    'dead-letter',
    'disconnect',
    'fetch',
    'message',
    'process',
    'rotate-socket-key',
    'source-status',
    'subscriber',
    'sweeper',
    'upload-source',
    'ws-address',
  ]);
});

test('the routes are those of the contract', () => {
  const [rest] = restApiDeclarations(template);
  const routes = rest!.routes.filter(({ integration }) => integration.type === 'AWS_PROXY');
  expect(routes.map(({ method, path }) => `${method} ${path}`).sort()).toEqual([
    'DELETE /public/sources/{source-uuid}',
    'GET /public/sources/{source-uuid}',
    'POST /public/sources/upload-source',
    'POST /public/sources/ws',
  ]);
  const [sockets] = webSocketApiDeclarations(template);
  expect(Object.keys(sockets!.routes).sort()).toEqual(['$connect', '$default', '$disconnect']);
});

test('the process queue feeds process and its dead letters feed dead-letter, one source at a time', () => {
  const one = { batchSize: 1, reportBatchItemFailures: true };
  expect(eventSourceDeclarations(template)).toMatchObject([
    { functionName: expect.stringMatching(/-process$/), queueName: expect.not.stringContaining('Dead'), ...one },
    { functionName: expect.stringMatching(/-dead-letter$/), queueName: expect.stringContaining('Dead'), ...one },
  ]);
});

test('the sweeper runs every minute, and the others of the VPC are called each day, two with a batch of nothing', () => {
  const schedules = scheduleDeclarations(template);
  const [sweeper, ...others] = schedules.toSorted((one, other) => one.rateMs - other.rateMs);
  expect(sweeper).toMatchObject({
    functionName: expect.stringMatching(/-sweeper$/),
    rateMs: 60_000,
    input: undefined,
  });
  expect(others).toHaveLength(6);
  expect(new Set(others.map(({ rateMs }) => rateMs))).toEqual(new Set([24 * 60 * 60_000]));
  const empty = others.filter(({ input }) => JSON.stringify(input) === '{"Records":[]}');
  expect(empty.map(({ functionName }) => functionName)).toEqual([
    expect.stringMatching(/-process$/),
    expect.stringMatching(/-dead-letter$/),
  ]);
});

test('a permission that is missing stops the start, since every call would fail when deployed', () => {
  const without = {
    ...template,
    of: ((type) => (type.type === 'AWS::Lambda::Permission' ? [] : template.of(type))) as Template['of'],
  };
  expect(() => restApiDeclarations(without)).toThrow(/no AWS::Lambda::Permission lets apigateway.amazonaws.com invoke/);
  expect(() => webSocketApiDeclarations(without)).toThrow(/no AWS::Lambda::Permission/);
  expect(() => scheduleDeclarations(without)).toThrow(/no AWS::Lambda::Permission lets events.amazonaws.com invoke/);
});
