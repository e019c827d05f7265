import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { DEVELOPMENT_KEY } from '../../local/development-key.ts';
import type { Fault } from '../../local/faults/fault.ts';
import { memoryLog } from '../../local/log.ts';
import { listen, OWN_CONNECTION } from './client.ts';
import { type Service, startService } from './service.ts';

/**
 * What must not be seen goes through the whole service, in good runs and in bad ones, and everything that the functions and
 * the runtime have said is searched for it. Names of files are hidden as well: they are their users' data, of no
 * use to an operator, who has the ids.
 */

const CANARY = `canary${randomUUID().replaceAll('-', '')}`;
const NAME = `Diagnosis of ${CANARY}.txt`;
const TEXT = `It says ${CANARY} in here.`;
const WAIT = { timeout: 30_000, interval: 50 };

const log = memoryLog();
let service: Service;
beforeAll(async () => {
  // As it is deployed by default: the addresses of sockets are secrets, too.
  service = await startService('embedded', { log, context: { socketAuth: 'token' } });
});
afterAll(() => service?.[Symbol.asyncDispose]());

const CREDENTIALS = { 'X-User-ID': '1', 'X-API-Key': DEVELOPMENT_KEY };

interface Uploaded {
  readonly sourceUuid: string;
  readonly status: number;
  readonly correlationId: string;
}

async function post(path: string, headers: Record<string, string>, body: string | FormData): Promise<Response> {
  const init = { method: 'POST', headers: { ...headers, ...OWN_CONNECTION }, body };
  const response = await fetch(`${service.client.url}${path}`, init);
  await response.arrayBuffer();
  return response;
}

async function upload(wsUuid: string, content: Record<string, string | File>): Promise<Uploaded> {
  const sourceUuid = randomUUID();
  const form = new FormData();
  for (const [name, value] of Object.entries({ 'ws-uuid': wsUuid, 'source-uuid': sourceUuid, ...content }))
    form.set(name, value);
  const { status, headers } = await post('/public/sources/upload-source', CREDENTIALS, form);
  return { sourceUuid, status, correlationId: headers.get('x-correlation-id')! };
}

/** Of every socket that was opened. */
const tokens: string[] = [];

async function addressOf(wsUuid: string): Promise<URL> {
  const { body } = await service.client.register(wsUuid);
  const address = new URL(String(body['ws-address']));
  tokens.push(address.searchParams.get('token')!);
  return address;
}

/** To its end on a socket. */
async function whole(content: Record<string, string | File>): Promise<Uploaded & { readonly messages: object[] }> {
  const wsUuid = randomUUID();
  const listener = await listen(String(await addressOf(wsUuid)));
  const uploaded = await upload(wsUuid, content);
  await listener.closed;
  return { ...uploaded, messages: listener.messages };
}

const linesOf = (correlationId: string) =>
  log.entries
    .filter(({ text }) => text.includes(correlationId) && text.startsWith('{'))
    .map(({ text }) => JSON.parse(text));

const url = (path: string) => `http://localhost:${service.web.port}${path}`;

async function under(fault: Fault, work: () => Promise<unknown>): Promise<void> {
  const { id } = service.stack.faults.set(fault);
  await work();
  await vi.waitFor(
    () => expect(service.stack.faults.list().find((each) => each.id === id)?.hits ?? 1).toBeGreaterThan(0),
    WAIT,
  );
  service.stack.faults.clear(id);
}

/** As it is, in an address, and in base64, whichever of the three ways it falls into its groups of bytes. */
function disguises(secret: string): string[] {
  const base64 = [0, 1, 2].map((shift) => {
    const inside = Buffer.from('_'.repeat(shift) + secret).toString('base64');
    return inside.slice(shift === 0 ? 0 : 4, -4);
  });
  return [secret, encodeURIComponent(secret), ...base64];
}

it('has one correlation id from the POST to the last message, in the log of every function on the way', async () => {
  service.web.answerWith((_, response) => response.end(TEXT));
  const { correlationId, messages, sourceUuid } = await whole({
    content: url(`/a.txt?token=${CANARY}#${CANARY}`),
    filename: NAME,
  });
  expect(messages.at(-1)).toMatchObject({ status: 'success', result: { words: 5 } });
  const said = () => linesOf(correlationId).map(({ service: name, message }) => `${name} ${message}`);
  // Sorted, since the socket may have the end before its worker has said so.
  const expected = [
    'SourceUploadApi-fetch source-fetched',
    'SourceUploadApi-process source-ended',
    'SourceUploadApi-subscriber end-delivered',
    'SourceUploadApi-upload-source source-accepted',
  ];
  await vi.waitFor(() => expect(said().toSorted()).toEqual(expected), WAIT);
  // Nothing of it reaches the client but the header.
  expect(JSON.stringify(messages)).not.toContain(correlationId);
  expect(JSON.stringify(await service.client.status(sourceUuid))).not.toContain(correlationId);
});

it('measures in the embedded metric format what came in, how it ended and how long that took', async () => {
  await whole({ file: new File([TEXT], NAME), filename: NAME });
  const named = (name: string) =>
    log.entries.filter(({ text }) => text.includes('"_aws"') && text.includes(`"${name}"`));
  for (const [name, functionName] of [
    ['SourcesAccepted', 'upload-source'],
    ['SourcesSucceeded', 'process'],
    ['TimeToFirstStatus', 'process'],
    ['DeliveryLag', 'subscriber'],
  ] as const) {
    await vi.waitFor(() => expect(named(name)).not.toEqual([]), WAIT);
    for (const { source } of named(name)) expect(source).toBe(`SourceUploadApi-${functionName}`);
  }
});

describe('nothing that was said holds a key, a query, a name or a content', () => {
  it.each<[string, () => Promise<unknown>]>([
    ['a file that is read', () => whole({ file: new File([TEXT], NAME) })],
    ['a file that cannot be read', () => whole({ file: new File([`%PDF-1.7 ${TEXT}`], `${NAME}.pdf`) })],
    [
      'a URL that is not there',
      () => {
        service.web.answerWith((_, response) => response.writeHead(404, TEXT).end(TEXT));
        return whole({ content: url(`/gone?key=${CANARY}`) });
      },
    ],
    [
      'a URL that leads somewhere else',
      () => {
        service.web.answerWith((_, response) =>
          response.writeHead(302, { location: `http://127.0.0.1/?to=${CANARY}` }).end(),
        );
        return whole({ content: url('/') });
      },
    ],
    ['a URL that may not be fetched', () => whole({ content: `http://169.254.169.254/?key=${CANARY}` })],
    ['a URL with a password', () => upload(randomUUID(), { content: `http://me:${CANARY}@localhost/` })],
    ['a wrong key', () => post('/public/sources/ws', { 'X-User-ID': '1', 'X-API-Key': CANARY }, '{}')],
    ['a user that is none', () => post('/public/sources/ws', { 'X-User-ID': CANARY, 'X-API-Key': CANARY }, '{}')],
    ['a body that is no JSON', () => post('/public/sources/ws', CREDENTIALS, `{"ws-uuid": ${CANARY}`)],
    [
      'a body that is no form',
      () =>
        post(
          '/public/sources/upload-source',
          { ...CREDENTIALS, 'Content-Type': `multipart/form-data; boundary=${CANARY}` },
          TEXT,
        ),
    ],
    ['a field that is unknown', () => upload(randomUUID(), { [CANARY]: CANARY, content: url('/') })],
    ['an id that is none', () => upload(CANARY, { file: new File([TEXT], NAME) })],
    ['a query', () => post(`/public/sources/ws?token=${CANARY}`, CREDENTIALS, `{"ws-uuid": "${randomUUID()}"}`)],
    [
      'what a socket says',
      async () => {
        const address = await addressOf(randomUUID());
        address.searchParams.set('also', CANARY);
        const { socket, until } = await listen(String(address));
        socket.send(JSON.stringify({ action: 'resume', 'last-event-id': CANARY }));
        await until(({ type }) => type === 'error');
        socket.close();
      },
    ],
    [
      'a socket that is refused',
      async () => {
        const refused = new WebSocket(`${service.client.url.replace('http', 'ws')}/ws/${CANARY}?token=${CANARY}`);
        await new Promise((resolve) => refused.on('error', resolve));
      },
    ],
  ])('of %s', async (_what, run) => {
    const before = log.entries.length;
    await run();
    // What a function has said may come in after its answer has gone out.
    await vi.waitFor(() => expect(log.entries.length).toBeGreaterThan(before), WAIT);
  });

  it.each<[string, Fault, () => Promise<unknown>]>([
    [
      'whose record cannot be written',
      { service: 'dynamodb', kind: 'error', code: '500', operation: 'UpdateItem', function: 'upload-source' },
      () => upload(randomUUID(), { file: new File([TEXT], NAME) }),
    ],
    [
      'whose bytes cannot be stored',
      { service: 's3', kind: 'error', code: '500', operation: 'PutObject', function: 'upload-source' },
      () => upload(randomUUID(), { file: new File([TEXT], NAME) }),
    ],
    [
      'whose bytes cannot be read',
      { service: 's3', kind: 'error', code: '500', operation: 'GetObject', function: 'process', times: 4 },
      () => whole({ file: new File([TEXT], NAME) }),
    ],
    [
      'whose URL is fetched and cannot be stored',
      { service: 's3', kind: 'drop', function: 'fetch', times: 4 },
      () => whole({ content: url(`/b.txt?token=${CANARY}`), filename: NAME }),
    ],
    [
      'whose fetch is killed',
      { service: 's3', kind: 'crash-before', function: 'fetch', times: 1 },
      () => whole({ content: url(`/c.txt?token=${CANARY}`), filename: NAME }),
    ],
    [
      'whose messages Redis does not take',
      { service: 'redis', kind: 'error', function: 'process', times: 3 },
      () => whole({ file: new File([TEXT], NAME) }),
    ],
    [
      'whose messages the gateway does not take',
      { service: 'connections', kind: 'error', function: 'subscriber', times: 3 },
      () => whole({ file: new File([TEXT], NAME) }),
    ],
  ])('of an upload %s', async (_what, fault, run) => {
    service.web.answerWith((_, response) => response.end(TEXT));
    await under(fault, run);
  });

  it('anywhere, in any disguise', () => {
    // The runs above have reached what they are for.
    const said = log.entries.map(({ text }) => text).join('\n');
    for (const event of [
      'request-refused',
      'request-failed',
      'attempt-failed',
      'source-fetched',
      'socket-failed',
      'end-delivered',
    ]) {
      expect(said).toContain(event);
    }
    expect(tokens.length).toBeGreaterThan(5);
    expect(tokens.every(Boolean)).toBe(true);
    const found = [CANARY, DEVELOPMENT_KEY, ...tokens].flatMap((secret) =>
      disguises(secret).flatMap((disguise) => log.entries.filter(({ text }) => text.includes(disguise))),
    );
    expect(found).toEqual([]);
    expect(said).not.toMatch(/X-Amz-(Signature|Credential|Security-Token)=[^[\s]/i);
  });
});
