import { describe, expect, it } from 'vitest';
import type { SocketKeys } from '../../../app/ports.ts';

const LATER_MS = 5 * 60_000;

export interface SocketKeysFixture {
  /** As one function has them. */
  readonly keys: SocketKeys;
  /** As a function has them that has just started. */
  newcomer(): SocketKeys;
  rotate(): Promise<void>;
  pass(milliseconds: number): Promise<void>;
}

export function socketKeysContract(name: string, create: () => Promise<SocketKeysFixture>): void {
  describe(`SocketKeys, ${name}`, () => {
    it('gives a key that is long enough, and finds it by its id', async () => {
      const { keys } = await create();
      const current = await keys.current();
      expect(current.secret.length).toBeGreaterThanOrEqual(43); // 256 bits of base64url
      expect(current.id).toMatch(/^[\w-]{1,64}$/);
      expect(await keys.find(current.id)).toEqual(current);
    });

    it('finds no key that never was', async () => {
      const { keys } = await create();
      expect(await keys.find('00000000')).toBeUndefined();
    });

    it('finds a key that was made after it has looked the last time', async () => {
      const { keys, newcomer, rotate } = await create();
      const before = await keys.current();
      await rotate();
      const after = await newcomer().current();
      expect(after.id).not.toBe(before.id);
      expect(after.secret).not.toBe(before.secret);
      expect(await keys.find(after.id)).toEqual(after);
    });

    it('signs with a new key some minutes later at the most', async () => {
      const { keys, newcomer, rotate, pass } = await create();
      await keys.current();
      await rotate();
      await pass(LATER_MS);
      expect(await keys.current()).toEqual(await newcomer().current());
    });

    it('finds the key before the current one, and none before that', async () => {
      const { keys, rotate, pass } = await create();
      const first = await keys.current();
      await rotate();
      await pass(LATER_MS);
      const second = await keys.current();
      expect(await keys.find(first.id)).toEqual(first);
      await rotate();
      await pass(LATER_MS);
      expect(await keys.find(second.id)).toEqual(second);
      expect(await keys.find(first.id)).toBeUndefined();
    });
  });
}
