import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../../local/clock.ts';
import { memoryLog } from '../../../local/log.ts';
import { askRedis } from '../../../local/redis/ask-redis.ts';
import { lastRedis } from '../../../local/redis/last-redis.ts';
import { findRedisServer } from '../../../local/redis/server-binary.ts';
import { startRedisServer } from '../../../local/redis/server-process.ts';
import { type RedisOptions, type RunningRedis, startRedis } from '../../../local/redis/start-redis.ts';
import { eventually } from '../eventually.ts';
import { RespClient } from './resp-client.ts';

const { usable } = await findRedisServer(process.env.PATH ?? '');
const PATH = process.env.PATH ?? '';

describe('the choice of a Redis', () => {
  let stateDir: string;
  let log: ReturnType<typeof memoryLog>;
  const running: RunningRedis[] = [];

  beforeEach(async () => {
    stateDir = await mkdtemp(path.join(tmpdir(), 'start-redis-'));
    log = memoryLog();
  });
  afterEach(async () => {
    for (const redis of running.splice(0).reverse()) await redis[Symbol.asyncDispose]();
    await rm(stateDir, { recursive: true });
  });

  async function start(options: Partial<RedisOptions>): Promise<RunningRedis> {
    const redis = await startRedis({ stateDir, log, env: {}, ...options });
    running.push(redis);
    return redis;
  }

  /** A program of that name which tells that version and, run, does what `script` says. */
  async function fakeServer(name: string, version: string, script = ''): Promise<string> {
    const bin = path.join(stateDir, 'bin');
    await mkdir(bin, { recursive: true });
    const file = path.join(bin, name);
    await writeFile(file, `#!/bin/sh\nif [ "$1" = --version ]; then echo "${version}"; exit; fi\n${script}\n`);
    await chmod(file, 0o755);
    return bin;
  }

  /** What any command is answered with. */
  async function fakeRedis(info: string): Promise<Server> {
    const server = createServer((socket) => {
      socket.on('data', () => socket.write(`$${info.length}\r\n${info}\r\n`));
      socket.on('error', () => {});
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return server;
  }

  const portOf = (server: Server) => (server.address() as AddressInfo).port;
  const ask = async (redis: RunningRedis, ...command: string[]) => {
    await using client = await RespClient.connect(redis.url);
    return await client.send(...command);
  };

  test('without REDIS_URL and without a server on the PATH, the embedded one runs', async () => {
    const redis = await start({ env: { PATH: '/nonexistent' } });
    expect(redis.kind).toBe('embedded');
    expect(redis.description).toMatch(/^embedded \(behaves as Redis 7\.0\.15, in memory only\)$/);
    expect(await ask(redis, 'PING')).toEqual({ ok: 'PONG' });
    // The address that its clients follow.
    const slots = await ask(redis, 'CLUSTER', 'SLOTS');
    expect(slots).toEqual([[0, 16383, ['127.0.0.1', Number(new URL(redis.url).port), expect.any(String), []]]]);
    expect(log.entries).toEqual([]);
  });

  test('a server on the PATH that is too old is named, and the embedded one runs', async () => {
    const bin = await fakeServer('redis-server', 'Redis server v=6.2.14 sha=0:0');
    const redis = await start({ env: { PATH: bin } });
    expect(redis.kind).toBe('embedded');
    expect(log.entries).toEqual([
      {
        level: 'warn',
        source: 'redis',
        text: `${bin}/redis-server is version 6.2.14, and version 7 or newer is needed: using the embedded one.`,
      },
    ]);
  });

  test('asked for a server, it says which version is too old, or that there is none', async () => {
    const bin = await fakeServer('redis-server', 'Redis server v=6.2.14 sha=0:0');
    await expect(start({ prefer: 'server', env: { PATH: bin } })).rejects.toMatchObject({
      name: 'RedisStartError',
      code: 'too-old',
      message: `${bin}/redis-server is version 6.2.14, and version 7 or newer is needed.`,
    });
    await expect(start({ prefer: 'server', env: {} })).rejects.toMatchObject({ code: 'not-found' });
  });

  test('a server that ends at once is reported with what it said', async () => {
    const bin = await fakeServer(
      'valkey-server',
      'Valkey server v=8.0.1 sha=0:0',
      'echo "Bad file format reading the append only file"; exit 1',
    );
    await expect(start({ env: { PATH: bin } })).rejects.toMatchObject({
      code: 'did-not-start',
      message: expect.stringMatching(/valkey-server did not start; its data in .+ may be damaged.*\nBad file format/),
    });
  });

  test('of two servers on the PATH, valkey-server is taken', async () => {
    await fakeServer('valkey-server', 'Valkey server v=8.0.1 sha=0:0');
    const bin = await fakeServer('redis-server', 'Redis server v=7.0.0 sha=0:0');
    expect(await findRedisServer(bin)).toEqual({
      usable: { path: `${bin}/valkey-server`, product: 'Valkey', version: '8.0.1' },
    });
  });

  test('REDIS_URL is used before anything else, and left running', async () => {
    const other = await start({ prefer: 'embedded' });
    const redis = await startRedis({ stateDir, log, env: { REDIS_URL: other.url, PATH } });
    expect(redis).toMatchObject({
      kind: 'external',
      // It has no users of the template's, so that nobody may log in as one.
      url: other.url.replace('://', '://default:none@'),
      description: `Redis 7.0.15 at ${new URL(other.url).host} (REDIS_URL)`,
    });
    expect(await askRedis(redis.url, [['PING']])).toEqual(['PONG']);
    await redis[Symbol.asyncDispose]();
    expect(await ask(other, 'PING')).toEqual({ ok: 'PONG' });
  });

  test.each([
    [
      'does not answer',
      'redis://user:secret@127.0.0.1:1',
      'unreachable',
      /127\.0\.0\.1:1 \(REDIS_URL\) does not answer: .*ECONNREFUSED/,
    ],
    ['is no URL of Redis', 'http://127.0.0.1:6379', 'unreachable', /REDIS_URL is not of the form/],
  ])('a REDIS_URL that %s is an error that says so, without its password', async (_, url, code, message) => {
    const error = await start({ env: { REDIS_URL: url } }).catch((reason) => reason);
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
    expect(error.message).not.toContain('secret');
  });

  test.each([
    ['is too old', 'redis_version:6.2.0\r\ncluster_enabled:1\r\n', 'too-old', /is version 6\.2\.0, and version 7/],
    ['is not a cluster', 'redis_version:7.2.0\r\ncluster_enabled:0\r\n', 'not-a-cluster', /not in cluster mode/],
  ])('a Redis at REDIS_URL that %s is refused with what to do', async (_, info, code, message) => {
    const server = await fakeRedis(info);
    try {
      const url = `redis://127.0.0.1:${portOf(server)}`;
      await expect(start({ env: { REDIS_URL: url } })).rejects.toMatchObject({
        code,
        message: expect.stringMatching(message),
      });
    } finally {
      server.close();
    }
  });

  test('a port that is taken is named', async () => {
    const taken = await fakeRedis('');
    try {
      for (const prefer of ['embedded', ...(usable ? ['server' as const] : [])] as const) {
        await expect(start({ prefer, env: { PATH }, port: portOf(taken) })).rejects.toMatchObject({
          code: 'port-busy',
          message: `Port ${portOf(taken)}, asked for Redis, is in use.`,
        });
      }
    } finally {
      taken.close();
    }
  });

  describe.skipIf(!usable)('with a server on the PATH', () => {
    const env = { PATH };

    test('it runs in cluster mode, keeps its data for the next start, and stops', async () => {
      const first = await start({ env });
      expect(first).toMatchObject({
        kind: 'server',
        description: `${usable?.product} ${usable?.version} (${usable?.path})`,
      });
      expect(await ask(first, 'CLUSTER', 'INFO')).toMatch(/^cluster_state:ok/m);
      expect(await ask(first, 'CONFIG', 'GET', 'maxmemory-policy')).toEqual(['maxmemory-policy', 'volatile-lru']);
      await ask(first, 'SET', 'k', 'kept');
      await first[Symbol.asyncDispose]();
      await expect(RespClient.connect(first.url)).rejects.toThrow('ECONNREFUSED');
      expect(await ask(await start({ env }), 'GET', 'k')).toBe('kept');
      expect(await readdir(stateDir)).toEqual(['last-redis', 'redis']);
    });

    test('a run that is killed takes its server with it', async () => {
      const code = `
        import { systemClock } from './local/clock.ts';
        import { startRedis } from './local/redis/start-redis.ts';
        const log = { line() {}, warn() {}, error() {} };
        const { url } = await startRedis({ stateDir: process.argv[1], env: process.env, prefer: 'server', log, clock: systemClock });
        console.log(url);
      `;
      const run = spawn(process.execPath, ['--input-type=module', '-e', code, stateDir], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const [url] = await once(run.stdout!.setEncoding('utf8'), 'data');
      run.kill('SIGKILL');
      while (
        await RespClient.connect(url.trim()).then(
          (client) => client[Symbol.asyncDispose]().then(() => true),
          () => false,
        )
      );
    });

    test('a server that an earlier, killed run left behind is stopped first', async () => {
      const nobody = { add() {}, remove() {}, async [Symbol.asyncDispose]() {} };
      const options = { binary: usable!, stateDir, announcedPort: 1, log, clock: systemClock };
      await using left = await startRedisServer(options, nobody);
      const url = `redis://127.0.0.1:${left.ports.port}`;
      {
        await using client = await RespClient.connect(url);
        await client.send('SET', 'k', 'kept');
      }
      await lastRedis(stateDir).note('server');
      const next = await start({ env });
      await expect(RespClient.connect(url)).rejects.toThrow('ECONNREFUSED');
      expect(await ask(next, 'GET', 'k')).toBe('kept');
    });

    test('a server that is killed is started again with its data, where its clients look for it', async () => {
      const redis = await start({ env });
      await ask(redis, 'SET', 'k', 'acknowledged');
      await redis.setUsers([{ name: 'reader', accessString: 'on ~k resetchannels -@all +get' }]);
      await redis.server!.kill();
      await eventually(() => expect(ask(redis, 'SET', 'k2', 'v')).resolves.toEqual({ ok: 'OK' }));
      expect(await ask(redis, 'GET', 'k')).toBe('acknowledged');
      expect(log.entries.filter(({ level }) => level !== 'line')).toEqual([
        {
          level: 'warn',
          source: 'redis',
          text: 'The server ended unexpectedly (SIGKILL): it is started again, with its data.',
        },
      ]);
      const slots = await ask(redis, 'CLUSTER', 'SLOTS');
      expect(slots).toEqual([[0, 16383, ['127.0.0.1', Number(new URL(redis.url).port), expect.any(String), []]]]);
      await using reader = await RespClient.connect(redis.url);
      expect(await reader.send('AUTH', 'reader', '')).toEqual({ ok: 'OK' });
      expect(await reader.send('GET', 'k')).toBe('acknowledged');
      expect(await reader.send('SET', 'k', 'other')).toEqual({ err: expect.stringMatching('^NOPERM ') });

      redis.server!.stop();
      await using client = await RespClient.connect(redis.url);
      const pong = client.send('PING');
      redis.server!.continue();
      expect(await pong).toEqual({ ok: 'PONG' });
      // Suspended, it still ends in its own way, and not by force.
      redis.server!.stop();
      await redis[Symbol.asyncDispose]();
      expect(log.entries.map(({ text }) => text).join('\n')).toMatch(/ready to exit/);
    });

    test('another server that listens on the noted port is left alone', async () => {
      const stranger = await start({ env, stateDir: path.join(stateDir, 'of-somebody-else') });
      await mkdir(path.join(stateDir, 'redis'));
      await writeFile(path.join(stateDir, 'redis', 'port'), new URL(stranger.url).port);
      await start({ env });
      expect(await ask(stranger, 'PING')).toEqual({ ok: 'PONG' });
    });
  });
});
