import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { combinedLog, consoleLog, memoryLog } from '../../local/log.ts';
import { readCloudAssembly } from '../../local/template/cloud-assembly.ts';
import { RESOURCE_TYPES } from '../../local/template/resource-types.ts';
import { resolveTemplate } from '../../local/template/template.ts';
import { serviceFunctions } from '../../local/wiring/functions.ts';
import { eventSourcePrincipal, permissionsOfLambda } from '../../local/wiring/roles.ts';
import { synthesize } from '../lib/synthesized.ts';
import { HandshakeRefused, listen } from './client.ts';
import { createHands, type Hands } from './permission-hands.ts';
import { type GrantedPair, grantedPairs, RecordedNeeds, withoutPair } from './permission-needs.ts';
import { SCENARIOS } from './permission-scenarios.ts';
import { type Service, startService } from './service.ts';

/**
 * Least privilege: whatever a role allows is needed by a scenario that runs here. Each runs once, and what it asked for is
 * then judged by the role without the one action on the one resource.
 */

const app = synthesize();
const pairs = grantedPairs(resolveTemplate(await readCloudAssembly(app.dir), RESOURCE_TYPES));
app[Symbol.dispose]();

const log = memoryLog();

/** Locally the default is another. */
const AS_DEPLOYED = { socketAuth: 'token' };

let service: Service;
let needs: RecordedNeeds;
let hands: Hands;

beforeAll(async () => {
  service = await startService('embedded', { log: combinedLog(log, consoleLog()), context: AS_DEPLOYED });
  needs = new RecordedNeeds(service.stack.access, service.stack.template);
  hands = createHands(service);
});

afterAll(async () => {
  hands?.[Symbol.dispose]();
  needs?.[Symbol.dispose]();
  await service?.[Symbol.asyncDispose]();
});

describe('with the rights that it has', () => {
  it.each(Object.entries(SCENARIOS))('%s', async (name, run) => {
    needs.begin(name);
    await run({ service, needs, hands });
    expect(needs.refused()).toEqual([]);
  });

  it('Lambda itself logs, traces, polls and reaches into the VPC', () => {
    needs.begin('Lambda itself');
    const { access, template } = service.stack;
    for (const resource of serviceFunctions(template)) {
      const principal = { name: eventSourcePrincipal(resource.ref) };
      expect(access.refusalOf(principal, permissionsOfLambda(template, resource))).toBeUndefined();
    }
  });
});

describe.each([...new Set(pairs.map(({ functionName }) => functionName))])('%s needs', (functionName) => {
  it.each(pairs.filter((pair) => pair.functionName === functionName))('$action on $on', (pair) => {
    expect(needs.scenariosThatNeed(pair), 'No scenario would fail without it: is the right needed?').not.toEqual([]);
  });
});

/** What a client, or whoever follows a link, is answered. */
const CALLS = {
  async register() {
    return (await service.client.register(randomUUID())).status;
  },
  async upload() {
    const form = { 'ws-uuid': randomUUID(), 'source-uuid': randomUUID(), file: new File(['x'], 'x.txt') };
    return (await service.client.upload(form)).status;
  },
  async status() {
    return (await service.client.status(randomUUID())).status;
  },
  async connect() {
    const { body } = await service.client.register(randomUUID());
    const opened = await listen(String(body['ws-address'])).catch((error: unknown) => error);
    if (opened instanceof HandshakeRefused) return opened.status;
    (opened as Awaited<ReturnType<typeof listen>>).socket.close();
    return 101;
  },
  async link() {
    const { messages } = await service.client.whole({ file: new File(['Linked.'], 'x.txt') });
    const { result } = messages.at(-1) as { result: Record<string, unknown> };
    return (await fetch(String(result['text-url']))).status;
  },
};

describe('without one right the call fails, and the log says which one it wants', () => {
  const file = (name: string) => `SourceFilesBucket/users/*/sources/*/${name}`;
  it.each<[string, string, string, keyof typeof CALLS, number, number, string]>([
    ['ws-address', 'dynamodb:PutItem', 'ChannelsTable', 'register', 200, 500, 'Channels.grantReadWrite'],
    ['ws-address', 'dynamodb:GetItem', 'ApiKeysTable', 'register', 200, 500, 'ApiKeys.grantRead'],
    ['upload-source', 's3:PutObject', file('original'), 'upload', 200, 500, 'SourceFiles.grantPutOriginal'],
    ['upload-source', 'sqs:SendMessage', 'ProcessQueue', 'upload', 200, 500, 'ProcessQueue.grantSend'],
    ['source-status', 'dynamodb:GetItem', 'SourcesTable', 'status', 404, 500, 'Sources.grantRead'],
    ['connect', 'dynamodb:PutItem', 'ConnectionsTable', 'connect', 101, 502, 'Connections.grantAdd'],
    ['process', 's3:GetObject', file('text.txt'), 'link', 200, 403, 'SourceFiles.grantReadText'],
  ])('%s without %s on %s: %s is answered %i with it and %i without', async (...row) => {
    const [functionName, action, on, call, allowed, refused, grant] = row;
    const pair = pairs.find((each) => each.functionName === functionName && each.action === action && each.on === on)!;
    expect(await CALLS[call]()).toBe(allowed);
    using _taken = takeOut(pair);
    expect(await CALLS[call]()).toBe(refused);
    expect(log.entries).toContainEqual({
      level: 'error',
      source: 'iam',
      text: expect.stringMatching(
        new RegExp(`-${functionName} was refused ${action} on arn:aws:.*does not allow it; ${grant} would\\.$`),
      ),
    });
  });
});

/** Until it is disposed of. */
function takeOut(pair: GrantedPair): Disposable {
  const { access, functions } = service.stack;
  const { name } = functions.get(pair.functionName)!;
  const identity = access.identityOf(name)!;
  access.attach(name, { ...identity, statements: withoutPair(identity.statements, pair) });
  return { [Symbol.dispose]: () => access.attach(name, identity) };
}

describe('the code of a function', () => {
  const PROBE = `
    import { connect } from 'node:net';
    const reach = (host, port) => new Promise((resolve) => {
      const socket = connect({ host, port });
      socket.on('connect', () => { socket.destroy(); resolve('reached'); });
      socket.on('error', ({ code }) => resolve(code));
    });
    export const handler = async ({ address }) => {
      const { hostname, port } = new URL(address);
      return await reach(hostname, Number(port));
    };`;
  let codeDir: string;
  beforeAll(async () => {
    codeDir = await mkdtemp(join(tmpdir(), 'probe-'));
    await writeFile(join(codeDir, 'index.mjs'), PROBE);
  });
  afterAll(() => rm(codeDir, { recursive: true, force: true }));

  /** Connects from the place of a function of the template. */
  async function probe(place: string, address: string): Promise<unknown> {
    const { lambda, functions } = service.stack;
    const name = `probe-of-${place}-${randomUUID()}`;
    lambda.register({ ...functions.get(place)!, name, codeDir, timeoutMs: 10_000 });
    return JSON.parse((await lambda.invoke(name, { address })).payload);
  }

  it('in the VPC reaches Redis, and no IPv4 internet', async () => {
    expect(await probe('process', service.stack.redis.url)).toBe('reached');
    expect(await probe('process', 'http://192.0.2.1:443')).toBe('ETIMEDOUT');
  });

  it('outside of it does not reach Redis, and the log says so', async () => {
    expect(await probe('disconnect', service.stack.redis.url)).toBe('ETIMEDOUT');
    expect(log.entries).toContainEqual({
      level: 'error',
      source: expect.stringContaining('probe-of-disconnect'),
      text: expect.stringMatching(
        /^It cannot reach 127\.0\.0\.1 on port \d+: probe-of-disconnect\S* is outside of the VPC/,
      ),
    });
  });
});
