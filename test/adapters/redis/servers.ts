import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface RedisServer extends AsyncDisposable {
  readonly url: string;
}

export function redisServers(): { readonly name: string; start(): Promise<RedisServer> }[] {
  const found = spawnSync('redis-server', ['--version']).status === 0;
  return found ? [{ name: 'redis-server', start }] : [];
}

async function start(): Promise<RedisServer> {
  const probes = [0, 1].map(() => createServer().listen(0, '127.0.0.1'));
  await Promise.all(probes.map((probe) => once(probe, 'listening')));
  const [port, busPort] = probes.map((probe) => (probe.address() as AddressInfo).port) as [number, number];
  await Promise.all(probes.map((probe) => once(probe.close(), 'close')));
  const dir = await mkdtemp(join(tmpdir(), 'redis-'));
  const args =
    `--port ${port} --bind 127.0.0.1 --cluster-enabled yes --cluster-announce-ip 127.0.0.1 --cluster-port ${busPort} --save  --appendonly no --dir ${dir}`.split(
      ' ',
    );
  const child: ChildProcess = spawn('redis-server', args, { stdio: 'ignore' });
  for (let reply = ''; !reply.startsWith('+OK'); )
    reply = await ask(port, 'CLUSTER ADDSLOTSRANGE 0 16383').catch(() => '');
  for (let reply = ''; !reply.includes('cluster_state:ok'); ) reply = await ask(port, 'CLUSTER INFO');
  return {
    url: `redis://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await once(child, 'exit');
      await rm(dir, { recursive: true });
    },
  };
}

async function ask(port: number, command: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.write(`${command}\r\n`);
  const [data] = await once(socket, 'data');
  socket.destroy();
  return String(data);
}
