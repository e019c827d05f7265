import { randomUUID } from 'node:crypto';
import type { Random } from '../random.ts';
import type { Api } from './api.ts';
import { type Behaviour, drawBehaviour, drawRounds } from './behaviour.ts';
import type { ClientSockets } from './client-socket.ts';
import { drawContent } from './content.ts';
import { listen } from './listen.ts';
import { type ClientMemory, createClientMemory } from './memory.ts';
import { patiently, sleep } from './patience.ts';
import type { Permits } from './permits.ts';
import { createSourceUpload, type SourceUpload } from './source-upload.ts';

export interface ClientWorld {
  readonly api: Api;
  readonly sockets: ClientSockets;
  readonly permits: Permits;
  readonly webUrl: string;
  /** The end of the run: everything that waits gives up. */
  readonly signal: AbortSignal;
  /** A source was sent for the first time. */
  readonly onUpload: () => void;
  /** Something that the report counts. */
  readonly count: (what: string) => void;
  readonly pace: Pace;
}

/** How long clients wait for what may never come, in milliseconds. */
export interface Pace {
  /** The longest absence of those who come back when all may be over. */
  readonly absence: number;
  /** A fresh socket that is told nothing for so long: the round may have been closed for another one that broke. */
  readonly silence: number;
}

/** What one round is about. */
export interface Round {
  readonly channel: string;
  readonly address: string;
  readonly behaviour: Behaviour;
  readonly random: Random;
  readonly memory: ClientMemory;
  readonly uploads: readonly SourceUpload[];
  /** Where its sockets start; undefined: they say nothing. */
  readonly startAfter?: string;
  /** How often it may still break a socket by itself: one that starts anew each time would else never hear the last of many. */
  readonly breaks: { left: number };
  /** The client has all that it will ever have. */
  readonly hasAll: () => boolean;
  /** Each of its sources, in all rounds, was accepted or refused at the first try: so the server knows when to close. */
  readonly plain: () => boolean;
}

/** Sources of one round at the most. */
const MOST_AT_ONCE = 6;

const MOST_BREAKS = 10;

/** One client with its channel: rounds of uploads, one after the other, each until it has every end. */
export async function runChannelClient(world: ClientWorld, random: Random, sources: number): Promise<void> {
  const channel = randomUUID();
  const behaviour = drawBehaviour(random);
  const memory = createClientMemory();
  const all: SourceUpload[] = [];
  for (const size of drawRounds(random, sources, MOST_AT_ONCE)) {
    const uploads = Array.from({ length: size }, () => {
      const content = drawContent(random, `source-${random.whole(0, 1e9)}`, world.webUrl);
      return createSourceUpload(world, { channel, content, memory, random, givesUp: random.chance(behaviour.givesUp) });
    });
    all.push(...uploads);
    const address = await register(world, channel, uploads, random);
    if (address === undefined) return;
    await runRound(world, {
      channel,
      address,
      behaviour,
      random,
      memory,
      uploads,
      breaks: { left: MOST_BREAKS },
      ...(behaviour.carriesOn && memory.last && { startAfter: memory.last }),
      hasAll: () => uploads.every(({ settled }) => settled),
      plain: () => all.every(({ outcome }) => outcome === 'accepted at once' || outcome === 'refused'),
    });
    if (world.signal.aborted) return;
  }
}

/** @returns the address of the socket; undefined at the end of the run. */
async function register(
  { api, signal }: ClientWorld,
  channel: string,
  uploads: readonly SourceUpload[],
  random: Random,
): Promise<string | undefined> {
  const batchSize = Math.max(1, uploads.filter(({ invalid }) => !invalid).length);
  return await patiently(random, signal, async () => {
    const { status, body } = await api.register(channel, batchSize);
    return status === 200 ? String(body['ws-address']) : undefined;
  });
}

async function runRound(world: ClientWorld, round: Round): Promise<void> {
  const { behaviour, uploads, random, memory } = round;
  const sending = Promise.all(
    uploads.map(async (upload) => {
      await sleep(random.between(0, 400), world.signal);
      await upload.send();
      memory.notify();
    }),
  );
  if (behaviour.connects !== 'first') await sending;
  if (behaviour.connects === 'late') await sleep(random.between(0.1, 1) * world.pace.absence, world.signal);
  const listening = Array.from({ length: behaviour.sockets }, () => listen(world, round));
  await Promise.all([sending, ...listening]);
}
