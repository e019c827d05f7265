import { beforeEach, describe, expect, it } from 'vitest';
import type { Source } from '../../app/ports.ts';
import { subscribe } from '../../app/subscribe.ts';
import { createWorld, kinds, type World } from './world.ts';

let world: World;
beforeEach(() => {
  world = createWorld();
});

const ALL = ['step', 'received', 'extract 100', 'success'];
const run = (token: string, remainingMs = () => 900_000) => subscribe(world, { shard: 0, token, remainingMs });

/** With a socket that waits for it, and no subscriber at work. */
async function awaited(): Promise<Source> {
  const source = await world.accept();
  await world.connect(source.wsUuid, 'a');
  await world.settle();
  return source;
}

describe('a subscriber', () => {
  it('keeps the shard until its last post is through when it hands over, so that no two post at once', async () => {
    const source = await awaited();
    const post = Promise.withResolvers<void>();
    world.sockets.holdNext('a', post.promise);
    let remaining = 900_000;
    const running = run('first', () => remaining);
    await world.process(source);
    remaining = 5_000;
    await world.clock.advance(3_000);
    expect(await world.reader.acquire(0, 'other', 1_000)).toBe(false);
    post.resolve();
    expect(await world.clock.runUntil(running)).toBe('handed-over');
    await world.settle();
    expect(kinds(world.received('a'))).toEqual(ALL);
  });

  it('stops when it could not renew its lease for as long as that lasts', async () => {
    const source = await awaited();
    world.reader.failNext('renew', { times: 10 });
    world.sockets.holdNext('a', world.clock.sleep(40_000));
    const running = run('first');
    await world.process(source);
    expect(await world.clock.runUntil(running)).toBe('lost');
    await world.settle();
    expect(new Set(kinds(world.received('a')))).toEqual(new Set(ALL));
  });

  it('looks at once for the doorbells of a read whose answer was lost', async () => {
    const source = await awaited();
    world.subscribers.start = async () => {};
    await world.process(source);
    world.reader.loseNextAnswer('read');
    const running = run('first');
    await world.clock.advance(500);
    expect(kinds(world.received('a'))).toEqual(ALL);
    await world.clock.runUntil(running);
  });
});
