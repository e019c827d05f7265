import { describe } from 'vitest';
import { describeMainJob } from './main-job.ts';
import { HAS_REDIS_SERVER } from './service.ts';

// A machine without a real Redis tries the embedded one alone; CI installs one.
if (HAS_REDIS_SERVER) describeMainJob('server');
else describe.skip('no redis-server or valkey-server on the PATH', () => {});
