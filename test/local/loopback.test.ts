import { createServer } from 'node:http';
import { expect, it } from 'vitest';
import { listenOnLoopback } from '../../local/http/loopback.ts';

it('says which ports this user may listen on, where it is refused one', async () => {
  const server = createServer();
  // Root may listen on any port, and tests may run as root.
  server.listen = () => {
    const error = Object.assign(new Error('listen EACCES: permission denied 127.0.0.1:81'), { code: 'EACCES' });
    queueMicrotask(() => server.emit('error', error));
    return server;
  };
  await expect(listenOnLoopback(server, 81)).rejects.toMatchObject({
    code: 'PORT_FORBIDDEN',
    message: 'This user may not listen on port 81: choose one from 1024 on.',
  });
});
