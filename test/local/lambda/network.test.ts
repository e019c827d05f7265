import { expect, onTestFinished, test } from 'vitest';
import type { NetworkRules } from '../../../local/lambda/network-rules.ts';
import { testService } from './support.ts';

/** What the code of a function in its own process can connect to. */

const RULES: NetworkRules = {
  ipv4: { ports: [], why: 'has no IPv4' },
  ipv6: { ports: [{ from: 443, to: 443 }], why: 'has 443 only' },
  unreachable: [],
  reachable: [],
};

/** Connects in each of the ways that there are; the name is looked up by the function's own resolver. */
const CONNECTS = `
  import net from 'node:net';
  import tls from 'node:tls';
  import http from 'node:http';

  const answer = (socket) => new Promise((resolve) => {
    socket.on('error', ({ code, message }) => resolve({ code, message }));
    socket.on('connect', () => { socket.destroy(); resolve('connected'); });
  });
  const lookup = (addresses) => (name, options, callback) =>
    options.all ? callback(null, addresses) : callback(null, addresses[0].address, addresses[0].family);

  export const handler = async ({ way, host, port, addresses }) => {
    const named = { host, port, ...(addresses && { lookup: lookup(addresses) }) };
    if (way === 'options') return answer(net.connect(named));
    if (way === 'arguments') return answer(net.connect(port, host));
    if (way === 'socket') return answer(new net.Socket().connect(port, host));
    if (way === 'tls') return answer(tls.connect({ ...named, rejectUnauthorized: false }));
    if (way === 'http') return answer(http.get(named));
    return fetch('http://' + host + ':' + port).then(() => 'connected', ({ cause }) => ({ code: cause.code, message: cause.message }));
  };`;

async function service(network: NetworkRules | undefined = RULES) {
  const running = await testService();
  await running.add(CONNECTS, { network });
  return {
    log: running.log,
    async connect(way: string, host: string, port: number, addresses?: readonly object[]) {
      return JSON.parse((await running.invoke('f', { way, host, port, addresses })).payload);
    },
  };
}

/** A server on this machine: what a service of AWS is here. */
async function listener(): Promise<number> {
  const { createServer } = await import('node:http');
  const server = createServer((_, response) => response.end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return (server.address() as { port: number }).port;
}

test.each(['options', 'arguments', 'socket', 'tls', 'http', 'fetch'])(
  'where there is no IPv4, a connection by %s to an IPv4 address fails at once, and the log says why',
  async (way) => {
    const { connect, log } = await service();
    expect(await connect(way, '192.0.2.1', 443)).toEqual({
      code: 'ETIMEDOUT',
      message: 'connect ETIMEDOUT 192.0.2.1:443',
    });
    expect(log.entries).toContainEqual({
      level: 'error',
      source: 'f',
      text: 'It cannot reach 192.0.2.1 on port 443: f has no IPv4.',
    });
  },
);

test('a name that leads to IPv4 only fails, and so does an IPv4 address written as IPv6', async () => {
  const { connect } = await service();
  const only4 = [{ address: '192.0.2.1', family: 4 }];
  for (const way of ['options', 'http']) {
    expect(await connect(way, 'old.example', 443, only4)).toMatchObject({ code: 'ETIMEDOUT' });
  }
  expect(await connect('options', '::ffff:192.0.2.1', 443)).toMatchObject({ code: 'ETIMEDOUT' });
});

test('a port that no security group lets out fails', async () => {
  const { connect, log } = await service();
  expect(await connect('options', '2001:db8::1', 80)).toMatchObject({ code: 'ETIMEDOUT' });
  expect(log.entries.map(({ text }) => text)).toContain('It cannot reach 2001:db8::1 on port 80: f has 443 only.');
});

test('of the addresses of a name those are tried that are reached', async () => {
  const port = await listener();
  const { connect } = await service();
  const both = [
    { address: '192.0.2.1', family: 4 },
    { address: '127.0.0.1', family: 4 },
  ];
  expect(await connect('options', 'both.example', port, both)).toBe('connected');
});

test.each(['options', 'arguments', 'socket', 'fetch'])('this machine is reached by %s', async (way) => {
  const port = await listener();
  const { connect } = await service();
  expect(await connect(way, '127.0.0.1', port)).toBe('connected');
});

test('but for what is closed to this function, by its address or a name for it', async () => {
  const [open, closed] = [await listener(), await listener()];
  const unreachable = [{ host: '127.0.0.1', port: closed, why: 'is outside' }];
  const { connect, log } = await service({ ...RULES, unreachable });
  expect(await connect('options', '127.0.0.1', open)).toBe('connected');
  expect(await connect('options', '127.0.0.1', closed)).toMatchObject({ code: 'ETIMEDOUT' });
  const here = [{ address: '127.0.0.1', family: 4 }];
  expect(await connect('options', 'cache.example', closed, here)).toMatchObject({ code: 'ETIMEDOUT' });
  expect(log.entries.map(({ text }) => text)).toContain(`It cannot reach 127.0.0.1 on port ${closed}: f is outside.`);
});

test('the function does not see what it is held to', async () => {
  const running = await testService();
  await running.add('export const handler = async () => [process.argv.length, JSON.stringify(process.env)];', {
    network: RULES,
  });
  const [count, environment] = JSON.parse((await running.invoke('f', {})).payload);
  expect(count).toBe(2);
  expect(environment).not.toContain('IPv4');
});
