import { createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createManualClock, type ManualClock } from '../../adapters/memory/clock.ts';
import { createMemoryLog } from '../../adapters/memory/log.ts';
import { createMemorySourceFiles } from '../../adapters/memory/source-files.ts';
import { createMemorySources } from '../../adapters/memory/sources.ts';
import type { Source } from '../../app/ports.ts';
import { newSource } from '../adapters/contracts/source-fixture.ts';
import { serve, WAIT } from '../adapters/fetch/web-server.ts';

/** The handler itself, with its own way to URLs; what it stores lies in memory. */

const ENVIRONMENT = {
  ALLOW_FETCH_HOSTS: '127.0.0.1',
  FETCH_USER_AGENT: 'tester/1.0',
  FETCH_DEADLINE_SECONDS: '30',
  FETCH_CONNECT_SECONDS: '2',
  FETCH_IDLE_SECONDS: '10',
  FETCH_RETRIES: '0',
  FETCH_PORTS: '80,443',
};

type Handler = (event: unknown, answer: ReturnType<typeof recorder>) => Promise<void>;

let files: ReturnType<typeof createMemorySourceFiles>;
let source: Source;
let clock: ManualClock;

beforeEach(async () => {
  const sources = createMemorySources();
  clock = createManualClock();
  const now = clock.now();
  const { source: opened } = await sources.open(newSource({ openedAt: now, expiresAt: now + 3_600_000 }), now);
  const claim = await sources.claim(opened, now, now + 60_000);
  source = (claim as { readonly source: Source }).source;
  files = createMemorySourceFiles();
  vi.resetModules();
  vi.stubGlobal('awslambda', { streamifyResponse: (handler: unknown) => handler });
  vi.doMock('../../lambdas/wiring.ts', async (original) => ({
    ...(await original<object>()),
    sources: () => sources,
    files: () => files,
    log: createMemoryLog,
  }));
  vi.doMock('../../adapters/clock.ts', () => ({ systemClock: clock }));
  for (const [name, value] of Object.entries(ENVIRONMENT)) vi.stubEnv(name, value);
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
  vi.doUnmock('../../lambdas/wiring.ts');
  vi.doUnmock('../../adapters/clock.ts');
});

function recorder() {
  const said = { contentType: '', lines: [] as string[], ended: 0 };
  return {
    said,
    setContentType: (type: string) => Object.assign(said, { contentType: type }),
    write: (line: string) => said.lines.push(line),
    end: () => Object.assign(said, { ended: said.ended + 1 }),
  };
}

async function fetchFrom(url: string) {
  const { handler } = (await import('../../lambdas/fetch.ts')) as unknown as { readonly handler: Handler };
  const answer = recorder();
  const { owner, sourceUuid, generation, attempt } = source;
  await handler({ owner, sourceUuid, generation, attempt, url }, answer);
  expect(answer.said).toMatchObject({ contentType: 'application/x-ndjson', ended: 1 });
  return answer.said.lines.map((line) => JSON.parse(line));
}

describe('the fetch function', () => {
  it('stores what the URL leads to, with its name, and says so line by line', async () => {
    let userAgent: string | undefined;
    await using server = await serve((request, response) => {
      userAgent = request.headers['user-agent'];
      response.setHeader('content-disposition', 'attachment; filename="paper.txt"');
      response.end('hello');
    });
    expect(await fetchFrom(`${server.url}/x?token=1`)).toEqual([
      { progress: { bytes: 0, totalBytes: 5 } },
      { progress: { bytes: 5, totalBytes: 5 } },
      { done: { bytes: 5, totalBytes: 5 } },
    ]);
    expect(Buffer.from(files.stored(source, 'original')!).toString()).toBe('hello');
    expect(await files.readOriginal(source)).toMatchObject({ name: 'paper.txt' });
    expect(userAgent).toBe('tester/1.0');
  });

  it.each([0, 2])('tries again as often as its environment says: %i times', async (retries) => {
    vi.stubEnv('FETCH_RETRIES', String(retries));
    vi.stubEnv('FETCH_DEADLINE_SECONDS', '3600');
    vi.stubEnv('FETCH_IDLE_SECONDS', '3600');
    await using server = await serve((_request, response) => response.writeHead(503).end());
    const ended = fetchFrom(server.url);
    while (server.count() < 1 + retries) await clock.advance(10);
    expect((await ended).at(-1)).toMatchObject({ failure: { code: 'fetch-status' } });
    expect(server.count()).toBe(1 + retries);
    expect(files.stored(source, 'original')).toBeUndefined();
  });

  it.each([
    ['FETCH_DEADLINE_SECONDS', 'fetch-timeout'],
    ['FETCH_IDLE_SECONDS', 'fetch-stalled'],
  ])('waits for a silent server as long as %s says', async (name, code) => {
    vi.stubEnv(name, '7');
    await using server = await serve(() => {});
    const ended = fetchFrom(server.url);
    await expect.poll(() => server.count(), WAIT).toBe(1);
    await clock.advance(6_999);
    expect(server.open.size).toBe(1);
    await clock.advance(1);
    expect((await ended).at(-1)).toMatchObject({ failure: { code } });
  });

  it('reaches no host that its environment does not name, and no port of others but those that it names', async () => {
    const canary = createServer(() => expect.unreachable('connected')).listen(0, '127.0.0.1');
    await new Promise((resolve) => canary.once('listening', resolve));
    const { port } = canary.address() as { readonly port: number };
    vi.stubEnv('ALLOW_FETCH_HOSTS', '');
    vi.stubEnv('FETCH_PORTS', `80,${port}`);
    for (const url of [`http://127.0.0.1:${port}/`, 'https://1.1.1.1/']) {
      expect((await fetchFrom(url)).at(-1)).toMatchObject({ failure: { code: 'address-refused' } });
    }
    await new Promise((resolve) => canary.close(resolve));
  });

  it.each([
    ['FETCH_DEADLINE_SECONDS', '0'],
    ['FETCH_RETRIES', '-1'],
    ['FETCH_RETRIES', 'some'],
    ['FETCH_IDLE_SECONDS', ''],
    ['FETCH_PORTS', ''],
    ['FETCH_USER_AGENT', ''],
  ])('does not start where %s is "%s", and says so', async (name, value) => {
    vi.stubEnv(name, value);
    await expect(import('../../lambdas/fetch.ts')).rejects.toThrow(`The environment variable ${name}`);
  });
});
