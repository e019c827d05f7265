import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Message, Whole } from './client.ts';
import { type Service, startService } from './service.ts';

/** Servers as there are in the world, behind the whole service: what its client is told of them. */

let service: Service;
beforeAll(async () => {
  service = await startService('embedded');
});
afterAll(() => service?.[Symbol.asyncDispose]());

const CONTENT = Buffer.from('Some words of text. '.repeat(5000));

type Answer = (response: ServerResponse, headers: IncomingHttpHeaders) => void;

/** The first request gets the first answer, and so on; the last one is for all that come then. */
async function fetched(
  path: string,
  ...answers: Answer[]
): Promise<Whole & { readonly requests: IncomingHttpHeaders[] }> {
  const requests: IncomingHttpHeaders[] = [];
  service.web.answerWith((request, response) => {
    requests.push(request.headers);
    answers[Math.min(requests.length, answers.length) - 1]!(response, request.headers);
  });
  const whole = await service.client.whole({ content: `http://localhost:${service.web.port}${path}` });
  return { ...whole, requests };
}

const resultOf = (messages: readonly Message[]) => messages.at(-1)!.result as Record<string, unknown>;

function expectProgress(messages: readonly Message[]): void {
  const seen = messages.filter(({ stage }) => stage === 'fetch').map(({ progress }) => Number(progress));
  expect(seen).toEqual(seen.toSorted((one, other) => one - other));
  expect(seen.at(-1)).toBe(100);
}

const breaksOff =
  (headers: Record<string, string>): Answer =>
  (response) => {
    response.writeHead(200, { 'content-length': CONTENT.length, ...headers });
    response.write(CONTENT.subarray(0, 60_000), () => response.socket!.end());
  };

const raw =
  (bytes: string | Buffer): Answer =>
  (response) =>
    response.socket!.end(bytes);

describe('a URL', () => {
  it('is called by the server it leads to, and nothing else is made of that name', async () => {
    const { messages, requests } = await fetched(
      '/start?token=secret',
      (response) => response.writeHead(302, { location: '/paper.bin' }).end(),
      (response) => {
        response.setHeader('content-disposition', `attachment; filename*=utf-8''..%2F..%2FGr%C3%BC%C3%9Fe.txt`);
        response.end(CONTENT);
      },
    );
    expect(resultOf(messages)).toMatchObject({ title: 'Grüße.txt', 'declared-name': 'Grüße.txt', words: 20_000 });
    expect(String(resultOf(messages)['text-url'])).not.toContain('Gr');
    expect(requests[0]!['user-agent']).toBe('source-upload-service');
    expect(JSON.stringify(messages.slice(1))).not.toContain('secret');
  });

  it('whose server breaks off is fetched on from there, where it proves that the content is the same', async () => {
    const etag = '"v1"';
    const { messages, requests } = await fetched('/a.txt', breaksOff({ etag }), (response, { range }) => {
      const from = Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1]);
      response.writeHead(206, { etag, 'content-range': `bytes ${from}-${CONTENT.length - 1}/${CONTENT.length}` });
      response.end(CONTENT.subarray(from));
    });
    expect(requests).toHaveLength(2);
    expect(requests[1]).toMatchObject({ range: 'bytes=60000-', 'if-range': etag });
    expect(resultOf(messages)).toMatchObject({ bytes: CONTENT.length, words: 20_000 });
    expectProgress(messages);
  });

  it('whose server breaks off and proves nothing, or has no time just then, is fetched from its beginning', async () => {
    const { messages, requests } = await fetched(
      '/b.txt',
      breaksOff({}),
      (response) => response.writeHead(503).end(),
      (response) => response.end(CONTENT),
    );
    expect(requests.map(({ range }) => range)).toEqual([undefined, undefined, undefined]);
    expect(resultOf(messages)).toMatchObject({ bytes: CONTENT.length, words: 20_000 });
    expectProgress(messages);
  });

  const OK = 'HTTP/1.1 200 OK\r\n';
  it.each<[string, Answer]>([
    ['fetch-status', (response) => response.writeHead(404).end()],
    ['fetch-redirect-loop', (response) => response.writeHead(302, { location: '/c' }).end()],
    ['fetch-length-mismatch', raw(`${OK}content-length: 4\r\n\r\nhalf of it`)],
    ['fetch-malformed', raw(`${OK}transfer-encoding: chunked\r\n\r\nzz\r\n`)],
    ['fetch-headers-too-large', raw(`${OK}${'x: y\r\n'.repeat(20_000)}\r\n`)],
    ['fetch-encoding-unsupported', raw(`${OK}content-encoding: gzip, br\r\n\r\nx`)],
    [
      'fetch-encoding-damaged',
      raw(Buffer.concat([Buffer.from(`${OK}content-encoding: gzip\r\n\r\n`), gzipSync(CONTENT).subarray(0, 100)])),
    ],
    ['fetch-too-large', raw(`${OK}content-length: 104857601\r\n\r\nx`)],
  ])('ends in one failure, %s, with what to do', async (code, answer) => {
    const { messages, closeCode } = await fetched('/c', answer);
    const ends = messages.filter(({ status }) => status === 'failure' || status === 'success');
    expect(ends).toEqual([messages.at(-1)]);
    expect(ends[0]).toMatchObject({
      code,
      result: 'Error',
      error: expect.stringMatching(/(check|send|try again).*\.$/),
    });
    expect([1000, 1005]).toContain(closeCode);
  });

  it('reaches nothing that it may not, by a redirect either', async () => {
    let reached = 0;
    const canary = createServer((_request, response) => response.end('the secret'));
    canary.on('connection', () => {
      reached += 1;
    });
    await new Promise<void>((resolve) => canary.listen(0, '127.0.0.1', resolve));
    const { port } = canary.address() as AddressInfo;
    for (const host of ['127.0.0.1', '[::ffff:127.0.0.1]', '2130706433']) {
      const location = `http://${host}:${port}/`;
      const { messages } = await fetched('/d', (response) => response.writeHead(307, { location }).end());
      expect(messages.at(-1)).toMatchObject({ status: 'failure', code: 'address-refused' });
    }
    expect(reached).toBe(0);
    await new Promise((resolve) => canary.close(resolve));
  });
});
