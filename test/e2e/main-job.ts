import { randomUUID } from 'node:crypto';
import PDFDocument from 'pdfkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { kindsOf, listen, type Message } from './client.ts';
import { type RedisKind, type Service, startService } from './service.ts';

const text = (content: string, name = 'notes.txt') => new File([content], name);

async function pdf(words: string): Promise<File> {
  const document = new PDFDocument({ info: { Title: 'A paper' } });
  const chunks: Buffer[] = [];
  document.on('data', (chunk: Buffer) => chunks.push(chunk));
  const ended = new Promise((resolve) => document.on('end', resolve));
  document.text(words);
  document.addPage().text('The second page.');
  document.end();
  await ended;
  return new File([new Uint8Array(Buffer.concat(chunks))], 'paper.pdf');
}

/** The numbers of a channel's events: 1, 2, 3 … of one epoch. */
function expectWhole(messages: readonly Message[]): void {
  const ids = messages.map((message) => String(message['event-id']).split('-'));
  expect(new Set(ids.map(([epoch]) => epoch)).size).toBe(1);
  expect(ids.map(([, seq]) => Number(seq))).toEqual(ids.map((_, index) => index + 1));
}

export function describeMainJob(redis: RedisKind): void {
  describe(`the main job, on the ${redis} Redis`, () => {
    let service: Service;
    beforeAll(async () => {
      service = await startService(redis);
    });
    afterAll(() => service?.[Symbol.asyncDispose]());

    it('gives the address of the socket on the host that was called', async () => {
      const wsUuid = randomUUID();
      const { host } = new URL(service.client.url);
      expect(await service.client.register(wsUuid)).toEqual({
        status: 200,
        body: { 'ws-address': `ws://${host}/ws/${wsUuid}` },
      });
    });

    it('takes a text file from 200 to success, message by message, and closes the socket', async () => {
      const { answer, messages, sourceUuid } = await service.client.whole({ file: text('Two words.') }, 'test.txt');
      expect(answer).toEqual({ status: 200, body: { message: `Processing file: ${sourceUuid}` } });
      expectWhole(messages);
      expect(kindsOf(messages)).toEqual(['step', 'received', 'extract', 'success']);
      expect(messages[0]).toMatchObject({
        step: 'Hello, I start to process this source: test.txt',
        status: 200,
        'step-status': 'processing',
        'source-uuid': sourceUuid,
      });
      expect(messages[1]).toMatchObject({
        message: 'Source received. Starting to processing',
        type: 'file-upload',
        'source-uuid': sourceUuid,
        status: 'processing',
      });
      expect(messages.at(-1)).toMatchObject({
        result: { 'media-type': 'text/plain', bytes: 10, words: 2, preview: 'Two words.' },
        type: 'file-upload',
        'source-uuid': sourceUuid,
        status: 'success',
      });
    });

    it('reads a PDF, and links to its text', async () => {
      const { messages } = await service.client.whole({ file: await pdf('The first page.') });
      const { result } = messages.at(-1) as { result: Record<string, unknown> };
      expect(result).toMatchObject({ title: 'A paper', 'media-type': 'application/pdf', pages: 2 });
      const whole = await (await fetch(String(result['text-url']))).text();
      expect(whole).toContain('The first page.');
      expect(whole).toContain('The second page.');
    });

    it('fetches a URL, shows its bytes, and reads what it got', async () => {
      service.web.answerWith((_, response) => {
        response.setHeader('content-length', 1000);
        response.end('word '.repeat(200));
      });
      const { messages, sourceUuid } = await service.client.whole({
        content: `http://localhost:${service.web.port}/page.txt?token=secret`,
      });
      expectWhole(messages);
      expect(kindsOf(messages)).toEqual(['step', 'received', 'fetch', 'extract', 'success']);
      expect(messages.find((message) => message.progress === 100)).toMatchObject({
        stage: 'fetch',
        bytes: 1000,
        'total-bytes': 1000,
      });
      expect(messages.at(-1)).toMatchObject({
        type: 'url-upload',
        'source-uuid': sourceUuid,
        status: 'success',
        result: { words: 200 },
      });
    });

    it('ends in failure, and closes just the same, where a URL cannot be had', async () => {
      service.web.answerWith((_, response) => response.writeHead(404).end());
      const { messages, sourceUuid } = await service.client.whole({ content: `http://localhost:${service.web.port}/` });
      expect(kindsOf(messages)).toEqual(['step', 'received', 'failure']);
      expect(messages.at(-1)).toMatchObject({
        result: 'Error',
        error: expect.stringContaining('404'),
        code: 'fetch-status',
        type: 'url-upload',
        'source-uuid': sourceUuid,
        status: 'failure',
      });
    });

    it.each([
      'http://127.0.0.1',
      'http://169.254.169.254/latest/meta-data/',
      'http://[::ffff:10.0.0.1]',
      'http://[::1]/',
      'http://0x7f000001/',
    ])('does not fetch %s', async (content) => {
      const { messages } = await service.client.whole({ content });
      expect(messages.at(-1)).toMatchObject({ status: 'failure', code: 'address-refused' });
    });

    it('tells the status of a source to its owner, and to nobody else', async () => {
      const { sourceUuid, wsUuid, messages } = await service.client.whole({ file: text('Status.') });
      expect(await service.client.status(sourceUuid)).toMatchObject({
        status: 200,
        body: { 'source-uuid': sourceUuid, 'ws-uuid': wsUuid, status: 'success', result: messages.at(-1)!.result },
      });
      expect(await service.other.status(sourceUuid)).toMatchObject({ status: 404, body: { code: 'unknown-source' } });
      expect(await service.client.status(randomUUID())).toMatchObject({ status: 404 });
    });

    it('brings every message to a client that connects only after the upload', async () => {
      const [wsUuid, sourceUuid] = [randomUUID(), randomUUID()];
      await service.client.upload({ 'ws-uuid': wsUuid, 'source-uuid': sourceUuid, file: text('Early.') });
      const done = async () => (await service.client.status(sourceUuid)).body.status === 'success';
      while (!(await done())); // each round is a request
      const { body } = await service.client.register(wsUuid);
      const late = await listen(String(body['ws-address']));
      await late.closed;
      expectWhole(late.messages);
      expect(kindsOf(late.messages)).toEqual(['step', 'received', 'extract', 'success']);
    });

    it('brings everything to each of two sockets on one channel', async () => {
      const wsUuid = randomUUID();
      const { body } = await service.client.register(wsUuid);
      const [one, two] = await Promise.all([listen(String(body['ws-address'])), listen(String(body['ws-address']))]);
      await service.client.upload({ 'ws-uuid': wsUuid, 'source-uuid': randomUUID(), file: text('Twice.') });
      await Promise.all([one.closed, two.closed]);
      expect(kindsOf(one.messages)).toEqual(['step', 'received', 'extract', 'success']);
      expect(two.messages).toEqual(one.messages);
    });

    it('loses nothing when the socket leaves mid-way: the next one goes on after the last event seen', async () => {
      const wsUuid = randomUUID();
      const { body } = await service.client.register(wsUuid);
      const release = Promise.withResolvers<void>();
      service.web.answerWith((_, response) => {
        response.setHeader('content-length', 8);
        response.write('half');
        void release.promise.then(() => response.end('half'));
      });
      const first = await listen(String(body['ws-address']));
      const url = `http://localhost:${service.web.port}/`;
      await service.client.upload({ 'ws-uuid': wsUuid, 'source-uuid': randomUUID(), content: url });
      const seen = await first.until((message) => 'stage' in message);
      first.socket.terminate();
      await first.closed;
      release.resolve();
      const second = await listen(`${body['ws-address']}?last-event-id=${seen['event-id']}`);
      await second.closed;
      const upToSeen = first.messages.slice(0, first.messages.indexOf(seen) + 1);
      expectWhole([...upToSeen, ...second.messages]);
      expect(second.messages.at(-1)).toMatchObject({ status: 'success' });
    });

    it('makes one job of the same source-uuid sent twice at once, and refuses it to another user', async () => {
      const [wsUuid, sourceUuid] = [randomUUID(), randomUUID()];
      const { body } = await service.client.register(wsUuid);
      const listener = await listen(String(body['ws-address']));
      const release = Promise.withResolvers<void>();
      service.web.answerWith((_, response) => void release.promise.then(() => response.end('Once.')));
      const content = `http://localhost:${service.web.port}/`;
      const form = { 'ws-uuid': wsUuid, 'source-uuid': sourceUuid, content };
      const answers = await Promise.all([service.client.upload(form), service.client.upload(form)]);
      expect(answers.map(({ status }) => status)).toEqual([200, 200]);
      const others = { ...form, 'ws-uuid': randomUUID() };
      expect(await service.other.upload(others)).toMatchObject({
        status: 403,
        body: { code: 'source-uuid-not-yours' },
      });
      release.resolve();
      await listener.closed;
      expectWhole(listener.messages);
      expect(listener.messages.filter((message) => 'step' in message)).toHaveLength(1);
      expect(listener.messages.filter((message) => message.status === 'success')).toHaveLength(1);
    });

    it('keeps the socket open until the last source of a batch has ended', async () => {
      const wsUuid = randomUUID();
      const { body } = await service.client.register(wsUuid, { 'batch-size': 3 });
      const listener = await listen(String(body['ws-address']));
      const ids = [randomUUID(), randomUUID(), randomUUID()];
      for (const id of ids) {
        await service.client.upload({ 'ws-uuid': wsUuid, 'source-uuid': id, file: text('One of three.') });
      }
      await listener.closed;
      expectWhole(listener.messages);
      const ended = listener.messages.filter(({ status }) => status === 'success').map((each) => each['source-uuid']);
      expect(ended.toSorted()).toEqual(ids.toSorted());
    });

    it('answers a ping, and says what may be sent', async () => {
      const { body } = await service.client.register(randomUUID());
      const listener = await listen(String(body['ws-address']));
      listener.socket.send('{"action": "ping"}');
      await listener.until((message) => message.type === 'pong');
      listener.socket.send('hello');
      await listener.until((message) => message.type === 'error' && message.code === 'invalid-request');
      listener.socket.close();
      await listener.closed;
    });

    it('carries 20 uploads at once, each to its own socket', async () => {
      const runs = await Promise.all(
        Array.from({ length: 20 }, (_, n) => service.client.whole({ file: text(`Number ${n}.`) })),
      );
      for (const [n, { messages, sourceUuid }] of runs.entries()) {
        expectWhole(messages);
        expect(messages.at(-1)).toMatchObject({ status: 'success', result: { preview: `Number ${n}.` } });
        expect(new Set(messages.map((message) => message['source-uuid']))).toEqual(new Set([sourceUuid]));
      }
    });
  });
}
