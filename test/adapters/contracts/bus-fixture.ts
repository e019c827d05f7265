import { randomInt, randomUUID } from 'node:crypto';
import type {
  ChannelRef,
  Doorbell,
  EventBus,
  Listener,
  NextEvents,
  Publication,
  ShardReader,
  ShardWatch,
} from '../../../app/ports.ts';
import type { EventId } from '../../../domain/ids.ts';
import type { Stage } from '../../../domain/messages.ts';

/** The Redis ports over one store. */
export interface BusFixture extends AsyncDisposable {
  readonly bus: EventBus;
  readonly reader: ShardReader;
  /** Another subscriber's: it shares the store with `reader` and nothing else. */
  readonly otherReader: ShardReader;
  readonly watch: ShardWatch;
  /** Loses everything, as when Redis comes back empty. */
  lose(): Promise<void>;
}

/** A shard that no other test uses, so that tests may share a server. */
export function newChannel(shard = randomInt(1_000_000_000)): ChannelRef {
  return { shard, wsUuid: randomUUID() };
}

/** The publications of one generation of a source on a channel. */
export function sourceOn(at: ChannelRef, { batchSize = 1, sourceUuid = randomUUID() as string, generation = 1 } = {}) {
  const base = { ...at, batchSize, source: `${sourceUuid}#${generation}` };
  const stamp = { 'source-uuid': sourceUuid };
  const type = 'file-upload' as const;
  const status = 'processing' as const;
  return {
    step: (): Publication => ({
      ...base,
      kind: 'opening',
      dedupeKey: 'step',
      event: { step: 'Hello', status: 200, 'step-status': 'processing', ...stamp },
    }),
    received: (): Publication => ({
      ...base,
      kind: 'opening',
      dedupeKey: 'received',
      after: 'step',
      event: { message: 'Source received. Starting to processing', type, status, ...stamp },
    }),
    progress: (progress: number, stage: Stage = 'extract', dedupeKey = `1:${stage}:${progress}`): Publication => ({
      ...base,
      kind: 'progress',
      dedupeKey,
      after: 'step',
      event: { type, status, stage, progress, ...stamp },
    }),
    heartbeat: (dedupeKey: string): Publication => ({
      ...base,
      kind: 'heartbeat',
      dedupeKey,
      after: 'step',
      event: { type, status, heartbeat: true, ...stamp },
    }),
    success: (result: unknown = 'done'): Publication => ({
      ...base,
      kind: 'terminal',
      dedupeKey: 'terminal',
      event: { result, type, status: 'success', ...stamp },
    }),
    failure: (): Publication => ({
      ...base,
      kind: 'terminal',
      dedupeKey: 'terminal',
      event: { result: 'Error', error: 'No.', code: 'cancelled', type, status: 'failure', ...stamp },
    }),
  };
}

/** When all listeners have connected that do not say otherwise. */
export const CONNECTED_AT = 1_000;

export function listener(
  at: ChannelRef,
  connectionId: string,
  lastEventId?: EventId,
  connectedAt = CONNECTED_AT,
): Listener {
  return { ...at, connectionId, connectedAt, ...(lastEventId && { lastEventId }) };
}

/** As a delivery does that has sent everything up to there. */
export async function sendUpTo(reader: ShardReader, at: ChannelRef, connectionId: string, seq: number): Promise<void> {
  const { cursor } = await reader.next(listener(at, connectionId), 1);
  await reader.moveCursor(at, connectionId, cursor!.turn, seq);
}

/** As a subscriber does before it delivers anything. @returns the channel's epoch. */
export async function markRestored(reader: ShardReader, at: ChannelRef): Promise<string> {
  const { epoch } = await reader.next(listener(at, 'restorer'), 1);
  await reader.markRestored(at, epoch);
  return epoch;
}

/** The channel, restored, as a connection finds it that has nothing of this epoch yet. Leaves no cursor behind. */
export async function look(reader: ShardReader, at: ChannelRef): Promise<NextEvents> {
  const epoch = await markRestored(reader, at);
  const next = await reader.next(listener(at, 'looking', { epoch, seq: 0 }), 1000);
  await reader.dropCursor(at, 'looking');
  return next;
}

/** One opening of each of so many sources. @returns the epoch. */
export async function publishMany(bus: EventBus, at: ChannelRef, count: number): Promise<string> {
  let epoch = '';
  for (let i = 0; i < count; i += 1) epoch = (await bus.publish(sourceOn(at).step())).epoch;
  return epoch;
}

/** Reads and settles all doorbells of the shard. */
export async function drain(reader: ShardReader, shard: number, token = 'drain'): Promise<Doorbell[]> {
  const all: Doorbell[] = [];
  for (;;) {
    const doorbells = await reader.read(shard, token, 100, 0);
    if (doorbells.length === 0) return all;
    await reader.settle(
      shard,
      doorbells.map(({ id }) => id),
    );
    all.push(...doorbells);
  }
}

/** Takes over every pending doorbell, page by page. */
export async function reclaimAll(reader: ShardReader, shard: number, token: string, count: number) {
  const all: Doorbell[] = [];
  let from: string | undefined;
  do {
    const page = await reader.reclaim(shard, token, count, from);
    all.push(...page.doorbells);
    from = page.next;
  } while (from !== undefined);
  return all;
}
