import { randomBytes, randomUUID } from 'node:crypto';
import type { SocketKey, SocketKeys } from '../../app/ports.ts';

const newKey = (): SocketKey => ({ id: randomUUID().slice(0, 8), secret: randomBytes(32).toString('base64url') });

export function createMemorySocketKeys(): SocketKeys & { rotate(): Promise<void> } {
  let current = newKey();
  let previous: SocketKey | undefined;
  return {
    async current() {
      return current;
    },
    async find(id) {
      return [current, previous].find((key) => key?.id === id);
    },
    async rotate() {
      previous = current;
      current = newKey();
    },
  };
}
