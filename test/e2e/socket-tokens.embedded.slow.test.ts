import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { memoryLog } from '../../local/log.ts';
import { listen } from './client.ts';
import { type Service, startService } from './service.ts';

/** The whole service as it is deployed by default: addresses of sockets carry tokens, and a list says whose pages may connect. */

const PAGE = 'https://page.example.com';
const log = memoryLog();
let service: Service;

beforeAll(async () => {
  const context = { socketAuth: 'token', allowOrigins: `${PAGE},https://other.example.com` };
  service = await startService('embedded', { log, context });
});

afterAll(() => service?.[Symbol.asyncDispose]());

async function addressOf(wsUuid = randomUUID()): Promise<URL> {
  const { status, body } = await service.client.register(wsUuid);
  expect(status).toBe(200);
  return new URL(String(body['ws-address']));
}

describe('a socket', () => {
  it('is opened by the address as it was given, and brings the upload to its end', async () => {
    const { messages, closeCode } = await service.client.whole({ file: new File(['Some words.'], 'notes.txt') });
    expect(messages.at(-1)).toMatchObject({ status: 'success' });
    expect([1000, 1005]).toContain(closeCode);
  });

  it('is opened again by the same address, with last-event-id', async () => {
    const wsUuid = randomUUID();
    const address = await addressOf(wsUuid);
    const first = await listen(String(address));
    const upload = { 'ws-uuid': wsUuid, 'source-uuid': randomUUID(), file: new File(['Words.'], 'notes.txt') };
    expect((await service.client.upload(upload)).status).toBe(200);
    const step = await first.until((message) => 'step' in message);
    first.socket.terminate();
    address.searchParams.set('last-event-id', String(step['event-id']));
    const second = await listen(String(address));
    await second.closed;
    expect(second.messages[0]).toMatchObject({ message: expect.any(String) });
    expect(second.messages.at(-1)).toMatchObject({ status: 'success' });
  });

  it('is refused without its token, with that of another channel, and with one that was changed', async () => {
    const [mine, another] = [await addressOf(), await addressOf()];
    const bare = new URL(mine.pathname, mine);
    const foreign = new URL(bare);
    foreign.searchParams.set('token', another.searchParams.get('token')!);
    const changed = new URL(bare);
    changed.searchParams.set('token', `${mine.searchParams.get('token')!.slice(0, -2)}AA`);
    for (const address of [bare, foreign, changed]) {
      await expect(listen(String(address))).rejects.toMatchObject({ status: 401 });
    }
    (await listen(String(mine))).socket.terminate();
  });

  it('is opened by an address from before a rotation, and by one from after it', async () => {
    const before = await addressOf();
    await service.stack.rotateSecrets();
    (await listen(String(before))).socket.terminate();
    const after = await addressOf();
    (await listen(String(after))).socket.terminate();
  });

  it('is refused to a page that is not in the list, and open to those in it and to what is no page', async () => {
    const address = String(await addressOf());
    await expect(listen(address, 'https://elsewhere.example.com')).rejects.toMatchObject({ status: 403 });
    for (const origin of [PAGE, 'https://other.example.com', service.stack.url, undefined]) {
      (await listen(address, origin)).socket.terminate();
    }
  });
});

describe('a page that calls', () => {
  const from = async (origin: string, method: string) => {
    const init = { method, headers: { Origin: origin, 'Access-Control-Request-Method': 'POST' } };
    const response = await fetch(`${service.stack.url}/public/sources/ws`, init);
    return response.headers.get('access-control-allow-origin');
  };

  it.each([PAGE, 'https://other.example.com'])('may read its answers where it is in the list: %s', async (origin) => {
    for (const method of ['OPTIONS', 'POST']) expect(await from(origin, method), method).toBe(origin);
  });

  it('may not where it is not', async () => {
    for (const method of ['OPTIONS', 'POST']) {
      const allowed = await from('https://elsewhere.example.com', method);
      expect([null, PAGE]).toContain(allowed); // a preflight always names one
    }
  });
});

it('writes no token into any log', async () => {
  const token = (await addressOf()).searchParams.get('token')!;
  const address = new URL(`/ws/${randomUUID()}?token=${token}`, service.stack.url.replace('http', 'ws'));
  await expect(listen(String(address))).rejects.toMatchObject({ status: 401 });
  const said = JSON.stringify(log.entries);
  expect(said).toContain('token-invalid');
  expect(said).not.toContain(token);
  expect(said).not.toContain(token.split('.')[2]);
});
