import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { expect, it } from 'vitest';
import { startDistribution } from '../../../local/cloudfront/distribution.ts';
import { memoryLog } from '../../../local/log.ts';

/**
 * Once a connection to an origin was kept for the next request: on a busy machine the origin closed it, as it does after
 * 5 s of idleness, in the very moment in which an upload was sent on it, and the client got a 502.
 */
it('every request has a connection to the origin of its own', async () => {
  const sockets = new Set<Socket>();
  const origin = createServer((_, response) => response.end('{}')).on('connection', (socket) => sockets.add(socket));
  await new Promise<void>((resolve) => origin.listen(0, '127.0.0.1', resolve));
  await using door = await startDistribution({
    port: 0,
    behaviors: [],
    defaultBehavior: { originId: 'api' },
    origins: { api: { kind: 'http', url: `http://127.0.0.1:${(origin.address() as AddressInfo).port}` } },
    log: memoryLog(),
  });
  for (let n = 0; n < 3; n++) expect(await (await fetch(door.url)).text()).toBe('{}');
  expect(sockets.size).toBe(3);
  origin.close();
});
