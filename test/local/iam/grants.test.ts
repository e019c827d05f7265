import { rmSync } from 'node:fs';
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Duration, Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Fetcher } from '../../../lib/constructs/fetcher.ts';
import { ServiceFunction } from '../../../lib/constructs/service-function.ts';
import { SocketTokens } from '../../../lib/constructs/socket-tokens.ts';
import { Subscriber } from '../../../lib/constructs/subscriber.ts';
import { WebSocketEndpoint } from '../../../lib/constructs/web-socket-endpoint.ts';
import { NetworkStack } from '../../../lib/network-stack.ts';
import { StateStack } from '../../../lib/state-stack.ts';
import { GRANTS, grantFinder } from '../../../local/iam/grants.ts';
import { memoryLog } from '../../../local/log.ts';
import { readCloudAssembly } from '../../../local/template/cloud-assembly.ts';
import { RESOURCE_TYPES } from '../../../local/template/resource-types.ts';
import { resolveTemplate } from '../../../local/template/template.ts';
import { friendlyResource } from '../../../local/wiring/resource-names.ts';
import { createAccessControl } from '../../../local/wiring/roles.ts';

// The CDK lints what it synthesizes, which takes most of the time.
process.env.CDK_VALIDATION = 'false';

/** The list of grants against the methods themselves: each is called for a function of its own, which nothing else is given. */

const STACK = 'SourceUploadApi';

let outdir: string;
let granted: readonly string[];

beforeAll(async () => {
  outdir = await mkdtemp(join(tmpdir(), 'grants-'));
  granted = await grantedByEach(outdir);
});

afterAll(() => rmSync(outdir, { recursive: true, force: true }));

/** Those that give a right; what is only told an address is none. */
const IS_GRANT = /^grant|consumedBy$/i;

type Granting = Construct & Record<string, (fn: ServiceFunction, methods: readonly string[]) => void>;

/** Those of `lib/` are made of others, which have grants of their own. */
function isOurs(construct: Construct): construct is Granting {
  return [Construct, ServiceFunction].includes(Object.getPrototypeOf(construct.constructor));
}

/** Beside the function. */
const MORE_ARGUMENTS: Readonly<Record<string, readonly string[]>> = {
  grantManageConnections: ['POST', 'DELETE'],
  grantUse: ['ring'],
};

function grantsOf(construct: Construct): string[] {
  const methods: string[] = [];
  for (let of = Object.getPrototypeOf(construct); of !== Construct.prototype; of = Object.getPrototypeOf(of)) {
    methods.push(...Object.getOwnPropertyNames(of));
  }
  return methods.filter((name) => IS_GRANT.test(name));
}

const FETCH = { userAgent: 'x', deadlineSeconds: 60, connectSeconds: 5, idleSeconds: 30, retries: 3, ports: [80] };

async function grantedByEach(out: string): Promise<string[]> {
  const { context } = JSON.parse(await readFile('cdk.json', 'utf8'));
  const app = new App({ outdir: join(out, 'cdk.out'), context });
  const codeDir = await mkdtemp(join(out, 'code-'));
  const state = new StateStack(app, 'SourceUploadState');
  const network = new NetworkStack(app, 'SourceUploadNetwork', { natGateways: 0, zones: [0, 1] });
  const stack = new Stack(app, STACK);
  const constructs = [
    ...state.node.children,
    ...network.node.children,
    new Fetcher(stack, 'fetch', { codeDir, allowedHosts: [], settings: FETCH }),
    new Subscriber(stack, 'subscriber', { codeDir, network: network.network.functions }),
    new SocketTokens(stack, 'SocketTokens'),
    new WebSocketEndpoint(stack, 'WebSocket'),
  ].filter(isOurs);
  const calls = constructs.flatMap((construct) =>
    grantsOf(construct).map((method) => ({ construct, method, call: `${construct.constructor.name}.${method}` })),
  );
  for (const { construct, method, call } of calls) {
    const name = call.replace('.', '-') as never;
    const description = call;
    const fn = new ServiceFunction(stack, name, {
      name,
      codeDir,
      description,
      timeout: Duration.seconds(1),
      memorySize: 128,
      network: network.network.functions,
    });
    construct[method]!(fn, MORE_ARGUMENTS[method] ?? []);
  }
  app.synth();
  const template = resolveTemplate(await readCloudAssembly(join(out, 'cdk.out')), RESOURCE_TYPES);
  const access = createAccessControl(template, memoryLog());
  return calls.flatMap(({ call }) =>
    access
      .identityOf(`${STACK}-${call.replace('.', '-')}`)!
      .statements.flatMap(({ Action, Resource = [] }) =>
        Action.flatMap((action) =>
          Resource.map((resource) => `${call}: ${action} on ${friendlyResource(template, resource)}`),
        ),
      )
      .filter((line) => !/: (logs|xray|ec2):/.test(line)),
  );
}

test('every method that gives a right is in the list with all that it gives, and nothing else is', () => {
  const listed = GRANTS.flatMap(({ call, actions, on }) => actions.map((action) => `${call}: ${action} on ${on}`));
  // Each function is a user of its own.
  const found = granted.map((line) => line.replace(/(?<= on CacheUser)\w+$/, '*'));
  expect([...new Set(found)].sort()).toEqual(listed.sort());
});

test('of several grants the one that gives the least is named', () => {
  const grantFor = grantFinder((resource) => resource);
  expect(grantFor({ action: 'dynamodb:GetItem', resource: 'ChannelsTable' })).toBe('Channels.grantRead');
  expect(grantFor({ action: 'dynamodb:UpdateItem', resource: 'SourcesTable' })).toBe('Sources.grantReadWrite');
  const text = 'SourceFilesBucket/users/1/sources/2/text.txt';
  expect(grantFor({ action: 's3:GetObject', resource: text })).toBe('SourceFiles.grantReadText');
  expect(grantFor({ action: 's3:GetObject', resource: 'SourceFilesBucket/other' })).toBeUndefined();
});
