import { type ConnectionDelivery, createConnectionDelivery, type DeliverPorts } from './deliver.ts';
import type { Doorbell } from './ports.ts';
import { type Restoration, restoreChannel } from './restore-channel.ts';

/** The channels of one shard that have something to deliver, each served on its own. */
export interface ServedChannels {
  /** Doorbells that are held already are not served twice. */
  ring(doorbells: readonly Doorbell[]): void;
  readonly busy: boolean;
  /** Resolves when nothing is under way. */
  quiet(): Promise<void>;
}

interface ServedChannel {
  readonly waiting: string[];
  readonly deliveries: Map<string, ConnectionDelivery>;
  readonly restorations: Map<string, Promise<void>>;
  looking: boolean;
  /** Rings that are being delivered. */
  open: number;
}

export function createServedChannels(ports: DeliverPorts, shard: number, stop: AbortSignal): ServedChannels {
  const channels = new Map<string, ServedChannel>();
  const held = new Set<string>();
  const underWay = new Set<Promise<void>>();
  const settler = createSettler(ports, shard, held);

  function track(promise: Promise<void>): void {
    underWay.add(promise);
    void promise.finally(() => underWay.delete(promise));
  }

  /** Rings that come while the connections are looked up are served by the next look-up, all in one. */
  async function look(wsUuid: string, channel: ServedChannel): Promise<void> {
    channel.looking = true;
    for (let failures = 0; channel.waiting.length > 0 && !stop.aborted; ) {
      const ids = channel.waiting.splice(0);
      try {
        track(deliver(wsUuid, channel, ids, await passes(wsUuid, channel)));
        failures = 0;
      } catch (error) {
        channel.waiting.unshift(...ids);
        ports.log.warn('connections-unknown', { wsUuid, error });
        await ports.clock.sleep(Math.min(5_000, 100 * 2 ** failures++), stop);
      }
    }
    channel.looking = false;
    forget(wsUuid, channel);
  }

  async function passes(wsUuid: string, channel: ServedChannel): Promise<Array<Promise<boolean>>> {
    const connections = await ports.connections.of(wsUuid, ports.clock.now());
    const ids = new Set(connections.map(({ connectionId }) => connectionId));
    for (const id of channel.deliveries.keys()) if (!ids.has(id)) channel.deliveries.delete(id);
    const listeningSince = Math.min(...connections.map(({ connectedAt }) => connectedAt));
    return connections.map((connection) => {
      const { connectionId } = connection;
      const delivery =
        channel.deliveries.get(connectionId) ??
        createConnectionDelivery(
          ports,
          { shard, wsUuid },
          connection,
          (epoch) => restore(wsUuid, channel, { epoch, listeningSince }),
          stop,
        );
      channel.deliveries.set(connectionId, delivery);
      return delivery.pass();
    });
  }

  /** Once for all connections; one that failed is not kept. */
  function restore(wsUuid: string, { restorations }: ServedChannel, of: Restoration): Promise<void> {
    const underWay = restorations.get(of.epoch) ?? restoreChannel(ports, { shard, wsUuid }, of);
    restorations.set(of.epoch, underWay);
    return underWay.finally(() => restorations.delete(of.epoch));
  }

  async function deliver(
    wsUuid: string,
    channel: ServedChannel,
    ids: string[],
    all: Array<Promise<boolean>>,
  ): Promise<void> {
    channel.open++;
    const finished = (await Promise.all(all)).every(Boolean);
    channel.open--;
    // Not before every connection has everything: until then a successor must find the doorbell pending.
    if (finished) await settler.settle(ids);
    forget(wsUuid, channel);
  }

  function forget(wsUuid: string, channel: ServedChannel): void {
    if (channel.open === 0 && !channel.looking && channel.waiting.length === 0) channels.delete(wsUuid);
  }

  return {
    ring(doorbells) {
      for (const { id, wsUuid } of doorbells) {
        if (held.has(id)) continue;
        held.add(id);
        const channel: ServedChannel = channels.get(wsUuid) ?? {
          waiting: [],
          deliveries: new Map(),
          restorations: new Map(),
          looking: false,
          open: 0,
        };
        channels.set(wsUuid, channel);
        channel.waiting.push(id);
        if (!channel.looking) track(look(wsUuid, channel));
      }
    },
    get busy() {
      return underWay.size > 0;
    },
    async quiet() {
      while (underWay.size > 0) await Promise.all(underWay);
    },
  };
}

/** Settles what has come together while the last call was under way, in one call. */
function createSettler({ reader, log }: Pick<DeliverPorts, 'reader' | 'log'>, shard: number, held: Set<string>) {
  let waiting: string[] = [];
  let flushing: Promise<void> | undefined;

  async function flush(): Promise<void> {
    while (waiting.length > 0) {
      const ids = waiting;
      waiting = [];
      try {
        await reader.settle(shard, ids);
      } catch (error) {
        // Still pending: reclaimed and found delivered, soon or by a successor.
        log.warn('doorbells-not-settled', { shard, count: ids.length, error });
      }
      for (const id of ids) held.delete(id);
    }
    flushing = undefined;
  }

  return {
    settle(ids: readonly string[]): Promise<void> {
      waiting.push(...ids);
      flushing ??= Promise.resolve().then(flush);
      return flushing;
    },
  };
}
