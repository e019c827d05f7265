import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Sockets } from '../../../app/ports.ts';

export interface SocketsHarness {
  readonly sockets: Sockets;
  /** Still inside `$connect`. */
  connecting(connectionId: string): void;
  connected(connectionId: string): void;
  /** The client goes away. */
  leave(connectionId: string): void;
  frames(connectionId: string): readonly string[];
  isOpen(connectionId: string): boolean;
  /** The next call for this connection fails in a way that passes. */
  failNext(connectionId: string): void;
}

export function describeSockets(name: string, make: () => Promise<SocketsHarness> | SocketsHarness): void {
  describe(`Sockets, ${name}`, () => {
    let gateway: SocketsHarness;
    beforeAll(async () => {
      gateway = await make();
    });
    const connection = () => {
      const connectionId = randomUUID();
      gateway.connected(connectionId);
      return connectionId;
    };

    it('sends frames as they are, in the order of the posts', async () => {
      const id = connection();
      for (const frame of ['{"a":"Grüße"}', '', '{"b":2}']) expect(await gateway.sockets.post(id, frame)).toBe('sent');
      expect(gateway.frames(id)).toEqual(['{"a":"Grüße"}', '', '{"b":2}']);
    });

    it('tells that a connection is gone, or never was', async () => {
      const id = connection();
      gateway.leave(id);
      expect(await gateway.sockets.post(id, '{}')).toBe('gone');
      expect(await gateway.sockets.post(randomUUID(), '{}')).toBe('gone');
      expect(gateway.frames(id)).toEqual([]);
    });

    it('answers `gone` inside `$connect` and sends after it', async () => {
      const id = randomUUID();
      gateway.connecting(id);
      expect(await gateway.sockets.post(id, '1')).toBe('gone');
      gateway.connected(id);
      expect(await gateway.sockets.post(id, '2')).toBe('sent');
      expect(gateway.frames(id)).toEqual(['2']);
    });

    it('asks for another try when the failure passes', async () => {
      const id = connection();
      gateway.failNext(id);
      expect(await gateway.sockets.post(id, '1')).toBe('retry');
      expect(await gateway.sockets.post(id, '1')).toBe('sent');
      expect(gateway.frames(id)).toEqual(['1']);
    });

    it('closes a connection, after which it is gone', async () => {
      const id = connection();
      expect(await gateway.sockets.close(id)).toBe('sent');
      expect(gateway.isOpen(id)).toBe(false);
      expect(await gateway.sockets.post(id, '1')).toBe('gone');
      expect(await gateway.sockets.close(id)).toBe('gone');
    });

    it('leaves a connection open whose close failed', async () => {
      const id = connection();
      gateway.failNext(id);
      expect(await gateway.sockets.close(id)).toBe('retry');
      expect(gateway.isOpen(id)).toBe(true);
    });
  });
}
