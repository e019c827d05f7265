import type { DeliverPorts } from './deliver.ts';
import type { SubscriberStarter } from './ports.ts';
import { createServedChannels, type ServedChannels } from './serve-channels.ts';

export interface SubscribePorts extends DeliverPorts {
  readonly subscribers: SubscriberStarter;
}

export interface Subscription {
  readonly shard: number;
  /** Names this holder of the lease; MUST be new for each call. */
  readonly token: string;
  /** Until the host ends the function. */
  readonly remainingMs: () => number;
  /** How long it waits for a doorbell before it leaves, idle. Default 2 s. */
  readonly lingerMs?: number;
}

export type SubscriptionEnd = 'busy' | 'idle' | 'handed-over' | 'lost';

const LEASE_MS = 15_000;

/** Doorbells read at once. Measured: one at a time carries a fifteenth of what 128 do. */
const BATCH = 128;

/** An idle minute of a subscriber costs more than the start of another one, of which a client notices nothing. */
const LINGER_MS = 2_000;

const RECLAIM_INTERVAL_MS = 30_000;

/** Kept back from the function's time: to finish the posts under way and start the successor. */
const HANDOVER_MS = 20_000;

const MAX_READ_FAILURES = 10;

/**
 * Serves one shard for as long as there is something to deliver: reads its doorbells and brings each channel's
 * connections up to date. At most one subscriber of a shard runs at a time, which the lease sees to.
 * Throws when Redis stays away: doorbells that were not settled are served by the next one.
 */
export async function subscribe(ports: SubscribePorts, subscription: Subscription): Promise<SubscriptionEnd> {
  const { shard, token } = subscription;
  if (!(await acquire(ports, subscription))) return 'busy';
  const stop = new AbortController();
  const renewing = keepLease(ports, subscription, stop);
  const channels = createServedChannels(ports, shard, stop.signal);
  try {
    const end = await serve(ports, subscription, channels, stop.signal);
    if (end === 'idle') return end;
    stop.abort();
    await channels.quiet();
    if (end === 'handed-over') await ports.reader.release(shard, token);
    await ports.subscribers.start(shard);
    return end;
  } finally {
    stop.abort();
    await channels.quiet();
    await renewing;
  }
}

/** Redis may be away for a moment; what invoked this would come again only after a minute. */
async function acquire({ reader, clock, log }: SubscribePorts, { shard, token }: Subscription): Promise<boolean> {
  for (let failures = 1; ; failures++) {
    try {
      return await reader.acquire(shard, token, LEASE_MS);
    } catch (error) {
      if (failures >= MAX_READ_FAILURES) throw error;
      log.warn('lease-not-acquired', { shard, failures, error });
      await clock.sleep(200 * failures);
    }
  }
}

async function serve(
  ports: SubscribePorts,
  { shard, token, remainingMs, lingerMs = LINGER_MS }: Subscription,
  channels: ServedChannels,
  stop: AbortSignal,
): Promise<SubscriptionEnd> {
  let reclaimAt = Number.NEGATIVE_INFINITY;
  for (let failures = 0; !stop.aborted; ) {
    try {
      if (ports.clock.now() >= reclaimAt) {
        await reclaimAll(ports, shard, token, channels);
        reclaimAt = ports.clock.now() + RECLAIM_INTERVAL_MS;
      }
      if (remainingMs() < HANDOVER_MS) return 'handed-over';
      const doorbells = await ports.reader.read(shard, token, BATCH, lingerMs);
      channels.ring(doorbells);
      failures = 0;
      if (doorbells.length > 0 || channels.busy) continue;
      // Nothing is busy since all was broken off.
      if (stop.aborted) break;
      if (await ports.reader.exitIfIdle(shard, token)) return 'idle';
      reclaimAt = Number.NEGATIVE_INFINITY; // something is pending that nobody here holds
    } catch (error) {
      if (++failures >= MAX_READ_FAILURES) throw error;
      reclaimAt = Number.NEGATIVE_INFINITY; // a read whose answer was lost has left its doorbells pending
      ports.log.warn('doorbell-read-failed', { shard, failures, error });
      await ports.clock.sleep(200 * failures, stop);
    }
  }
  return 'lost';
}

/** Before anything new is read: what a predecessor read and did not finish comes first. */
async function reclaimAll(
  ports: SubscribePorts,
  shard: number,
  token: string,
  channels: ServedChannels,
): Promise<void> {
  let from: string | undefined;
  do {
    const { doorbells, next } = await ports.reader.reclaim(shard, token, BATCH, from);
    channels.ring(doorbells);
    from = next;
  } while (from !== undefined);
}

async function keepLease(ports: SubscribePorts, { shard, token }: Subscription, stop: AbortController): Promise<void> {
  let heldUntil = ports.clock.now() + LEASE_MS;
  while (!stop.signal.aborted) {
    await ports.clock.sleep(LEASE_MS / 3, stop.signal);
    if (stop.signal.aborted) return;
    const asked = ports.clock.now();
    try {
      if (!(await ports.reader.renew(shard, token, LEASE_MS))) {
        ports.log.warn('lease-lost', { shard });
        return stopForLoss(ports, stop);
      }
      heldUntil = asked + LEASE_MS;
    } catch (error) {
      ports.log.warn('lease-renewal-failed', { shard, error });
      if (ports.clock.now() >= heldUntil) return stopForLoss(ports, stop);
    }
  }
}

function stopForLoss({ metrics }: SubscribePorts, stop: AbortController): void {
  metrics.count('LeasesLost');
  stop.abort();
}
