import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { listen } from './client.ts';
import { type Service, startService } from './service.ts';

/** The limits of a user, in the whole service with small ones. */

let service: Service;
beforeAll(async () => {
  const context = { maxChannels: '3', maxSockets: '2', maxUploads: '1' };
  service = await startService('embedded', { context });
});
afterAll(() => service?.[Symbol.asyncDispose]());

const file = (text: string) => new File([text], 'notes.txt');

it('refuses one upload, socket and channel too many with 429, and never what was accepted before', async () => {
  const { client, other, web } = service;
  const [first, second] = [randomUUID(), randomUUID()];
  // Under way until it is let go on.
  const waiting: Array<() => void> = [];
  web.answerWith((_, response) => {
    response.setHeader('content-type', 'text/plain');
    waiting.push(() => response.end('At last.'));
  });
  const { body } = await client.register(first);
  const listener = await listen(String(body['ws-address']));
  const slow = {
    'ws-uuid': first,
    'source-uuid': randomUUID(),
    content: `http://localhost:${web.port}/slow.txt`,
  };
  expect((await client.upload(slow)).status).toBe(200);
  await vi.waitFor(() => expect(waiting).toHaveLength(1), { timeout: 60_000 });

  const more = { 'ws-uuid': first, 'source-uuid': randomUUID(), file: file('One more.') };
  expect(await client.upload(more)).toMatchObject({ status: 429, body: { code: 'too-many-uploads' } });
  expect((await client.upload(slow)).status).toBe(200);
  expect((await client.status(more['source-uuid'])).status).toBe(404);

  const again = await listen(String(body['ws-address']));
  await expect(listen(String(body['ws-address']))).rejects.toMatchObject({ status: 429 });

  expect((await client.register(second)).status).toBe(200);
  expect((await client.register(randomUUID())).status).toBe(200);
  expect(await client.register(randomUUID())).toMatchObject({ status: 429, body: { code: 'too-many-channels' } });
  expect((await client.register(second)).status).toBe(200);

  // Another user is not concerned.
  expect((await other.whole({ file: file('Of somebody else.') })).messages.at(-1)).toMatchObject({ status: 'success' });

  // Those that wait, and one that comes again because it has waited too long.
  web.answerWith((_, response) => void response.setHeader('content-type', 'text/plain').end('At last.'));
  for (const letGo of waiting) letGo();
  for (const each of [listener, again]) {
    await each.closed;
    expect(each.messages.at(-1)).toMatchObject({ status: 'success' });
  }
  const later = await listen(String((await client.register(second)).body['ws-address']));
  expect((await client.upload({ ...more, 'ws-uuid': second })).status).toBe(200);
  await later.closed;
  expect(later.messages.at(-1)).toMatchObject({ status: 'success' });
});
