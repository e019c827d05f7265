import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEVELOPMENT_KEY } from '../../local/development-key.ts';
import { consoleLog } from '../../local/log.ts';
import { startLocalStack } from '../../local/stack.ts';
import { answerJson, bodyOf, formOf, startUpstream } from '../adapters/forward/harness.ts';
import { type Client, createClient, kindsOf, listen } from './client.ts';

/** The whole service with an upstream: a server of this test, on the side of an operator. */

type Listener = (request: IncomingMessage, response: ServerResponse) => void;

let service: AsyncDisposableStack;
let client: Client;
let upstream: Awaited<ReturnType<typeof startUpstream>>;
/** What the upstream does with the next requests. */
let answer: Listener;

beforeAll(async () => {
  await using starting = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'source-upload-'));
  starting.defer(() => rm(folder, { recursive: true, force: true }));
  upstream = starting.use(await startUpstream((request, response) => answer(request, response)));
  const stack = starting.use(
    await startLocalStack({
      port: 0,
      stateDir: join(folder, 'state'),
      // The port of the upstream is in the templates: they are of no use to anybody else.
      outDir: join(folder, 'cdk.out'),
      redis: 'embedded',
      log: consoleLog(),
      context: { allowFetchHosts: '127.0.0.1', upstreamUrl: `${upstream.url}/api` },
    }),
  );
  client = createClient(stack.url, '1', DEVELOPMENT_KEY);
  service = starting.move();
});

afterAll(() => service?.disposeAsync());

const file = (content: string | Buffer<ArrayBuffer>, name = 'report.pdf') => new File([content], name);

describe('a service that forwards', () => {
  it('sends a file as a form, shows the bytes that went out, and ends with what was answered', async () => {
    const seen: { path?: string; form?: FormData; user?: unknown } = {};
    answer = async (request, response) => {
      Object.assign(seen, { path: request.url, user: request.headers['x-user-id'], form: await formOf(request) });
      answerJson(response, 200, { 'source-id': 'kept', pages: [1, 2, 3] });
    };
    const bytes = Buffer.alloc(1_000_000, 'largest');
    const { messages, sourceUuid, closeCode } = await client.whole({ file: file(bytes) });
    expect(kindsOf(messages)).toEqual(['step', 'received', 'forward', 'success']);
    expect(messages.findLast((message) => message.stage === 'forward')).toMatchObject({
      progress: 100,
      bytes: 1_000_000,
      'total-bytes': 1_000_000,
    });
    expect(messages.at(-1)).toMatchObject({
      type: 'file-upload',
      status: 'success',
      result: { 'source-id': 'kept', pages: [1, 2, 3] },
    });
    expect([1000, 1005]).toContain(closeCode);
    expect(seen).toMatchObject({ path: '/api/sources/upload-source/file', user: '1' });
    expect(seen.form!.get('source-id')).toBe(sourceUuid);
    const sent = seen.form!.get('file') as File;
    expect(sent.name).toBe('report.pdf');
    expect(bytes.equals(Buffer.from(await sent.arrayBuffer()))).toBe(true);
    expect(await client.status(sourceUuid)).toMatchObject({ body: { result: { 'source-id': 'kept' } } });
  });

  it('fetches a URL, and sends it on as JSON', async () => {
    const asked: string[] = [];
    let json: unknown;
    answer = async (request, response) => {
      asked.push(`${request.method} ${request.url}`);
      if (request.method === 'GET') return response.end('a page');
      json = JSON.parse(String(await bodyOf(request)));
      return answerJson(response, 200, { done: true });
    };
    const content = `${upstream.url}/page?token=1`;
    const { messages, sourceUuid } = await client.whole({ content }, 'page.html');
    expect(kindsOf(messages)).toEqual(['step', 'received', 'fetch', 'forward', 'success']);
    expect(messages.at(-1)).toMatchObject({ type: 'url-upload', result: { done: true } });
    expect(asked).toEqual(['GET /page?token=1', 'POST /api/sources/upload-source/sync']);
    expect(json).toEqual({ 'source-id': sourceUuid, filename: 'page.html', content });
  });

  it('does not tell the upstream of an address that may not be fetched', async () => {
    let asked = 0;
    answer = (_, response) => {
      asked += 1;
      answerJson(response, 200, {});
    };
    const { messages } = await client.whole({ content: 'http://169.254.169.254/latest/meta-data/' });
    expect(messages.at(-1)).toMatchObject({ status: 'failure', code: 'address-refused' });
    expect(asked).toBe(0);
  });

  it('ends in failure with the words of the upstream', async () => {
    answer = (request, response) => {
      request.resume();
      answerJson(response, 422, { detail: [{ loc: ['body', 'file'], msg: 'Only PDF is taken' }] });
    };
    const { messages } = await client.whole({ file: file('text') });
    expect(messages.at(-1)).toMatchObject({
      result: 'Error',
      status: 'failure',
      code: 'upstream-refused',
      error: 'The upstream service answered 422 Unprocessable Entity: Only PDF is taken.',
    });
  });

  it('asks again after a 5xx', async () => {
    let asked = 0;
    answer = (request, response) => {
      request.resume();
      asked += 1;
      answerJson(response, asked === 1 ? 503 : 200, { asked });
    };
    const { messages } = await client.whole({ file: file('text') });
    expect(messages.at(-1)).toMatchObject({ status: 'success', result: { asked: 2 } });
  });

  it('hangs up on the upstream when the source is cancelled', async () => {
    const asked = Promise.withResolvers<void>();
    const hungUp = Promise.withResolvers<void>();
    answer = (request) => {
      request.resume().socket.on('close', hungUp.resolve);
      asked.resolve();
    };
    const [wsUuid, sourceUuid] = [randomUUID(), randomUUID()];
    const { body } = await client.register(wsUuid);
    const listener = await listen(String(body['ws-address']));
    await client.upload({ 'ws-uuid': wsUuid, 'source-uuid': sourceUuid, file: file('text') });
    await asked.promise;
    expect(await client.cancel(sourceUuid)).toMatchObject({ status: 202 });
    await hungUp.promise;
    await listener.closed;
    expect(listener.messages.at(-1)).toMatchObject({ status: 'failure', code: 'cancelled' });
  });
});
