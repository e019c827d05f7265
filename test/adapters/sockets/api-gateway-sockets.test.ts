import type { ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createMemoryLog, type MemoryLog } from '../../../adapters/memory/log.ts';
import { createApiGatewaySockets } from '../../../adapters/sockets/api-gateway-sockets.ts';
import { createManagementClient } from '../../../adapters/sockets/client.ts';
import type { Sockets } from '../../../app/ports.ts';
import { describeSockets } from '../contracts/sockets.ts';
import { type HttpServer, startHttpServer } from '../http-server.ts';
import { patient, TEST_CREDENTIALS } from '../servers.ts';

type State = 'connecting' | 'open' | 'left';
type Answer = (response: ServerResponse) => void;

/** `@connections` as far as a post and a close go; `answers` come first. */
const states = new Map<string, State>();
const frames = new Map<string, string[]>();
const answers: Answer[] = [];
let calls = 0;

const status =
  (code: number, errorType?: string): Answer =>
  (response) => {
    response.writeHead(code, errorType ? { 'x-amzn-errortype': errorType } : {}).end('{"message":"refused"}');
  };
const hang: Answer = () => {};
const hangUp: Answer = (response) => response.socket!.destroy();

let server: HttpServer;
let client: ReturnType<typeof createManagementClient>;
beforeAll(async () => {
  server = await startHttpServer(async (request, response) => {
    calls += 1;
    const body = await text(request).catch(() => undefined);
    if (body === undefined) return; // given up on its way
    const id = decodeURIComponent(/^\/stage\/@connections\/(.+)$/.exec(request.url!)?.[1] ?? '');
    const planned = answers.shift();
    if (planned) planned(response);
    else if (states.get(id) !== 'open') status(410, 'GoneException')(response);
    else if (request.method === 'POST') {
      frames.set(id, [...(frames.get(id) ?? []), body]);
      response.writeHead(200).end();
    } else {
      states.set(id, 'left');
      response.writeHead(204).end();
    }
  });
  client = patient(createManagementClient({ ...TEST_CREDENTIALS, endpoint: `${server.url}/stage` }));
});
afterAll(async () => {
  client.destroy();
  await server[Symbol.asyncDispose]();
});

describeSockets('by API Gateway', () => ({
  sockets: createApiGatewaySockets({ client, log: createMemoryLog() }),
  connecting: (id) => states.set(id, 'connecting'),
  connected: (id) => states.set(id, 'open'),
  leave: (id) => states.set(id, 'left'),
  frames: (id) => frames.get(id) ?? [],
  isOpen: (id) => states.get(id) === 'open',
  failNext: () => answers.push(status(500, 'InternalServerErrorException')),
}));

describe('a post by API Gateway', () => {
  let sockets: Sockets;
  let log: MemoryLog;
  beforeEach(() => {
    answers.length = 0;
    calls = 0;
    states.set('id=', 'open');
    log = createMemoryLog();
    sockets = createApiGatewaySockets({ client, log, timeLimitMs: 15_000 }); // only a hang takes so long
  });

  it.each([
    [410, 'GoneException', 'gone', 'info'],
    [410, undefined, 'gone', 'info'],
    [429, 'LimitExceededException', 'retry', 'warn'],
    [500, 'InternalServerErrorException', 'retry', 'warn'],
    [503, undefined, 'retry', 'warn'],
    [504, undefined, 'retry', 'warn'],
    [403, 'ForbiddenException', 'retry', 'error'],
    [413, 'PayloadTooLargeException', 'gone', 'error'],
    [400, 'BadRequestException', 'gone', 'error'],
    [404, undefined, 'gone', 'error'],
  ] as const)('that is answered %d %s is `%s` and one line of the log', async (code, errorType, outcome, level) => {
    for (const call of [() => sockets.post('id=', '{}'), () => sockets.close('id=')]) {
      answers.push(status(code, errorType));
      expect(await call()).toBe(outcome);
    }
    expect(log.entries.map((entry) => entry.level)).toEqual([level, level]);
    expect(log.entries[0]!.data).toMatchObject({ operation: 'post', connectionId: 'id=' });
  });

  it('is made once: the subscriber has a backoff of its own', async () => {
    answers.push(status(500), status(500), status(500), status(500));
    await sockets.post('id=', '{}');
    expect(calls).toBe(1);
  });

  it('asks for another try when the gateway hangs up or cannot be reached', async () => {
    answers.push(hangUp);
    expect(await sockets.post('id=', '{}')).toBe('retry');
    const nobody = createManagementClient({ ...TEST_CREDENTIALS, endpoint: 'http://127.0.0.1:1/stage' });
    const unreachable = createApiGatewaySockets({ client: nobody, log });
    expect(await unreachable.post('id=', '{}')).toBe('retry');
    expect(await unreachable.close('id=')).toBe('retry');
  });

  it('settles within its own time limit when the gateway does not answer', async () => {
    const impatient = createApiGatewaySockets({ client, log, timeLimitMs: 30 });
    answers.push(hang, hang);
    expect(await impatient.post('id=', '{}')).toBe('retry');
    expect(await impatient.close('id=')).toBe('retry');
    expect(log.entries.map(({ data }) => String((data as { error: Error }).error.message))).toEqual([
      'no answer within 30 ms',
      'no answer within 30 ms',
    ]);
  });

  it('lets go of the connection when its time is over, so that hanging posts do not fill the pool', async () => {
    const impatient = createApiGatewaySockets({ client, log, timeLimitMs: 30 });
    const letGo = Promise.withResolvers<void>();
    answers.push((response) => response.once('close', letGo.resolve));
    expect(await impatient.post('id=', '{}')).toBe('retry');
    // On a busy machine its time is over before the request is there.
    while (answers.length > 0) await impatient.post('id=', '{}');
    await letGo.promise;
  });

  it('settles within its time limit even where the request does not heed its abort', async () => {
    const deaf = { send: () => new Promise(() => {}) } as unknown as typeof client;
    const impatient = createApiGatewaySockets({ client: deaf, log, timeLimitMs: 10 });
    expect(await impatient.post('id=', '{}')).toBe('retry');
  });

  it('does not wait for another connection, however many of them hang', async () => {
    const held: ServerResponse[] = [];
    answers.push(...Array.from({ length: 120 }, (): Answer => (response) => held.push(response)));
    let settled = 0;
    const hanging = Array.from({ length: 120 }, (_, at) =>
      sockets.post(`slow-${at}`, '{}').finally(() => {
        settled += 1;
      }),
    );
    while (held.length < 120) await new Promise((resolve) => setImmediate(resolve));
    expect(await sockets.post('id=', '{"quick":true}')).toBe('sent');
    expect(settled).toBe(0);
    for (const response of held) response.writeHead(200).end();
    expect(new Set(await Promise.all(hanging))).toEqual(new Set(['sent']));
  });
});
