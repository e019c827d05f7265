import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import { DEVELOPMENT_KEY } from '../../local/development-key.ts';
import { consoleLog, type LocalLog } from '../../local/log.ts';
import { type LocalStack, startLocalStack } from '../../local/stack.ts';
import { type Client, createClient } from './client.ts';

export type RedisKind = 'embedded' | 'server';

/** The embedded one always; a real one where this machine has it. */
export const HAS_REDIS_SERVER = ['valkey-server', 'redis-server'].some((name) =>
  (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, name))),
);

export interface Service extends AsyncDisposable {
  readonly stack: LocalStack;
  /** User 1, with the development key. */
  readonly client: Client;
  /** User 2, with a key of its own. */
  readonly other: Client;
  /** A web server on this machine, reachable as `localhost` (allowed) and as 127.0.0.1 (not allowed). */
  readonly web: { readonly port: number; answerWith(listener: RequestListener): void };
}

/** The whole service, as `npm start` runs it, on free ports and a state folder of its own. */
export async function startService(
  redis: RedisKind,
  // Warnings and errors only: what a failing test needs beside its own word.
  { log = consoleLog(), context = {} }: { readonly log?: LocalLog; readonly context?: Record<string, string> } = {},
): Promise<Service> {
  await using starting = new AsyncDisposableStack();
  const stateDir = await mkdtemp(join(tmpdir(), 'source-upload-'));
  starting.defer(() => rm(stateDir, { recursive: true, force: true }));
  const stack = starting.use(
    await startLocalStack({
      port: 0,
      stateDir,
      redis,
      log,
      context: { allowFetchHosts: 'localhost', ...context },
    }),
  );
  const web = starting.use(await startWebServer());
  const client = createClient(stack.url, '1', DEVELOPMENT_KEY);
  const other = createClient(stack.url, '2', await createKey(stack, '2'));
  const running = starting.move();
  return { stack, client, other, web, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

async function createKey(stack: LocalStack, userId: string): Promise<string> {
  const key = randomBytes(24).toString('hex');
  const table = stack.functions.get('ws-address')!.environment.API_KEYS_TABLE;
  const dynamo = DynamoDBDocumentClient.from(
    new DynamoDBClient({ endpoint: stack.endpoints.dynamodb, region: 'us-east-1', credentials: stack.credentials }),
  );
  const hash = createHash('sha256').update(key).digest('hex');
  await dynamo.send(new PutCommand({ TableName: table, Item: { 'key-hash': hash, 'user-id': userId } }));
  dynamo.destroy();
  return key;
}

async function startWebServer(): Promise<Service['web'] & AsyncDisposable> {
  let current: RequestListener = (_, response) => response.writeHead(404).end();
  const server = createServer((request, response) => current(request, response));
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    answerWith(listener) {
      current = listener;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
