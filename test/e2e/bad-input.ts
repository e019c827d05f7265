import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import { DEVELOPMENT_KEY } from '../../local/development-key.ts';
import { HandshakeRefused, listen } from './client.ts';
import { type RedisKind, type Service, startService } from './service.ts';

const WS = '/public/sources/ws';
const UPLOAD = '/public/sources/upload-source';
const CREDENTIALS = { 'X-User-ID': '1', 'X-API-Key': DEVELOPMENT_KEY };

type Part = readonly [name: string, value: string, filename?: string];

function multipart(parts: readonly Part[], { end = '--X--\r\n' } = {}): string {
  return parts
    .map(([name, value, filename]) => {
      const file = filename === undefined ? '' : `; filename="${filename}"`;
      return `--X\r\nContent-Disposition: form-data; name="${name}"${file}\r\n\r\n${value}\r\n`;
    })
    .join('')
    .concat(end);
}

export function describeBadInput(redis: RedisKind): void {
  describe(`bad input, on the ${redis} Redis`, () => {
    let service: Service;
    beforeAll(async () => {
      service = await startService(redis);
    });
    afterAll(() => service?.[Symbol.asyncDispose]());

    const ids = (): Part[] => [
      ['ws-uuid', randomUUID()],
      ['source-uuid', randomUUID()],
    ];
    const upload = (body: string | Uint8Array, type = 'multipart/form-data; boundary=X') =>
      service.client.post(UPLOAD, { headers: { ...CREDENTIALS, 'Content-Type': type }, body });
    const ws = (body: string, headers: Record<string, string> = CREDENTIALS) =>
      service.client.post(WS, { headers: { 'Content-Type': 'application/json', ...headers }, body });

    describe.each([WS, UPLOAD])('POST %s', (path) => {
      it.each([
        ['no headers', {}, 'missing-credentials'],
        ['no key', { 'X-User-ID': '1' }, 'missing-credentials'],
        ['no user', { 'X-API-Key': DEVELOPMENT_KEY }, 'missing-credentials'],
        ['a wrong key', { 'X-User-ID': '1', 'X-API-Key': 'wrong' }, 'invalid-credentials'],
        [
          "the right key with another user's id",
          { 'X-User-ID': '2', 'X-API-Key': DEVELOPMENT_KEY },
          'invalid-credentials',
        ],
      ])('is answered 401 with %s', async (_, headers, code) => {
        expect(await service.client.post(path, { headers, body: '{}' })).toMatchObject({
          status: 401,
          body: { code, error: expect.stringMatching(/^[A-Z].*\.$/) },
        });
      });
    });

    it.each([
      ['that is not JSON', 'ws-uuid=1', 400, 'invalid-json'],
      ['that is empty', '', 400, 'invalid-json'],
      ['that is no object', '[1]', 400, 'invalid-request'],
      ['without ws-uuid', '{}', 400, 'ws-uuid-missing'],
      ['whose ws-uuid is no UUID', '{"ws-uuid": "../../etc"}', 400, 'ws-uuid-invalid'],
      ['whose batch-size is no count', `{"ws-uuid": "${randomUUID()}", "batch-size": -1}`, 400, 'batch-size-invalid'],
      ['of a megabyte', JSON.stringify({ 'ws-uuid': 'x'.repeat(1e6) }), 413, 'payload-too-large'],
    ])('refuses a ws call with a body %s', async (_, body, status, code) => {
      expect(await ws(body)).toMatchObject({ status, body: { code } });
    });

    it("refuses another user's ws-uuid, for the address and for an upload", async () => {
      const wsUuid = randomUUID();
      await service.client.register(wsUuid);
      expect(await service.other.register(wsUuid)).toMatchObject({ status: 403, body: { code: 'ws-uuid-not-yours' } });
      const form = { 'ws-uuid': wsUuid, 'source-uuid': randomUUID(), file: new File(['x'], 'x') };
      expect(await service.other.upload(form)).toMatchObject({ status: 403, body: { code: 'ws-uuid-not-yours' } });
    });

    it.each<[string, () => string, number, string]>([
      ['without a boundary that occurs', () => 'no form at all', 400, 'malformed-multipart'],
      [
        'that is cut off',
        () => multipart([...ids(), ['file', 'text', 'a.txt']], { end: '' }),
        400,
        'malformed-multipart',
      ],
      [
        'with 1,000 parts',
        () => multipart(Array.from({ length: 1000 }, () => ['x', 'y'] as const)),
        400,
        'too-many-parts',
      ],
      ['with a field named files', () => multipart([...ids(), ['files', 'text', 'a.txt']]), 400, 'unknown-field'],
      ['with a field named __proto__', () => multipart([...ids(), ['__proto__', 'x']]), 400, 'unknown-field'],
      ['with a field twice', () => multipart([...ids(), ['ws-uuid', randomUUID()]]), 400, 'duplicate-field'],
      ['with two files', () => multipart([...ids(), ['file', 'a', 'a'], ['file', 'b', 'b']]), 400, 'duplicate-field'],
      [
        'with file and content',
        () => multipart([...ids(), ['file', 'a', 'a'], ['content', 'https://example.com']]),
        400,
        'file-and-content',
      ],
      ['with neither file nor content', () => multipart(ids()), 400, 'file-or-content-missing'],
      ['with an empty file', () => multipart([...ids(), ['file', '', 'a.txt']]), 400, 'empty-file'],
      ['without ws-uuid', () => multipart([ids()[1]!, ['file', 'a', 'a']]), 400, 'ws-uuid-missing'],
      ['without source-uuid', () => multipart([ids()[0]!, ['file', 'a', 'a']]), 400, 'source-uuid-missing'],
      [
        'whose source-uuid is no UUID',
        () => multipart([ids()[0]!, ['source-uuid', '1'], ['file', 'a', 'a']]),
        400,
        'source-uuid-invalid',
      ],
      ['whose content is no URL', () => multipart([...ids(), ['content', 'not a url']]), 400, 'content-not-a-url'],
      [
        'whose content is ftp',
        () => multipart([...ids(), ['content', 'ftp://example.com/a']]),
        400,
        'content-not-a-url',
      ],
      [
        'with a field of 10 kB',
        () => multipart([...ids(), ['content', `https://example.com/${'x'.repeat(10_000)}`]]),
        400,
        'field-too-long',
      ],
    ])('refuses an upload %s', async (_, body, status, code) => {
      const answer = await upload(body());
      expect(answer).toMatchObject({ status, body: { code, error: expect.stringMatching(/\S/) } });
      expect(JSON.stringify(answer.body)).not.toMatch(/\bat \S+:\d+|node_modules|Error:/);
    });

    it('refuses an upload whose Content-Type names no boundary, or is no form', async () => {
      expect(await upload(multipart(ids()), 'multipart/form-data')).toMatchObject({
        status: 400,
        body: { code: 'malformed-multipart' },
      });
      expect(await upload('{}', 'application/json')).toMatchObject({
        status: 415,
        body: { code: 'unsupported-content-type' },
      });
    });

    it.each([4_500_000, 5_000_000, 9_000_000, 12_000_000])(
      'answers a file of %d bytes with 413 and what to do',
      async (size) => {
        const answer = await upload(multipart([...ids(), ['file', 'x'.repeat(size), 'large.txt']]));
        expect(answer).toMatchObject({
          status: 413,
          body: {
            code: 'payload-too-large',
            error: expect.stringMatching(/4\.4 MB .* by its URL in the field content/),
          },
        });
      },
    );

    it('answers an unknown path with 404, in JSON', async () => {
      const answer = await service.client.post('/public/nothing', { headers: CREDENTIALS });
      expect(answer).toMatchObject({ status: 404, body: { code: 'not-found' } });
    });

    describe('a socket', () => {
      const address = (path: string) => `${service.client.url.replace('http', 'ws')}${path}`;

      it.each([
        ['to an unknown ws-uuid', () => `/ws/${randomUUID()}`, 404],
        ['to what is no UUID', () => '/ws/abc', 404],
        ['to a longer path', () => `/ws/${randomUUID()}/more`, 404],
        ['with a last-event-id that is none', () => `/ws/${randomUUID()}?last-event-id=x`, 400],
      ])('%s is refused', async (_, path, status) => {
        const refused = await listen(address(path())).catch((error: unknown) => error);
        expect(refused).toBeInstanceOf(HandshakeRefused);
        expect((refused as HandshakeRefused).status).toBe(status);
      });

      it('to another path than /ws is refused', async () => {
        await expect(listen(address('/socket'))).rejects.toBeInstanceOf(HandshakeRefused);
      });

      it.each<[string, (socket: WebSocket) => void, number]>([
        ['a message of 200 kB', (socket) => socket.send('x'.repeat(200_000)), 1009],
        ['a binary frame', (socket) => socket.send(Buffer.from('{"action": "ping"}')), 1003],
      ])('that sends %s is closed with the code that says so', async (_, send, code) => {
        const { body } = await service.client.register(randomUUID());
        const listener = await listen(String(body['ws-address']));
        send(listener.socket);
        expect(await listener.closed).toBe(code);
      });
    });

    it('works on after all of that', async () => {
      const { messages } = await service.client.whole({ file: new File(['Still here.'], 'a.txt') });
      expect(messages.at(-1)).toMatchObject({ status: 'success' });
    });
  });
}
