import { once } from 'node:events';
import { connect } from 'node:net';
import { buildConnector } from 'undici';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Dial, Lookup } from '../../../adapters/fetch/guarded-connector.ts';
import { ANSWERS, addressOf, HOSTS } from './address-forms.ts';
import { type ConnectWatch, watchConnects } from './connects.ts';
import { failure, type ReadOptions, read, serve, type TestServer } from './web-server.ts';

/**
 * Every form of address on each of the four ways to it, with real sockets: by the URL, by a redirect, by what a name resolves
 * to, and by what it resolves to the second time. Counted below every library is what the system was asked to connect to.
 */

/** A public address that stands for the test's own server: no test leaves this machine. */
const PUBLIC = '93.184.215.14';

/** Should the guard fail, an address that leads nowhere keeps the test no longer than this. */
const CONNECT_TIMEOUT_MS = 500;

/** Listens on every address of this machine: what is dialled on its port, by whatever name, comes in. */
let canary: TestServer;
/** The one server that may be reached. */
let server: TestServer;
let redirectsTo = '';
let watch: ConnectWatch;

beforeAll(async () => {
  canary = await serve((_request, response) => response.end('the secret'), '::');
  server = await serve((request, response) => {
    if (request.url === '/breaks-off') {
      response.writeHead(200, { etag: '"1"', 'content-length': 100 });
      return response.write('x', () => response.socket!.end());
    }
    if (redirectsTo === '') return response.end('hello');
    // Node writes each character as a byte.
    response.writeHead(302, { location: Buffer.from(redirectsTo).toString('latin1') }).end();
  });
});
beforeEach(() => {
  redirectsTo = '';
  watch = watchConnects();
  return () => watch[Symbol.dispose]();
});
afterAll(async () => {
  await canary[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

const allowedServer = () => `127.0.0.1:${server.port}`;

/** Nothing but the guard is in the way: the canary's port may be fetched from, and so may 80 and 443. */
const options = (more: ReadOptions = {}): ReadOptions => ({
  allowHosts: [allowedServer()],
  ports: [80, 443, canary.port],
  connectTimeoutMs: CONNECT_TIMEOUT_MS,
  random: () => 0,
  lookup: async (hostname) => {
    throw new Error(`the test resolves nothing: ${hostname}`);
  },
  ...more,
});

async function expectRefused(url: string, more?: ReadOptions): Promise<void> {
  expect((await failure(url, options(more))).code).toBe('address-refused');
}

function expectConnects(...expected: string[]): void {
  expect(watch.attempts).toEqual(expected);
  expect(canary.open.size).toBe(0);
  expect(canary.count()).toBe(0);
}

/** Dials what it is told, but the public address, which is the test's server. */
const realDial = buildConnector({ timeout: CONNECT_TIMEOUT_MS });
const dialStandIn: Dial = (target, callback) => {
  if (target.hostname !== PUBLIC) return realDial(target, callback);
  realDial({ ...target, hostname: '127.0.0.1', port: String(server.port) }, (...outcome) => {
    if (outcome[1]) Object.defineProperty(outcome[1], 'remoteAddress', { value: PUBLIC });
    callback(...outcome);
  });
};

/** Public when it is asked first, and then what the attacker wants. */
function rebinding(address: string): Lookup & { readonly asked: () => number } {
  let asked = 0;
  const lookup: Lookup = async () => {
    asked += 1;
    return [{ address: asked === 1 ? PUBLIC : address }];
  };
  return Object.assign(lookup, { asked: () => asked });
}

describe('the watch over connections', () => {
  it('sees the allowed server, and what another module dials', async () => {
    expect((await read(server.url, options())).bytes.toString()).toBe('hello');
    expectConnects(allowedServer());
    const socket = connect(canary.port, '127.0.0.1');
    await once(socket, 'connect');
    socket.destroy();
    expect(watch.attempts).toEqual([allowedServer(), `127.0.0.1:${canary.port}`]);
  });

  it('sees the stand-in for a public address', async () => {
    const lookup: Lookup = async () => [{ address: PUBLIC }];
    const { bytes } = await read('http://public.example/', options({ lookup, dial: dialStandIn }));
    expect(bytes.toString()).toBe('hello');
    expectConnects(allowedServer());
  });

  it.each(['127.0.0.1', '[::1]', '0.0.0.0', '2130706433'])(
    'would see the canary at %s, were it allowed',
    async (host) => {
      await using own = await serve((_request, response) => response.end('the secret'), '::');
      const allowHosts = [`${host}:${own.port}`];
      expect((await read(`http://${host}:${own.port}/`, options({ allowHosts }))).bytes.toString()).toBe('the secret');
      expect(watch.attempts).toHaveLength(1);
      expect(own.count()).toBe(1);
    },
  );
});

describe('no connection is made', () => {
  it.each(HOSTS)('to %s by its URL', async (host) => {
    await expectRefused(`http://${host}:${canary.port}/`);
    await expectRefused(`http://${host}/latest/meta-data/`);
    await expectRefused(`https://${host}:${canary.port}/`);
    expectConnects();
  });

  it.each(HOSTS)('to %s by a redirect', async (host) => {
    const locations = [`http://${host}:${canary.port}/`, `//${host}:${canary.port}/`, `https://${host}/`];
    for (const location of locations) {
      redirectsTo = location;
      await expectRefused(server.url);
    }
    expectConnects(...locations.map(allowedServer));
  });

  // Their bytes were read as Latin-1, and refused as no URL at all: nobody had looked at the address.
  it.each(['①②⑦.⓪.⓪.①', '127。0。0。1', '１２７.1', '0ｘ7f.1'])(
    'to %s by a redirect, for its address',
    async (host) => {
      redirectsTo = `http://${host}:${canary.port}/`;
      expect((await failure(server.url, options())).message).toMatch(
        /^The address of 127\.0\.0\.1 is not fetched from/,
      );
      expectConnects(allowedServer());
    },
  );

  it.each([...HOSTS, ...ANSWERS])('to %s by what a name resolves to, alone or among others', async (host) => {
    const address = addressOf(host);
    await expectRefused(`http://innocent.example:${canary.port}/`, { lookup: async () => [{ address }] });
    redirectsTo = `http://innocent.example:${canary.port}/`;
    await expectRefused(server.url, { lookup: async () => [{ address }, { address: '127.0.0.1' }, { address }] });
    expectConnects(allowedServer());
  });

  it.each([...HOSTS, ...ANSWERS])('to %s by what a name resolves to the second time', async (host) => {
    for (const path of ['/moves', '/breaks-off']) {
      redirectsTo = '/elsewhere';
      const lookup = rebinding(addressOf(host));
      await expectRefused(`http://rebind.example${path}`, { lookup, dial: dialStandIn });
      // Once for each connection: what was looked at is what is dialled.
      expect(lookup.asked()).toBe(2);
    }
    expectConnects(allowedServer(), allowedServer());
  });

  it('to a private address that a name has beside a public one, even where that one fails', async () => {
    const lookup: Lookup = async () => [{ address: '127.0.0.1' }, { address: PUBLIC }, { address: '::1' }];
    const dial: Dial = (target, callback) =>
      target.hostname === PUBLIC ? callback(new Error('reset'), null) : realDial(target, callback);
    const error = await failure(`http://mixed.example:${canary.port}/`, options({ lookup, dial, retries: 0 }));
    expect(error.code).toBe('fetch-failed');
    expectConnects();
  });

  it('to anything but the allowed host and port, by the same address under another name', async () => {
    const lookup: Lookup = async () => [{ address: '127.0.0.1' }];
    await expectRefused(`http://other.example:${server.port}/`, { lookup });
    await expectRefused(`http://127.0.0.1:${canary.port}/`);
    expectConnects();
  });
});
