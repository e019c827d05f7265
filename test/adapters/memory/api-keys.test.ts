import { createMemoryApiKeys } from '../../../adapters/memory/api-keys.ts';
import { describeApiKeys } from '../contracts/api-keys.ts';

describeApiKeys('in memory', createMemoryApiKeys);
