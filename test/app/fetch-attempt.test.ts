import { beforeEach, describe, expect, it } from 'vitest';
import { cancelSource } from '../../app/cancel-source.ts';
import { fetchAttempt } from '../../app/fetch-attempt.ts';
import type { Download } from '../../app/fetch-source.ts';
import type { Source } from '../../app/ports.ts';
import { CANCEL_WITHIN_MS } from '../../domain/limits.ts';
import { createWorld, type World } from './world.ts';

let world: World;
let disposed: number;
beforeEach(() => {
  world = createWorld();
  disposed = 0;
});

const URL_OF = 'https://example.com/a.txt';
const LEASE_MS = 600_000;

/** An accepted source, claimed: as process has it when it invokes the fetch. */
async function claimed(): Promise<Source & { url: string }> {
  const source = await world.accept({ content: { url: URL_OF } });
  await world.sources.claim(source, world.clock.now(), world.clock.now() + LEASE_MS);
  return { ...(await world.sources.get(source.sourceUuid))!, url: URL_OF };
}

function fetchOf(source: Source & { url: string }, body: (signal: AbortSignal) => AsyncGenerator<Uint8Array>) {
  const open = async (_: string, signal: AbortSignal): Promise<Download> => ({
    body: body(signal),
    finalUrl: URL_OF,
    async [Symbol.asyncDispose]() {
      disposed += 1;
    },
  });
  return fetchAttempt({ ...world, open }, source, () => {});
}

const cancel = ({ sourceUuid }: Source) => cancelSource(world, '1', sourceUuid);

describe('fetching for an attempt', () => {
  it('stores the original of the current one, and stops looking', async () => {
    const source = await claimed();
    const done = fetchOf(source, async function* () {
      yield Buffer.from('hello');
      await world.clock.sleep(10_000);
    });
    expect(await world.clock.runUntil(done)).toEqual({ bytes: 5 });
    expect(world.files.stored(source, 'original')).toHaveLength(5);
    expect(world.clock.sleepers).toBe(0);
  });

  it('ends within 2 s of a cancel, though the server is silent, and lets its connection go', async () => {
    const source = await claimed();
    const fetching = fetchOf(source, async function* () {
      yield Buffer.from('begun');
      await new Promise(() => {});
    });
    await world.clock.advance(3_300);
    await cancel(source);
    await world.clock.advance(CANCEL_WITHIN_MS);
    expect(await fetching).toBeUndefined();
    expect(disposed).toBe(1);
    expect(world.files.keys).toEqual([]);
  });

  // The last byte was stored after everything had been removed.
  it('removes what it has stored of a source that was cancelled meanwhile', async () => {
    const source = await claimed();
    world.files.beforeNext('putOriginalStream', () => cancel(source));
    await fetchOf(source, async function* () {
      yield Buffer.from('late');
    });
    expect(world.files.keys).toEqual([]);
  });

  it('stops where another attempt has taken over, and leaves what that has stored', async () => {
    const source = await claimed();
    const fetching = fetchOf(source, async function* () {
      yield Buffer.from('old');
      await new Promise(() => {});
    });
    await world.sources.release(source, 1, 0);
    await world.sources.claim(source, world.clock.now(), world.clock.now() + LEASE_MS);
    await world.files.putOriginal(source, Buffer.from('new'));
    await world.clock.advance(CANCEL_WITHIN_MS);
    expect(await fetching).toBeUndefined();
    expect(Buffer.from(world.files.stored(source, 'original')!).toString()).toBe('new');
  });

  it('works on while the store of the sources does not answer', async () => {
    const source = await claimed();
    world.sources.failNext('get', { times: 4 }); // three looks, and the one at the end
    const done = fetchOf(source, async function* () {
      yield Buffer.from('hello');
      await world.clock.sleep(1_750);
    });
    expect(await world.clock.runUntil(done)).toEqual({ bytes: 5 });
    expect(world.files.stored(source, 'original')).toHaveLength(5);
    const warnings = world.log.entries.filter(({ level }) => level === 'warn');
    expect(warnings.map(({ event }) => event)).toEqual([
      ...Array.from({ length: 3 }, () => 'attempt-not-watched'),
      'discarded-not-removed',
    ]);
  });

  it('fetches for an event that somebody made up, of which there is no record', async () => {
    const madeUp = { ...(await claimed()), sourceUuid: crypto.randomUUID() };
    const done = fetchOf(madeUp, async function* () {
      yield Buffer.from('hello');
      await world.clock.sleep(2_000);
    });
    expect(await world.clock.runUntil(done)).toEqual({ bytes: 5 });
    expect(world.files.stored(madeUp, 'original')).toHaveLength(5);
  });

  it('fails as the download fails', async () => {
    const source = await claimed();
    const failing = fetchOf(source, async function* () {
      yield Buffer.from('x');
      throw new Error('the connection broke');
    });
    await expect(failing).rejects.toThrow('the connection broke');
    expect(world.files.keys).toEqual([]);
  });
});
