import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { createManualClock } from '../../../adapters/memory/clock.ts';
import { answerJson, bodyOf, formOf, forwarding, startUpstream, throughPauses, WAIT } from './harness.ts';

const MIB = 2 ** 20;

describe('a file', () => {
  it('is sent as the form that the upstream knows, and its JSON is the result', async () => {
    const seen: { request?: IncomingMessage; form?: FormData } = {};
    await using upstream = await startUpstream(async (request, response) => {
      Object.assign(seen, { request, form: await formOf(request) });
      answerJson(response, 200, { 'source-id': 'x', pages: 3 });
    });
    const bytes = Buffer.from([0, 13, 10, 45, 45, 255, 13, 10]);
    const test = await forwarding(`${upstream.url}/api/v1`, {
      bytes,
      source: { owner: 'user-7', filename: 'Größe.pdf' },
    });
    expect(await test.run()).toEqual({ 'source-id': 'x', pages: 3 });
    expect(seen.request).toMatchObject({
      method: 'POST',
      url: '/api/v1/sources/upload-source/file',
      headers: {
        accept: 'application/json',
        'accept-encoding': 'identity',
        'user-agent': 'source-upload-service',
        'x-user-id': 'user-7',
        'idempotency-key': `"${test.source.sourceUuid}#1"`,
        'x-correlation-id': test.source.correlationId,
        'content-length': expect.stringMatching(/^\d+$/),
      },
    });
    expect([...seen.form!.keys()]).toEqual(['source-id', 'filename', 'file']);
    expect(seen.form!.get('source-id')).toBe(test.source.sourceUuid);
    expect(seen.form!.get('filename')).toBe('Größe.pdf');
    const file = seen.form!.get('file') as File;
    expect(file.name).toBe('Größe.pdf');
    expect(Buffer.from(await file.arrayBuffer())).toEqual(bytes);
    expect(test.log.entries).toEqual([]);
    await expect.poll(() => upstream.open.size, WAIT).toBe(0);
  });

  it.each([
    ['a "quoted" name.pdf', 'a "quoted" name.pdf', 'a %22quoted%22 name.pdf'],
    ['x"; filename="evil.sh', 'x"; filename="evil.sh', 'x%22; filename=%22evil.sh'],
    ['日本語 🙂.docx', '日本語 🙂.docx', '日本語 🙂.docx'],
    ['a\r\nX-Injected: 1', 'a\r\nX-Injected: 1', 'a%0D%0AX-Injected: 1'],
    ['', '6f1c7a4e-8d0b-4d53-9f43-1b6f0a1f2c3d', '6f1c7a4e-8d0b-4d53-9f43-1b6f0a1f2c3d'],
  ])('named %j stays one part with one name', async (filename, field, name) => {
    let raw = '';
    await using upstream = await startUpstream(async (request, response) => {
      raw = String(await bodyOf(request));
      answerJson(response, 200, {});
    });
    const test = await forwarding(upstream.url, { source: { filename } });
    await test.run();
    const headers = raw.split('\r\n').filter((line) => /^[A-Za-z-]+: /.test(line) && line.startsWith('Content-'));
    expect(headers).toHaveLength(4);
    expect(raw).toContain(`name="filename"\r\n\r\n${field}\r\n`);
    expect(raw).toContain(`name="file"; filename="${name}"\r\n`);
  });

  it('shows how much of it was sent, from nothing to all, and never less than before', async () => {
    await using upstream = await startUpstream(async (request, response) => {
      await bodyOf(request);
      answerJson(response, 200, {});
    });
    const test = await forwarding(upstream.url, { bytes: Buffer.alloc(MIB, 'x') });
    await test.run();
    const sent = test.progress.map((each) => ('bytes' in each ? each.bytes : Number.NaN));
    expect(test.progress[0]).toEqual({ bytes: 0, totalBytes: MIB });
    expect(test.progress.at(-1)).toEqual({ bytes: MIB, totalBytes: MIB });
    expect(sent.length).toBeGreaterThan(10);
    expect(sent).toEqual([...new Set(sent)].toSorted((one, other) => one - other));
  });

  it('is streamed: what the upstream has not taken yet is not read either', async () => {
    const total = 128 * MIB;
    let read = 0;
    let received = 0;
    let furthest = 0;
    async function* body(): AsyncGenerator<Uint8Array> {
      const chunk = Buffer.alloc(64 * 1024, 'x');
      for (; read < total; read += chunk.byteLength) {
        furthest = Math.max(furthest, read - received);
        yield chunk;
      }
    }
    await using upstream = await startUpstream(async (request, response) => {
      for await (const chunk of request) received += chunk.byteLength;
      answerJson(response, 200, { received });
    });
    const test = await forwarding(upstream.url, { readOriginal: async () => ({ bytes: total, body: body() }) });
    expect(await test.run()).toEqual({ received: expect.any(Number) });
    expect(received).toBeGreaterThan(total);
    // The buffers of the two sockets, which the system may let grow to some MiB each, and little of our own.
    expect(furthest).toBeLessThan(24 * MIB);
  });

  it('leaves the result beside its other files', async () => {
    await using upstream = await startUpstream((_, response) => answerJson(response, 201, { id: 1 }));
    const test = await forwarding(upstream.url);
    await test.run();
    expect(JSON.parse(String(Buffer.from(test.files.stored(test.source, 'result.json')!)))).toEqual({ id: 1 });
  });

  it('is not sent again because the result could not be stored', async () => {
    await using upstream = await startUpstream((_, response) => answerJson(response, 200, { id: 1 }));
    const test = await forwarding(upstream.url);
    test.files.failNext('putResult', { times: 9 });
    await expect(test.run()).resolves.toEqual({ id: 1 });
    expect(upstream.connections).toBe(1);
    expect(test.log.of('result-not-stored')).toHaveLength(1);
  });

  it('is let go each time when no connection can be made', async () => {
    const clock = createManualClock();
    const upstream = await startUpstream(() => {});
    await upstream[Symbol.asyncDispose]();
    const originals: Readable[] = [];
    const readOriginal = async () => {
      const body = new Readable({ read: () => {} });
      originals.push(body);
      return { bytes: 10, body };
    };
    const test = await forwarding(upstream.url, { clock, readOriginal });
    await throughPauses(clock, test.failure());
    expect(originals.map((each) => each.destroyed)).toEqual([true, true, true, true]);
  });

  it('that is not there is no failure of the source: another attempt may find it', async () => {
    const test = await forwarding('http://127.0.0.1:1', { readOriginal: async () => undefined });
    await expect(test.run()).rejects.toThrow('the original is not there');
  });

  it.each([
    ['fewer bytes than it said', 3 * 65_536],
    ['more bytes than it said', 65_536],
  ])(
    'that comes with %s is no failure of the source either, and the upstream gets no whole request',
    async (_, bytes) => {
      let whole = 0;
      await using upstream = await startUpstream(async (request, response) => {
        request.on('error', () => {});
        await bodyOf(request).catch(() => undefined);
        if (!request.complete) return;
        whole += 1;
        answerJson(response, 200, {});
      });
      async function* body() {
        yield Buffer.alloc(65_536);
        yield Buffer.alloc(65_536);
      }
      const test = await forwarding(upstream.url, { readOriginal: async () => ({ bytes, body: body() }) });
      const error = await test.run().catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(Error);
      expect((error as Error).name).toBe('BodyFailure');
      await expect.poll(() => upstream.open.size, WAIT).toBe(0);
      expect(whole).toBe(0);
    },
  );

  it('whose reading fails is no failure of the source, and the connection is let go', async () => {
    await using upstream = await startUpstream((request) => void bodyOf(request).catch(() => undefined));
    async function* body() {
      yield Buffer.alloc(65_536);
      throw new Error('the store is away');
    }
    const test = await forwarding(upstream.url, { readOriginal: async () => ({ bytes: 10 * 65_536, body: body() }) });
    await expect(test.run()).rejects.toMatchObject({ name: 'BodyFailure', cause: { message: 'the store is away' } });
    await expect.poll(() => upstream.open.size, WAIT).toBe(0);
  });
});

describe('a URL', () => {
  it('is sent as JSON, for the upstream to fetch', async () => {
    const seen: { request?: IncomingMessage; body?: unknown } = {};
    await using upstream = await startUpstream(async (request, response) => {
      Object.assign(seen, { request, body: JSON.parse(String(await bodyOf(request))) });
      answerJson(response, 200, { 'embedding-status': 'COMPLETED' });
    });
    const url = 'https://example.com/größe.pdf?token=1';
    const test = await forwarding(upstream.url, { source: { url, filename: 'größe.pdf' } });
    expect(await test.run()).toEqual({ 'embedding-status': 'COMPLETED' });
    expect(seen.request).toMatchObject({
      method: 'POST',
      url: '/sources/upload-source/sync',
      headers: { 'content-type': 'application/json', 'x-user-id': '1' },
    });
    const content = 'https://example.com/gr%C3%B6%C3%9Fe.pdf?token=1';
    expect(seen.body).toEqual({ 'source-id': test.source.sourceUuid, filename: 'größe.pdf', content });
    const length = Number(seen.request!.headers['content-length']);
    expect(test.progress).toEqual([
      { bytes: 0, totalBytes: length },
      { bytes: length, totalBytes: length },
    ]);
  });

  it('without a name is sent without one', async () => {
    let body: unknown;
    await using upstream = await startUpstream(async (request, response) => {
      body = JSON.parse(String(await bodyOf(request)));
      answerJson(response, 200, null);
    });
    const test = await forwarding(upstream.url, { source: { url: 'https://example.com/', filename: '' } });
    expect(await test.run()).toBeNull();
    expect(body).toEqual({ 'source-id': test.source.sourceUuid, content: 'https://example.com/' });
  });

  // The guard read a backslash as a slash and looked at one host; the upstream was handed the text, and read another one.
  it.each([
    'http://public.example:80\\@127.0.0.2:81/latest',
    'http:\\\\public.example\\@127.0.0.2/latest',
    'http://public.example\t\\@127.0.0.2/latest',
    'http:/\n/public.example\\\r@127.0.0.2/',
    'http://public.example#@127.0.0.2/',
    'http://public.example?@127.0.0.2/',
    'http://public.example?\\@127.0.0.2/',
    'http:public.example\\@127.0.0.2/',
    'http://@public.example\\@127.0.0.2/',
    ' HTTP://PUBLIC。EXAMPLE\\@127.0.0.2/ ',
  ])('typed as %j leads to the host that the guard looked at, by every parser', async (url) => {
    expect(new URL(url).hostname).toBe('public.example');
    let content = '';
    await using upstream = await startUpstream(async (request, response) => {
      ({ content } = JSON.parse(String(await bodyOf(request))));
      answerJson(response, 200, null);
    });
    const test = await forwarding(upstream.url, { source: { url } });
    await test.run();
    expect(content).toMatch(/^http:\/\/[!-~]+$/);
    expect(hostByTheStandard(content)).toBe('public.example');
  });
});

/** As RFC 3986 has it in its appendix B, and with it curl and Python: a backslash is a letter, and the last @ counts. */
function hostByTheStandard(url: string): string | undefined {
  const authority = /^[^:/?#]+:\/\/([^/?#]*)/.exec(url)?.[1];
  return authority?.replace(/^.*@/s, '').replace(/:\d*$/, '');
}
