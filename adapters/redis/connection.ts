import { setTimeout as pause } from 'node:timers/promises';
import { type Cluster, type ClusterOptions, ReplyError } from 'ioredis';
import type { Log } from '../../app/ports.ts';
import { RedisUnavailable } from './errors.ts';

export interface ConnectionOptions {
  /** Makes a cluster client that tries to connect once and then ends. Called anew for each connect. */
  readonly connect: () => Promise<Cluster>;
  readonly log: Log;
  /** A connection that carried nothing for so long may be dead without a sign (a frozen process, a NAT that forgot it): it is replaced. */
  readonly maxIdleMs: number;
  readonly now: () => number;
}

export interface RunLimits {
  /** For one attempt, its connect included. */
  readonly attemptMs: number;
  /** For all attempts and the pauses between them. */
  readonly totalMs: number;
}

export interface Connection {
  /** Runs `command`, again on a fresh connection where the first one broke. Throws RedisUnavailable, or Redis's own ReplyError. */
  run<T>(command: (cluster: Cluster) => Promise<T>, limits: RunLimits): Promise<T>;
  /** The same for a command that must not be sent twice. */
  runOnce<T>(command: (cluster: Cluster) => Promise<T>, ms: number): Promise<T>;
  dispose(): Promise<void>;
}

interface Link {
  readonly cluster: Promise<Cluster>;
  lastUsed: number;
  inFlight: number;
  /** What a node said of its trouble: ioredis tells the commands only that there is no node. */
  trouble?: Error;
}

const FIRST_PAUSE_MS = 50; // doubles with each attempt

/** Less is not worth an attempt: it would only hide why the others failed. */
const LEAST_ATTEMPT_MS = 50;

/**
 * One connection, made when first needed and thrown away whole when it fails.
 *
 * Not ioredis's own reconnecting: that retries in the background for as long as Redis is down, sends what its callers
 * have long given up, never notices a peer that is silently gone, and once ended never connects again. A Lambda is
 * frozen between invocations, so that a broken connection is the normal case here. A fresh client for each connect
 * has none of these states, and asks for fresh credentials.
 */
export function createConnection({ connect, log, maxIdleMs, now }: ConnectionOptions): Connection {
  let current: Link | undefined;
  let disposed = false;
  const closing = new Set<Promise<void>>();

  function drop(link: Link): void {
    if (current === link) current = undefined;
    const closed = link.cluster.then(close, () => undefined).finally(() => closing.delete(closed));
    closing.add(closed);
  }

  function obtain(): Link {
    if (disposed) throw new RedisUnavailable('The connection to Redis was disposed of.');
    if (current && current.inFlight === 0 && now() - current.lastUsed > maxIdleMs) drop(current);
    if (current) return current;
    const link: Link = { cluster: connect(), lastUsed: now(), inFlight: 0 };
    const forget = () => {
      if (current === link) current = undefined;
    };
    link.cluster.then((cluster) => {
      cluster.once('close', forget);
      cluster.on('node error', (error: Error) => {
        link.trouble = error;
      });
    }, forget);
    current = link;
    return link;
  }

  async function attempt<T>(command: (cluster: Cluster) => Promise<T>, ms: number): Promise<T> {
    const link = obtain();
    link.inFlight += 1;
    try {
      const result = await within(ms, link.cluster.then(command));
      link.lastUsed = now();
      return result;
    } catch (error) {
      if (!isBroken(error)) throw error;
      drop(link);
      throw link.trouble ? new Error(link.trouble.message, { cause: error }) : error;
    } finally {
      link.inFlight -= 1;
    }
  }

  return {
    async run(command, { attemptMs, totalMs }) {
      // Time is counted in what the attempts were given, not by the clock: a freeze in between must not use it up.
      let left = totalMs;
      for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs *= 2) {
        const given = Math.min(attemptMs, left);
        const from = now();
        try {
          return await attempt(command, given);
        } catch (error) {
          if (!isBroken(error)) throw error;
          left -= Math.min(Math.max(now() - from, 0), given) + pauseMs;
          if (left < LEAST_ATTEMPT_MS || disposed) throw unavailable(error);
          log.warn('redis-retry', { reason: reasonOf(error) });
          await pause(pauseMs);
        }
      }
    },
    async runOnce(command, ms) {
      try {
        return await attempt(command, ms);
      } catch (error) {
        throw isBroken(error) ? unavailable(error) : error;
      }
    },
    async dispose() {
      disposed = true;
      if (current) drop(current);
      await Promise.all(closing);
    },
  };
}

/** ioredis ends the sockets politely and destroys them after `disconnectTimeout`; only then is nothing left of it. */
function close(cluster: Cluster): Promise<void> {
  if (cluster.status === 'end') return Promise.resolve();
  const ended = new Promise<void>((resolve) => cluster.once('end', () => resolve()));
  cluster.disconnect();
  return ended;
}

/** Replies that say that this connection, or its node, will not do now; a fresh one may. */
const TRANSIENT_REPLY = /^(LOADING|CLUSTERDOWN|MASTERDOWN|READONLY|TRYAGAIN|NOAUTH|WRONGPASS)\b/;

function isBroken(error: unknown): boolean {
  return !(error instanceof ReplyError) || TRANSIENT_REPLY.test((error as Error).message);
}

function unavailable(cause: unknown): RedisUnavailable {
  if (cause instanceof RedisUnavailable) return cause;
  return new RedisUnavailable(`Redis cannot be reached: ${reasonOf(cause)}`, { cause });
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/**
 * After a freeze, or a stall of the event loop, timers fire before the sockets are read. So the time-out lets one round
 * of reading pass before it takes effect: an answer that is there already counts.
 */
function within<T>(ms: number, answer: Promise<T>): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const timer = setTimeout(() => setImmediate(() => reject(new Error(`no answer within ${ms} ms`))), ms);
  answer.then(resolve, reject).finally(() => clearTimeout(timer));
  return promise;
}

/** @returns options with which a cluster client connects once, keeps nothing for later and never retries by itself. */
export function clusterOptions(options: {
  readonly tls: boolean;
  readonly connectMs: number;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
}): ClusterOptions {
  return {
    clusterRetryStrategy: null,
    retryDelayOnFailover: 0,
    // Saves a round trip; a cluster that is down answers CLUSTERDOWN to the command itself.
    enableReadyCheck: false,
    slotsRefreshTimeout: options.connectMs,
    // ElastiCache's certificate is for its names, so they must not be turned into addresses.
    dnsLookup: (address, callback) => callback(null, address),
    redisOptions: {
      protocol: 2,
      enableReadyCheck: false,
      disableClientInfo: true,
      connectTimeout: options.connectMs,
      disconnectTimeout: 100,
      keepAlive: 10_000,
      ...(options.tls ? { tls: {} } : {}),
      ...(options.username === undefined ? {} : { username: options.username }),
      ...(options.password === undefined ? {} : { password: options.password }),
    },
  };
}
