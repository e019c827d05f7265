import type { Terminal } from '../../../app/ports.ts';
import type { EventId } from '../../../domain/ids.ts';

/** What is stored when all is quiet. */
export interface FinalState {
  readonly readAt: number;
  readonly sources: ReadonlyMap<string, StoredSource>;
  /** By `ws-uuid`: the ends of rounds that were delivered, by epoch. */
  readonly closed: ReadonlyMap<string, Readonly<Record<string, number>>>;
  /** What `GET /public/sources/{source-uuid}` answers, its status first; absent: it was not asked. */
  readonly statuses: ReadonlyMap<string, { readonly status: number; readonly body: Readonly<Record<string, unknown>> }>;
  readonly shards: readonly StoredShard[];
  /** Other than doorbells and leases. */
  readonly keysWithoutTtl: readonly string[];
  readonly queues: readonly { readonly name: string; readonly visible: number; readonly hidden: number }[];
  /** Processes of the stack that outlived it. */
  readonly orphans: readonly string[];
}

export interface StoredSource {
  readonly sourceUuid: string;
  readonly wsUuid: string;
  readonly generation: number;
  readonly queued: boolean;
  readonly attempt: number;
  readonly deadline: number;
  /** Somebody still has to look at it when its deadline is past. */
  readonly watched: boolean;
  readonly terminal?: Terminal;
  readonly published?: EventId;
}

export interface StoredShard {
  readonly shard: number;
  /** Unread or pending. */
  readonly doorbells: number;
  readonly pending: number;
  readonly leased: boolean;
}
