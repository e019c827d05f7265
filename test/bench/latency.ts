import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEVELOPMENT_KEY } from '../../local/development-key.ts';
import { type LogEntry, memoryLog } from '../../local/log.ts';
import { type LocalStack, startLocalStack } from '../../local/stack.ts';
import { type Client, createClient, type Listener } from '../e2e/client.ts';
import { percentile, printTable } from './figures.ts';

export interface LatencyOptions {
  readonly uploads: number;
  readonly rounds: number;
  readonly redis?: 'embedded' | 'server';
}

/** From the moment before the POST, in milliseconds. */
interface Sample {
  readonly answer: number;
  readonly first: number;
  readonly success: number;
}

/** One at a time: enough for a 99th percentile that is not just the slowest of a few. */
const ALONE = 50;

/** Not measured: the first uploads start each function, and the shards' subscribers. */
const WARM_UP = 8;

const KILOBYTE = new File(
  ['A line of text, 64 bytes long, and sixteen of them are 1024 B..\n'.repeat(16)],
  'kilobyte.txt',
);

export async function benchLatency({ uploads, rounds, redis }: LatencyOptions): Promise<void> {
  await using running = new AsyncDisposableStack();
  const stateDir = await mkdtemp(join(tmpdir(), 'source-upload-bench-'));
  running.defer(() => rm(stateDir, { recursive: true, force: true }));
  const log = memoryLog();
  const stack: LocalStack = running.use(await startLocalStack({ port: 0, stateDir, redis, log }));
  const client = createClient(stack.url, '1', DEVELOPMENT_KEY);
  console.log(`1 kB text file; Redis: ${stack.redis.description}\n`);

  const cold = await measure(client);
  console.log(
    `first upload after the start: ${ms(cold.first)} ms to the first message, ${ms(cold.success)} ms to success\n`,
  );
  for (let left = WARM_UP; left > 0; left--) await measure(client);

  log.entries.length = 0;
  const alone: Sample[] = [];
  for (let left = ALONE; left > 0; left--) alone.push(await measure(client));
  print('1 at a time', alone);
  printFunctions(stack, log.entries);

  log.entries.length = 0;
  const byRound: Sample[][] = [];
  for (let left = rounds; left > 0; left--) byRound.push(await measureTogether(client, uploads));
  const together = byRound.flat();
  print(`${uploads} at once`, together);
  // The first has the cold starts of all the environments that so many need.
  console.log(`p50 of success by round: ${byRound.map((round) => ms(p50(round, 'success'))).join(', ')}\n`);
  printFunctions(stack, log.entries);
  const ratio = (field: keyof Sample) => (p50(together, field) / p50(alone, field)).toFixed(1);
  console.log(`ratio p50 at ${uploads} / p50 at 1: first message ${ratio('first')}, success ${ratio('success')}`);
}

async function measure(client: Client): Promise<Sample> {
  return await upload(client, await openChannel(client));
}

/** All sockets are open before the first POST: what is measured is the uploads. */
async function measureTogether(client: Client, count: number): Promise<Sample[]> {
  const channels = await Promise.all(Array.from({ length: count }, () => openChannel(client)));
  return await Promise.all(channels.map((channel) => upload(client, channel)));
}

interface OpenChannel {
  readonly wsUuid: string;
  readonly listener: Listener;
}

async function openChannel(client: Client): Promise<OpenChannel> {
  const wsUuid = randomUUID();
  const { body } = await client.register(wsUuid);
  return { wsUuid, listener: await client.listen(String(body['ws-address'])) };
}

async function upload(client: Client, { wsUuid, listener }: OpenChannel): Promise<Sample> {
  const sentAt = performance.now();
  let [first, success] = [0, 0];
  listener.socket.on('message', (data) => {
    const message = JSON.parse(String(data));
    first ||= performance.now() - sentAt;
    if (message.status !== 'success') return;
    success = performance.now() - sentAt;
    listener.socket.send(JSON.stringify({ action: 'ack', 'event-id': message['event-id'] }));
  });
  const { status } = await client.upload({ 'ws-uuid': wsUuid, 'source-uuid': randomUUID(), file: KILOBYTE });
  const answer = performance.now() - sentAt;
  await listener.closed;
  if (status !== 200 || success === 0) throw new Error(`An upload was answered with ${status} and did not succeed.`);
  return { answer, first, success };
}

function print(title: string, samples: readonly Sample[]): void {
  console.log(`${title}: ${samples.length} uploads, in ms`);
  const row = (name: string, field: keyof Sample) => [name, ms(p50(samples, field)), ms(p99(samples, field))];
  printTable([
    ['', 'p50', 'p99'],
    row('POST to its answer', 'answer'),
    row('POST to first message', 'first'),
    row('POST to success', 'success'),
  ]);
  console.log();
}

/** What each function took of it: its own reports, as Lambda writes them. */
function printFunctions({ functions }: LocalStack, entries: readonly LogEntry[]): void {
  const rows = [...functions].flatMap(([shortName, { name }]) => {
    const said = entries.filter(({ source }) => source === name).map(({ text }) => text);
    const durations = figures(said, /^REPORT .*\tDuration: ([\d.]+) ms/);
    const starts = figures(said, /Init Duration: ([\d.]+) ms/);
    if (durations.length === 0) return [];
    const started = starts.length > 0 ? `${starts.length} of ${ms(percentile(starts, 0.5))}` : '';
    return [[shortName, durations.length, ms(percentile(durations, 0.5)), ms(percentile(durations, 0.99)), started]];
  });
  printTable([['function', 'invocations', 'p50', 'p99', 'cold starts'], ...rows]);
  console.log();
}

function figures(lines: readonly string[], pattern: RegExp): number[] {
  return lines.flatMap((line) => {
    const match = pattern.exec(line);
    return match ? [Number(match[1])] : [];
  });
}

const p50 = (samples: readonly Sample[], field: keyof Sample) =>
  percentile(
    samples.map((each) => each[field]),
    0.5,
  );
const p99 = (samples: readonly Sample[], field: keyof Sample) =>
  percentile(
    samples.map((each) => each[field]),
    0.99,
  );

function ms(value: number): string {
  return value.toFixed(value < 100 ? 1 : 0);
}
