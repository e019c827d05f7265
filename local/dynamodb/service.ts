import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import dynalite from 'dynalite';
import { dynamoDbCall } from '../faults/http-calls.ts';
import { type HttpFaults, putFaultsBefore } from '../faults/http-faults.ts';
import { listenOnLoopback } from '../http/loopback.ts';
import type { AccessControl } from '../iam/access-control.ts';
import type { CredentialStore, Principal } from '../iam/credentials.ts';
import { refusalMessage } from '../iam/refusal.ts';
import { accessKeyIdOf } from '../iam/signature-v4.ts';
import type { Resource } from '../template/resource-type.ts';
import type { TableProperties } from '../template/types/dynamodb.ts';
import { callDynamoDb } from './call.ts';
import { dynamoDbPermissions } from './permissions.ts';
import { createTables } from './tables.ts';

export interface DynamoDbOptions {
  readonly tables: readonly Resource<TableProperties>[];
  readonly credentials: CredentialStore;
  /** Default: whoever has a key may do everything. */
  readonly access?: AccessControl;
  /** Undefined: nothing outlives the service. */
  readonly dataDir?: string;
  readonly faults?: HttpFaults;
}

export interface DynamoDbService extends AsyncDisposable {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  /** One call with the runtime's own credentials: `call('PutItem', { … })`. */
  call(operation: string, input: object): Promise<Record<string, unknown>>;
}

/** DynamoDB accepts no larger request. */
const MAX_REQUEST_BYTES = 16 * 1024 * 1024;

export async function startDynamoDb(options: DynamoDbOptions): Promise<DynamoDbService> {
  const { tables, credentials, dataDir, faults } = options;
  const server = dynalite({ createTableMs: 0, ...(dataDir === undefined ? {} : { path: dataDir }) });
  const [serve] = server.listeners('request') as RequestListener[];
  server.removeAllListeners('request');
  const underWay = new Set<Promise<void>>();
  server.on('request', (request, response) => {
    const ended = whenEnded(response);
    underWay.add(ended);
    void ended.then(() => underWay.delete(ended));
    void answer(request, response, options, serve!).catch(() => response.destroy().end());
  });
  if (faults) putFaultsBefore(server, dynamoDbCall, faults);
  const listening = await listenOnLoopback(server, 0);
  const url = `http://127.0.0.1:${listening.port}`;
  const call: DynamoDbService['call'] = (operation, input) => callDynamoDb(url, credentials.root, operation, input);
  try {
    await createTables(call, tables);
  } catch (error) {
    await listening[Symbol.asyncDispose]();
    throw error;
  }
  return {
    url,
    call,
    async [Symbol.asyncDispose]() {
      // Dynalite throws, past every handler, where its store is closed under a call; that of a function that was killed too.
      await Promise.all(underWay);
      await listening[Symbol.asyncDispose]();
    },
  };
}

/** When the server is done with the request, which may be long after its client has left. */
function whenEnded(response: ServerResponse): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const end = response.end;
  response.end = ((...args: Parameters<typeof end>) => {
    resolve();
    return end.apply(response, args);
  }) as typeof end;
  return promise;
}

/**
 * Dynalite gets the request only when it is whole: it throws, past every handler, when a client leaves in the middle
 * of one, and a function that is killed does that.
 */
async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  options: DynamoDbOptions,
  serve: RequestListener,
): Promise<void> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes > MAX_REQUEST_BYTES) {
      response.writeHead(413).end();
      return;
    }
    chunks.push(chunk);
  }
  const refused = refusalOf(request, chunks, options);
  if (refused) {
    response.writeHead(400, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify(refused));
    return;
  }
  const { method, url, headers } = request;
  serve(
    Object.assign(Readable.from(chunks), { method, url, headers }) as unknown as IncomingMessage,
    response as never,
  );
}

function refusalOf(
  request: IncomingMessage,
  chunks: readonly Buffer[],
  { credentials, access }: DynamoDbOptions,
): object | undefined {
  const principal = credentials.find(accessKeyIdOf(request.headers) ?? '');
  if (!principal) {
    return {
      __type: 'com.amazon.coral.service#UnrecognizedClientException',
      message: 'The security token included in the request is invalid.',
    };
  }
  const { operation } = dynamoDbCall(request) ?? {};
  if (!access?.limits(principal) || operation === undefined) return undefined;
  return accessDenied(access, principal, operation, Buffer.concat(chunks).toString());
}

function accessDenied(
  access: AccessControl,
  principal: Principal,
  operation: string,
  body: string,
): object | undefined {
  let input: unknown;
  try {
    input = JSON.parse(body);
  } catch {
    return undefined; // dynalite says what is wrong with it
  }
  if (typeof input !== 'object' || input === null) return undefined;
  const permissions = dynamoDbPermissions(operation, input as Record<string, unknown>, access.environment);
  const refusal = access.refusalOf(principal, permissions);
  // With a capital letter, unlike its other errors.
  return refusal && { __type: 'com.amazon.coral.service#AccessDeniedException', Message: refusalMessage(refusal) };
}
