import { createMemorySocketKeys } from '../../../adapters/memory/socket-keys.ts';
import { socketKeysContract } from '../contracts/socket-keys.ts';

socketKeysContract('in memory', async () => {
  const keys = createMemorySocketKeys();
  return { keys, newcomer: () => keys, rotate: keys.rotate, pass: async () => {} };
});
