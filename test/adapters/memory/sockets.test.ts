import { describe, expect, it } from 'vitest';
import { createMemorySockets } from '../../../adapters/memory/sockets.ts';
import { describeSockets } from '../contracts/sockets.ts';

describeSockets('in memory', () => {
  const sockets = createMemorySockets();
  return { ...sockets, sockets, failNext: (id) => sockets.answerNext(id, 'retry') };
});

describe('sockets in memory', () => {
  it('hold a post for as long as a test wants, and no other connection with it', async () => {
    const sockets = createMemorySockets();
    sockets.connected('slow');
    sockets.connected('quick');
    const gate = Promise.withResolvers<void>();
    sockets.holdNext('slow', gate.promise);
    const held = sockets.post('slow', '1');
    expect(await sockets.post('quick', '2')).toBe('sent');
    expect(sockets.frames('slow')).toEqual([]);
    gate.resolve();
    expect(await held).toBe('sent');
    expect(sockets.frames('slow')).toEqual(['1']);
  });

  it('tell a close by the server from a client that left', async () => {
    const sockets = createMemorySockets();
    sockets.connected('a');
    sockets.connected('b');
    await sockets.close('a');
    sockets.leave('b');
    expect([sockets.isClosedByServer('a'), sockets.isClosedByServer('b')]).toEqual([true, false]);
  });
});
