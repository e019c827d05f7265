import {
  InvokeWithResponseStreamCommand,
  type InvokeWithResponseStreamResponseEvent,
  type LambdaClient,
} from '@aws-sdk/client-lambda';
import type { Clock, Fetcher } from '../../app/ports.ts';
import { FETCH_DEADLINE_MS } from '../../domain/limits.ts';
import { type FetchEvent, readFetchAnswer } from './fetch-protocol.ts';

export interface LambdaFetcherOptions {
  /** MUST have no request timeout below `deadlineMs`: a slow server is silent for as long. */
  readonly client: LambdaClient;
  readonly functionName: string;
  readonly clock: Clock;
  /** What the function gives one fetch. Default: FETCH_DEADLINE_MS. */
  readonly deadlineMs?: number;
}

/** 30 s more than a fetch may take: for the start of the function, the end of the upload to S3, and its own retries. */
const MARGIN_MS = 30_000;

export function createLambdaFetcher(options: LambdaFetcherOptions): Fetcher {
  const { client, functionName, clock, deadlineMs = FETCH_DEADLINE_MS } = options;
  const timeoutMs = deadlineMs + MARGIN_MS;

  return {
    async fetch({ owner, sourceUuid, generation, attempt, url, correlationId }, onProgress, signal) {
      signal.throwIfAborted();
      if (url === undefined) throw new Error('the source has no URL to fetch');
      const event: FetchEvent = { owner, sourceUuid, generation, attempt, url, correlationId };
      const command = new InvokeWithResponseStreamCommand({
        FunctionName: functionName,
        Payload: Buffer.from(JSON.stringify(event)),
      });
      const ended = new AbortController();
      const stop = AbortSignal.any([signal, ended.signal]);
      void clock.sleep(timeoutMs, stop).then(() => ended.abort(new Error('the fetch function did not answer in time')));
      try {
        const { EventStream } = await client.send(command, { abortSignal: stop });
        if (!EventStream) throw new Error('the fetch function gave no stream');
        return await readFetchAnswer(payloadOf(untilAborted(EventStream, stop)), onProgress);
      } catch (error) {
        throw stop.aborted ? stop.reason : error;
      } finally {
        ended.abort();
      }
    },
  };
}

async function* payloadOf(events: AsyncIterable<InvokeWithResponseStreamResponseEvent>): AsyncGenerator<Uint8Array> {
  for await (const event of events) {
    if (event.PayloadChunk?.Payload) yield event.PayloadChunk.Payload;
    const errorCode = event.InvokeComplete?.ErrorCode;
    if (errorCode) throw new Error(`the fetch function failed: ${errorCode}`);
  }
}

/** Stops at the abort also where the stream does not notice it, or takes its time. */
async function* untilAborted<T>(items: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T> {
  const iterator = items[Symbol.asyncIterator]();
  const aborted = Promise.withResolvers<never>();
  aborted.promise.catch(() => {});
  const abort = () => aborted.reject(signal.reason);
  signal.addEventListener('abort', abort);
  try {
    signal.throwIfAborted();
    while (true) {
      const next = await Promise.race([iterator.next(), aborted.promise]);
      if (next.done) return;
      yield next.value;
    }
  } finally {
    signal.removeEventListener('abort', abort);
    // Not awaited: a silent stream answers this only with its next event.
    iterator.return?.().catch(() => undefined);
  }
}
