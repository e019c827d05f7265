import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { ApiKeys } from '../../../app/ports.ts';

export function describeApiKeys(
  name: string,
  make: (users: Readonly<Record<string, string>>) => Promise<ApiKeys> | ApiKeys,
): void {
  describe(`ApiKeys, ${name}`, () => {
    const hashOf = (key: string) => createHash('sha256').update(key).digest('hex');

    it('tells whose key it is, and nothing of a key that does not exist', async () => {
      const keys = await make({ [hashOf('one')]: '1', [hashOf('two')]: '2' });
      expect(await keys.userOf(hashOf('one'))).toBe('1');
      expect(await keys.userOf(hashOf('two'))).toBe('2');
      expect(await keys.userOf(hashOf('three'))).toBeUndefined();
    });
  });
}
