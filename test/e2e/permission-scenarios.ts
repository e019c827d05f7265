import { randomUUID } from 'node:crypto';
import { expect, vi } from 'vitest';
import type { Fault } from '../../local/faults/fault.ts';
import { type Listener, listen } from './client.ts';
import { FILES_IN_PARTS, type Hands } from './permission-hands.ts';
import type { RecordedNeeds } from './permission-needs.ts';
import type { Service } from './service.ts';

/** What the functions do for clients and after failures, each as short as it can be: together they need every right there is. */

const WAIT = { timeout: 90_000, interval: 20 }; // a bound for a hang

/** More than one part of S3. */
const LARGE_BYTES = 6_000_000;

export interface Stage {
  readonly service: Service;
  readonly needs: RecordedNeeds;
  readonly hands: Hands;
}

const text = (content: string): File => new File([content], 'notes.txt');

async function openChannel({ client }: Service, more?: object): Promise<Listener & { wsUuid: string }> {
  const wsUuid = randomUUID();
  const { body } = await client.register(wsUuid, more);
  return { ...(await listen(String(body['ws-address']))), wsUuid };
}

/** Until `run` has ended, and in whichever way. */
async function withFault({ stack }: Service, fault: Fault, run: () => Promise<void>): Promise<void> {
  const { id } = stack.faults.set(fault);
  try {
    await run();
  } finally {
    stack.faults.clear(id);
  }
}

async function untilHeld({ stack }: Service): Promise<void> {
  await vi.waitFor(() => expect(stack.faults.list()).toMatchObject([{ held: 1 }]), WAIT);
}

async function untilEnded({ client }: Service, sourceUuid: string): Promise<void> {
  const isEnd = async () => expect((await client.status(sourceUuid)).body.status).toMatch(/success|failure/);
  await vi.waitFor(isEnd, WAIT);
}

/** A Redis that was lost knows of no subscriber. But one that still runs, or was started just now, may be there first. */
async function untilStarted(
  functionName: string,
  { needs, hands }: Pick<Stage, 'needs' | 'hands'>,
  attempt: () => Promise<void>,
): Promise<void> {
  await needs.until(functionName, 'lambda:InvokeFunction', 'subscriber', async () => {
    await hands.loseRedis();
    await attempt();
  });
}

/** Accepted as far as its record; its message is never sent. */
async function uploadWithoutMessage(service: Service): Promise<string> {
  const sourceUuid = randomUUID();
  const form = { 'ws-uuid': randomUUID(), 'source-uuid': sourceUuid, file: text('Left.') };
  const noQueue: Fault = { service: 'sqs', kind: 'error', operation: 'SendMessage', function: 'upload-source' };
  await withFault(service, noQueue, async () => {
    expect((await service.client.upload(form)).status).toBe(500);
  });
  return sourceUuid;
}

/** A page that answers with all of `bytes`, or with some of them and then waits. */
function serve({ web }: Service, bytes: number, sent = bytes): string {
  web.answerWith((_, response) => {
    response.setHeader('content-type', 'text/plain');
    response.setHeader('content-length', bytes);
    response.write('word '.repeat(sent / 5));
    if (sent === bytes) response.end();
  });
  return `http://localhost:${web.port}/page.txt`;
}

export const SCENARIOS: Readonly<Record<string, (stage: Stage) => Promise<void>>> = {
  async 'a channel is registered, again, and asked for by another user'({ service: { client, other } }) {
    const wsUuid = randomUUID();
    expect((await client.register(wsUuid)).status).toBe(200);
    expect((await client.register(wsUuid)).status).toBe(200);
    expect((await other.register(wsUuid)).status).toBe(403);
  },

  async 'a file becomes text, and the link to it is followed'({ service: { client } }) {
    const { sourceUuid, messages } = await client.whole({ file: text('Two words.') });
    const { result } = messages.at(-1) as { result: Record<string, unknown> };
    expect(await (await fetch(String(result['text-url']))).text()).toBe('Two words.');
    expect((await client.status(sourceUuid)).status).toBe(200);
  },

  async 'a URL is fetched'({ service }) {
    const { messages } = await service.client.whole({ content: serve(service, 1000) });
    expect(messages.at(-1)).toMatchObject({ status: 'success' });
  },

  async 'an upload and its messages come twice, while the source is worked on'({ service, needs, hands }) {
    const channel = await openChannel(service);
    const sourceUuid = randomUUID();
    const content = serve(service, 1000, 500);
    const form = { 'ws-uuid': channel.wsUuid, 'source-uuid': sourceUuid, content };
    expect((await service.client.upload(form)).status).toBe(200);
    await channel.until((message) => message.stage === 'fetch');
    expect((await service.client.upload(form)).status).toBe(200);
    expect((await service.other.upload({ ...form, 'source-uuid': randomUUID() })).status).toBe(403);
    await Promise.all([hands.deliver(sourceUuid), hands.deadLetter(sourceUuid)]);
    await needs.until('process', 'sqs:ChangeMessageVisibility');
    await needs.until('dead-letter', 'sqs:ChangeMessageVisibility');
    await service.client.cancel(sourceUuid);
    await channel.closed;
  },

  async 'nobody listens, and then somebody does'({ service, needs, hands }) {
    const form = { 'ws-uuid': randomUUID(), file: text('Early.') };
    await untilStarted('process', { needs, hands }, async () => {
      const sourceUuid = randomUUID();
      await service.client.upload({ ...form, 'source-uuid': sourceUuid });
      await untilEnded(service, sourceUuid);
    });
    const { body } = await service.client.register(form['ws-uuid']);
    await untilStarted('connect', { needs, hands }, async () => {
      const late = await listen(String(body['ws-address']));
      late.socket.terminate();
    });
    const last = await listen(String(body['ws-address']));
    await last.until((message) => message.status === 'success');
    await last.closed;
  },

  async 'a client pings, resumes and leaves'({ service, needs, hands }) {
    const { socket, until, closed } = await openChannel(service);
    socket.send('{"action": "ping"}');
    await until((message) => message.type === 'pong');
    await untilStarted('message', { needs, hands }, async () => {
      socket.send('{"action": "resume", "last-event-id": "abc-1"}');
    });
    socket.close();
    await closed;
    await needs.until('disconnect', 'dynamodb:DeleteItem');
  },

  async 'the parts of a large file cannot be stored, of the original and then of the text'({ service, needs }) {
    const channel = await openChannel(service);
    const sourceUuid = randomUUID();
    const content = serve(service, LARGE_BYTES);
    const noParts = { service: 's3', kind: 'error', operation: 'UploadPart' } as const;
    await withFault(service, { ...noParts, function: 'process' }, async () => {
      await withFault(service, { ...noParts, function: 'fetch' }, async () => {
        await service.client.upload({ 'ws-uuid': channel.wsUuid, 'source-uuid': sourceUuid, content });
        await needs.until('fetch', 's3:AbortMultipartUpload');
      });
      await needs.until('process', 's3:AbortMultipartUpload', '*/text.txt');
    });
    await service.client.cancel(sourceUuid);
    await channel.closed;
  },

  async 'the original is gone before it was read'({ service, needs, hands }) {
    const form = { 'ws-uuid': randomUUID(), 'source-uuid': randomUUID(), file: text('Gone.') };
    const held: Fault = { service: 's3', kind: 'hang', operation: 'GetObject', function: 'process', times: 1 };
    await withFault(service, held, async () => {
      await service.client.upload(form);
      await untilHeld(service);
      await hands.deleteOriginal(form['source-uuid']);
    });
    await needs.until('process', 's3:ListBucket');
    await service.client.cancel(form['source-uuid']);
  },

  async 'a source is cancelled while it is fetched'({ service, needs }) {
    const form = { 'ws-uuid': randomUUID(), 'source-uuid': randomUUID() };
    const content = serve(service, 50_000_000, LARGE_BYTES);
    await service.client.upload({ ...form, content });
    await needs.until('fetch', 's3:PutObject');
    expect((await service.client.cancel(form['source-uuid'])).status).toBe(202);
    await needs.until('process', 's3:DeleteObject');
    await needs.until('fetch', 's3:DeleteObject');
  },

  async 'a source is cancelled that nobody works on, and killed workers have left parts of it'({
    service,
    needs,
    hands,
  }) {
    let sourceUuid = '';
    await untilStarted('cancel-source', { needs, hands }, async () => {
      sourceUuid = await uploadWithoutMessage(service);
      expect((await service.client.cancel(sourceUuid)).status).toBe(202);
    });
    await hands.leaveParts(sourceUuid);
    expect((await service.client.cancel(sourceUuid)).status).toBe(200);
    for (const file of FILES_IN_PARTS) await needs.until('cancel-source', 's3:AbortMultipartUpload', `*/${file}`);
    await hands.leaveParts(sourceUuid);
    await hands.deliver(sourceUuid);
    for (const file of FILES_IN_PARTS) await needs.until('process', 's3:AbortMultipartUpload', `*/${file}`);
  },

  async 'a socket is opened while Redis does not answer'({ service, needs, hands }) {
    const noRedis: Fault = { service: 'redis', kind: 'error', function: 'connect' };
    await withFault(service, noRedis, async () => {
      const { socket } = await openChannel(service);
      await hands.sweep();
      await needs.until('sweeper', 'dynamodb:UpdateItem', 'ConnectionsTable');
      socket.close();
    });
  },

  async 'Redis loses what a client waits for'({ service, needs, hands }) {
    const channel = await openChannel(service, { 'batch-size': 2 });
    const upload = (content: string) =>
      service.client.upload({ 'ws-uuid': channel.wsUuid, 'source-uuid': randomUUID(), file: text(content) });
    await upload('The first.');
    await channel.until((message) => message.status === 'success');
    await untilStarted('sweeper', { needs, hands }, hands.sweep);
    await needs.until('subscriber', 'dynamodb:UpdateItem', 'SourcesTable');
    await upload('The second.');
    await channel.closed;
  },

  async 'the key of the sockets is rotated'({ service }) {
    await service.stack.rotateSecrets();
    const { socket } = await openChannel(service);
    socket.close();
  },

  async 'a subscriber loses its lease'({ service, needs, hands }) {
    const { wsUuid, until, socket } = await openChannel(service);
    const noPosts: Fault = { service: 'connections', kind: 'error', operation: 'POST', function: 'subscriber' };
    await withFault(service, noPosts, async () => {
      await service.client.upload({ 'ws-uuid': wsUuid, 'source-uuid': randomUUID(), file: text('Late.') });
      await vi.waitFor(() => expect(service.stack.faults.list()[0]!.hits).toBeGreaterThan(0), WAIT);
      await hands.loseRedis();
      await needs.until('subscriber', 'lambda:InvokeFunction', 'subscriber');
    });
    await until((message) => message.status === 'success');
    socket.close();
  },

  async 'a message is lost, and its source found by the sweeper'({ service, needs, hands }) {
    const sourceUuid = await uploadWithoutMessage(service);
    await hands.makeOverdue(sourceUuid);
    await hands.sweep();
    await needs.until('sweeper', 'sqs:SendMessage');
    await untilEnded(service, sourceUuid);
  },

  async 'a message was received too often'({ service, needs, hands }) {
    await untilStarted('dead-letter', { needs, hands }, async () => {
      const sourceUuid = await uploadWithoutMessage(service);
      await hands.deadLetter(sourceUuid);
      await untilEnded(service, sourceUuid);
    });
  },

  async 'it is looked after whether an end was told'({ service, needs, hands }) {
    const form = { 'ws-uuid': randomUUID(), 'source-uuid': randomUUID(), file: text('Told?') };
    await service.client.upload(form);
    await untilEnded(service, form['source-uuid']);
    // Its worker may still be about to note when it has to be looked at.
    await needs.until('sweeper', 'dynamodb:GetItem', 'ChannelsTable', async () => {
      await hands.makeOverdue(form['source-uuid']);
      await hands.sweep();
    });
  },
};
