import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { createManualClock } from '../../adapters/memory/clock.ts';
import { createMemorySocketKeys } from '../../adapters/memory/socket-keys.ts';
import { admitSocket, type SocketRequest } from '../../app/admit-socket.ts';
import { signSocketToken } from '../../app/socket-token.ts';

const wsUuid = randomUUID();
const HOUR = 3_600_000;

let clock: ReturnType<typeof createManualClock>;
let keys: ReturnType<typeof createMemorySocketKeys>;
let token: string;

beforeEach(async () => {
  clock = createManualClock();
  keys = createMemorySocketKeys();
  token = signSocketToken(await keys.current(), wsUuid, clock.now() + HOUR);
});

const admit = (request: Partial<SocketRequest>, allowOrigins: readonly string[] = []) =>
  admitSocket({ keys, allowOrigins, clock }, { wsUuid, token, origin: undefined, viewerHost: undefined, ...request });

describe('a token', () => {
  it('opens its channel, again and again', async () => {
    await admit({});
    await admit({});
  });

  it('needs no encoding in a query', () => {
    expect(encodeURIComponent(token)).toBe(token);
  });

  it.each([undefined, ''])('is missing: %j', async (none) => {
    await expect(admit({ token: none })).rejects.toMatchObject({ code: 'token-missing' });
  });

  it('opens no other channel', async () => {
    await expect(admit({ wsUuid: randomUUID() })).rejects.toMatchObject({ code: 'token-invalid' });
    await expect(admit({ wsUuid: undefined })).rejects.toMatchObject({ code: 'token-invalid' });
  });

  it('opens nothing once it has expired', async () => {
    await clock.advance(HOUR - 1001);
    await admit({});
    await clock.advance(1001);
    await expect(admit({})).rejects.toMatchObject({ code: 'token-expired' });
  });

  it('cannot be given a longer life, nor another key', async () => {
    const [id, expires, mac] = token.split('.') as [string, string, string];
    const later = (Number.parseInt(expires, 36) + 1).toString(36);
    for (const changed of [`${id}.${later}.${mac}`, `${'0'.repeat(8)}.${expires}.${mac}`]) {
      await expect(admit({ token: changed })).rejects.toMatchObject({ code: 'token-invalid' });
    }
  });

  it('is refused with any of its signature changed', async () => {
    const at = token.lastIndexOf('.') + 1;
    for (let index = at; index < token.length - 1; index += 1) {
      const other = token[index] === 'A' ? 'B' : 'A';
      const changed = `${token.slice(0, index)}${other}${token.slice(index + 1)}`;
      await expect(admit({ token: changed })).rejects.toMatchObject({ code: 'token-invalid' });
    }
  });

  it.each(['x', '..', 'a.b', 'a.b.c', `${'a'.repeat(5000)}`, 'id.zzz.€', '__proto__.1.x'])(
    'is refused when it is %j',
    async (nonsense) => {
      await expect(admit({ token: nonsense })).rejects.toMatchObject({ code: 'token-invalid' });
    },
  );

  it('lives on when its key was replaced, and ends when that happens once more', async () => {
    await keys.rotate();
    await admit({});
    await keys.rotate();
    await expect(admit({})).rejects.toMatchObject({ code: 'token-invalid' });
  });

  it('is not asked for where whoever knows the channel may listen', async () => {
    await admitSocket(
      { keys: undefined, allowOrigins: [], clock },
      { wsUuid, token: undefined, origin: undefined, viewerHost: undefined },
    );
  });
});

describe('the origin of a page', () => {
  const allowed = ['https://page.example.com'];

  it('is any where there is no list', async () => {
    await admit({ origin: 'https://elsewhere.example.com' });
  });

  it('is one of the list, however it is written', async () => {
    await admit({ origin: 'https://page.example.com' }, allowed);
    await admit({ origin: 'HTTPS://Page.Example.com' }, allowed);
  });

  it('is that of the service itself, in the list or not', async () => {
    const viewerHost = 'Upload.example.com';
    await admit({ origin: 'https://upload.example.com', viewerHost }, allowed);
    for (const origin of ['https://upload.example.com:8443', 'https://example.com', 'null', 'upload.example.com']) {
      await expect(admit({ origin, viewerHost }, allowed)).rejects.toMatchObject({ code: 'origin-not-allowed' });
    }
  });

  it('need not be sent: what is no browser has none', async () => {
    await admit({ origin: undefined }, allowed);
  });

  it.each([
    'https://elsewhere.example.com',
    'http://page.example.com',
    'https://page.example.com:8443',
    'https://page.example.com.evil.example',
    'null',
    '',
  ])('is refused when it is %j, with a token that is right too', async (origin) => {
    await expect(admit({ origin }, allowed)).rejects.toMatchObject({ code: 'origin-not-allowed' });
  });
});
