import type { ApiKeys } from '../../app/ports.ts';
import { type Faults, withFaults } from './faults.ts';

/** @param users user ids by the SHA-256 of their key, in hex. */
export function createMemoryApiKeys(users: Readonly<Record<string, string>> = {}): ApiKeys & Faults<ApiKeys> {
  const stored = new Map(Object.entries(users));
  return withFaults<ApiKeys>({
    async userOf(sha256Hex) {
      return stored.get(sha256Hex);
    },
  });
}
