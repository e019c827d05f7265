import type { ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../adapters/clock.ts';
import { answerFetch } from '../../../adapters/lambda/fetch-protocol.ts';
import { createLambdaFetcher } from '../../../adapters/lambda/fetcher.ts';
import { createManualClock } from '../../../adapters/memory/clock.ts';
import { createMemoryLog } from '../../../adapters/memory/log.ts';
import { createMemorySourceFiles } from '../../../adapters/memory/source-files.ts';
import type { FetchProgress, Source } from '../../../app/ports.ts';
import { SourceFailure } from '../../../domain/errors.ts';
import { encodeEvent } from '../../../local/lambda/event-stream.ts';
import { startHttpServer } from '../http-server.ts';
import { TEST_CREDENTIALS } from '../servers.ts';

/** A bound for a hang, never the way a test waits. */
const WAIT = { timeout: 15_000, interval: 5 };

const SOURCE = {
  owner: '1',
  sourceUuid: '6f1c7a4e-8d0b-4d53-9f43-1b6f0a1f2c3d',
  generation: 1,
  attempt: 2,
  url: 'https://example.com/x?token=1',
  filename: 'x',
} as Source;

const chunk = (bytes: string | Buffer) =>
  encodeEvent('PayloadChunk', 'application/octet-stream', Buffer.from(bytes as string));
const complete = (detail: object = {}) =>
  encodeEvent('InvokeComplete', 'application/json', Buffer.from(JSON.stringify(detail)));
const line = (value: object) => `${JSON.stringify(value)}\n`;

type Answer = (response: ServerResponse, event: unknown, path: string) => void;

async function fetchFrom(
  answer: Answer,
  { clock = systemClock, signal = new AbortController().signal, deadlineMs = 60_000 } = {},
) {
  const progress: FetchProgress[] = [];
  let closed = 0;
  await using server = await startHttpServer(async (request, response) => {
    const event = JSON.parse(await text(request));
    response.on('close', () => {
      closed += 1;
    });
    response.writeHead(200, { 'content-type': 'application/vnd.amazon.eventstream' });
    response.flushHeaders();
    answer(response, event, request.url!);
  });
  const client = new LambdaClient({ ...TEST_CREDENTIALS, endpoint: server.url, maxAttempts: 1 });
  try {
    const fetcher = createLambdaFetcher({ client, functionName: 'fetch', clock, deadlineMs });
    const done = await fetcher.fetch(SOURCE, (each) => progress.push(each), signal);
    return { done, progress };
  } finally {
    await expect.poll(() => closed, WAIT).toBe(1);
    client.destroy();
  }
}

describe('fetching by the fetch function', () => {
  it('invokes it with what it needs and no more, and reports as the answer comes', async () => {
    let invoked: unknown;
    const { done, progress } = await fetchFrom((response, event, path) => {
      invoked = { event, path };
      response.write(chunk(line({ progress: { bytes: 0, totalBytes: 9 } })));
      response.write(
        chunk(line({ progress: { bytes: 9, totalBytes: 9 } }) + line({ done: { bytes: 9, totalBytes: 9 } })),
      );
      response.end(complete());
    });
    const { owner, sourceUuid, generation, attempt, url } = SOURCE;
    expect(invoked).toEqual({
      event: { owner, sourceUuid, generation, attempt, url },
      path: '/2021-11-15/functions/fetch/response-streaming-invocations',
    });
    expect(progress.map((each) => each.bytes)).toEqual([0, 9]);
    expect(done).toEqual({ bytes: 9, totalBytes: 9 });
  });

  it('ends in the failure that the function tells, letters cut in two and all', async () => {
    const answer = Buffer.from(line({ failure: { code: 'fetch-status', error: 'Der Server nöp ☃.' } }));
    const fetched = fetchFrom((response) => {
      for (const byte of answer) response.write(chunk(Buffer.from([byte])));
      response.end(complete());
    });
    const error = await fetched.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(SourceFailure);
    expect(error).toMatchObject({ code: 'fetch-status', message: 'Der Server nöp ☃.' });
  });

  it.each<[string, Answer]>([
    ['crashes', (response) => response.end(complete({ ErrorCode: 'Runtime.ExitError', ErrorDetails: 'exit 1' }))],
    [
      'crashes in the middle',
      (response) => {
        response.write(chunk(line({ progress: { bytes: 1 } })));
        response.end(complete({ ErrorCode: 'Sandbox.Timedout' }));
      },
    ],
    ['ends without an answer', (response) => response.end(complete())],
    [
      'ends in the middle of its answer',
      (response) => response.end(Buffer.concat([chunk('{"done":{"bytes":1}}'), complete()])),
    ],
    ['says something else', (response) => response.end(Buffer.concat([chunk(line({ ok: true })), complete()]))],
    [
      'names a code that is no code of a fetch',
      (response) =>
        response.end(Buffer.concat([chunk(line({ failure: { code: 'cancelled', error: 'x' } })), complete()])),
    ],
    [
      'loses its connection',
      (response) => response.write(chunk(line({ progress: { bytes: 1 } })), () => response.destroy()),
    ],
    ['sends a damaged event', (response) => response.end(chunk(line({ done: { bytes: 1 } })).fill(0, 20))],
  ])('is worth another attempt when the function %s', async (_title, answer) => {
    const error = await fetchFrom(answer).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(Error);
    expect(error).not.toBeInstanceOf(SourceFailure);
  });

  it('is worth another attempt when the function is silent for longer than a fetch may take', async () => {
    const clock = createManualClock();
    const silent = Promise.withResolvers<void>();
    const fetched = fetchFrom(() => silent.resolve(), { clock, deadlineMs: 10_000 }).catch((reason: unknown) => reason);
    await silent.promise;
    await clock.advance(40_000);
    expect(await fetched).toMatchObject({ message: 'the fetch function did not answer in time' });
    expect(clock.sleepers).toBe(0);
  });

  it('stops at an abort, with its reason, in the middle of the answer', async () => {
    const abort = new AbortController();
    const reason = new Error('taken over');
    const silent = Promise.withResolvers<void>();
    const fetched = fetchFrom(
      (response) => {
        response.write(chunk(line({ progress: { bytes: 1 } })));
        silent.resolve();
      },
      { signal: abort.signal },
    ).catch((error: unknown) => error);
    await silent.promise;
    abort.abort(reason);
    expect(await fetched).toBe(reason);
  });
});

describe("the fetch function's own side", () => {
  const open = (chunks: readonly string[], failure?: Error) => async () => ({
    body: (async function* () {
      for (const each of chunks) yield Buffer.from(each);
      if (failure) throw failure;
    })(),
    finalUrl: SOURCE.url!,
    async [Symbol.asyncDispose]() {},
  });
  const { filename: _, ...event } = SOURCE;

  /** @param stored what the record of the source says. */
  async function answered(
    opened: ReturnType<typeof open>,
    { invokedWith = event, stored = SOURCE }: { invokedWith?: object; stored?: Source } = {},
  ) {
    const files = createMemorySourceFiles();
    const lines: string[] = [];
    const sources = { get: async () => stored };
    const ports = { open: opened, files, sources, clock: createManualClock(), log: createMemoryLog() };
    await answerFetch(ports, invokedWith, (each) => lines.push(each));
    return { files, lines };
  }

  it('stores the bytes and writes one JSON object a line, the last of them done', async () => {
    const { files, lines } = await answered(open(['a', 'b']));
    expect(lines).toEqual(['{"progress":{"bytes":0}}\n', '{"progress":{"bytes":2}}\n', '{"done":{"bytes":2}}\n']);
    expect(files.stored(SOURCE, 'original')).toHaveLength(2);
  });

  it('writes the failure of the URL as its answer', async () => {
    const { lines } = await answered(open(['a'], new SourceFailure('fetch-timeout', 'Too slow.')));
    expect(lines.at(-1)).toBe('{"failure":{"code":"fetch-timeout","error":"Too slow."}}\n');
  });

  it('fails the invocation for anything else', async () => {
    await expect(answered(open(['a'], new Error('S3 is away')))).rejects.toThrow('S3 is away');
    await expect(answered(open([]), { invokedWith: { owner: '1' } })).rejects.toThrow();
  });
});
