import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { createMemoryLog } from '../../../adapters/memory/log.ts';
import { createRedis } from '../../../adapters/redis/client.ts';
import { redisServers } from '../../local/redis/servers.ts';
import { PATIENT } from './patient.ts';

const PROGRAM = fileURLToPath(new URL('publisher-process.ts', import.meta.url));

/** A bound for a hang, never the way a test waits. */
const WAIT = { timeout: 10_000, interval: 5 };

/** The embedded server cannot be told to close a connection. */
const servers = redisServers().filter(({ name }) => !name.startsWith('embedded'));

for (const { name, start } of servers) {
  describe.runIf(process.platform === 'linux')(`A frozen process (${name})`, () => {
    // Lambda stops a process between two invocations, and the server may close its connections meanwhile. The process
    // learns of it only after it has written the next command, to a socket that nobody reads.
    it('publishes at once when it goes on, although its connection was closed meanwhile', async () => {
      await using server = await start();
      await using redis = createRedis({ url: server.url, log: createMemoryLog(), ...PATIENT });
      const child = spawn(process.execPath, [PROGRAM, server.url], { stdio: ['pipe', 'pipe', 'inherit'] });
      await using _ = { [Symbol.asyncDispose]: async () => void child.kill('SIGKILL') };
      const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
      const publish = async () => JSON.parse((await lines.next()).value!) as { outcome: string; ms: number };
      child.stdin.write('\n');
      expect((await publish()).outcome).toBe('published');

      child.kill('SIGSTOP');
      await expect.poll(async () => (await readFile(`/proc/${child.pid}/stat`, 'utf8')).split(' ')[2], WAIT).toBe('T');
      child.stdin.write('\n');
      await redis.run((cluster) => cluster.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes'));
      child.kill('SIGCONT');
      const { outcome, ms } = await publish();
      expect(outcome).toBe('published');
      // By what the connection says of itself, and not when the time of an attempt is over.
      expect(ms).toBeLessThan(PATIENT.attemptMs - 5_000);

      child.stdin.end();
      const [code] = await once(child, 'exit');
      expect(code).toBe(0); // nothing of the connections keeps it running
    });
  });
}
