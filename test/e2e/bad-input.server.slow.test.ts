import { describe } from 'vitest';
import { describeBadInput } from './bad-input.ts';
import { HAS_REDIS_SERVER } from './service.ts';

// A machine without a real Redis tries the embedded one alone; CI installs one.
if (HAS_REDIS_SERVER) describeBadInput('server');
else describe.skip('no redis-server or valkey-server on the PATH', () => {});
