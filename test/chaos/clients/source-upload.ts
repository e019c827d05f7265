import { randomUUID } from 'node:crypto';
import type { Random } from '../random.ts';
import type { ClientWorld } from './channel-client.ts';
import type { Content } from './content.ts';
import type { ClientMemory } from './memory.ts';
import { backoff, sleep, within } from './patience.ts';

export interface SourceUpload {
  readonly sourceUuid: string;
  readonly invalid: boolean;
  /** Undefined: it is being sent. `shown`: a socket told of it, so there is no need to ask again. */
  readonly outcome: 'accepted at once' | 'accepted' | 'shown' | 'refused' | 'unknown' | undefined;
  /** Its client has its end, or has no reason to wait for one. */
  readonly settled: boolean;
  send(): Promise<void>;
}

export interface SourceUploadOptions {
  readonly channel: string;
  readonly content: Content;
  readonly memory: ClientMemory;
  readonly random: Random;
  /** Sends its request once, whatever comes of it. */
  readonly givesUp: boolean;
}

/** The load of a source is over by then: what still waits, waits for a repair. */
const LOADS_FOR_MS = 6_000;

/** Nobody knows whether it was accepted: after this long its client does not wait for it any more. */
const UNKNOWN_FOR_MS = 30_000;

export function createSourceUpload(world: ClientWorld, options: SourceUploadOptions): SourceUpload {
  const { channel, content, memory, random, givesUp } = options;
  const { api, permits, signal, onUpload } = world;
  const sourceUuid = randomUUID();
  const invalid = content.invalid === true;
  let outcome: SourceUpload['outcome'];
  let waitsUntil = Number.POSITIVE_INFINITY;

  /** @returns undefined where the request has to be sent again. */
  async function attempt(tries: number): Promise<SourceUpload['outcome']> {
    const { status } = await api.upload(channel, sourceUuid, content.fields, content.invalid);
    if (status === 200) return tries === 0 ? 'accepted at once' : 'accepted';
    if (status !== undefined && status >= 400 && status < 500) return 'refused';
    if (givesUp) return 'unknown';
    await sleep(backoff(random, tries), signal);
    return memory.hasSeen(sourceUuid) ? 'shown' : undefined;
  }

  /** The permit is given back when the source has ended; the next ones need not wait for one that is stuck. */
  async function release(giveBack: () => void): Promise<void> {
    const until = Date.now() + LOADS_FOR_MS;
    while (!memory.hasEnd(sourceUuid) && outcome !== 'refused' && Date.now() < until && !signal.aborted)
      await within(until - Date.now(), signal, memory.changed);
    giveBack();
  }

  return {
    sourceUuid,
    invalid,
    get outcome() {
      return outcome;
    },
    get settled() {
      if (outcome === undefined) return false;
      return outcome === 'refused' || memory.hasEnd(sourceUuid) || Date.now() > waitsUntil;
    },
    async send() {
      const giveBack = await permits.acquire(signal);
      if (!signal.aborted) onUpload();
      for (let tries = 0; outcome === undefined && !signal.aborted; tries++) outcome = await attempt(tries);
      outcome ??= 'unknown';
      if (outcome === 'unknown') waitsUntil = Date.now() + UNKNOWN_FOR_MS;
      void release(giveBack);
    },
  };
}
