import { randomBytes } from 'node:crypto';
import type { CommandTable, Context } from './command.ts';
import { unknownSubcommand, wrongArity } from './errors.ts';
import { type Bytes, CommandError, type Reply } from './reply.ts';

export const SLOTS = 16_384;

/** CRC-16/XMODEM, one step per byte. */
const CRC_TABLE = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 8;
  for (let bit = 0; bit < 8; bit += 1) crc = crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1;
  return crc & 0xffff;
});

/** The slot of a key. What stands in its first `{…}`, unless that is empty, decides alone. */
export function slotOf(key: Bytes): number {
  const open = key.indexOf('{');
  const close = open < 0 ? -1 : key.indexOf('}', open + 1);
  const hashed = close > open + 1 ? key.slice(open + 1, close) : key;
  let crc = 0;
  for (let at = 0; at < hashed.length; at += 1) {
    crc = ((crc << 8) ^ CRC_TABLE[((crc >> 8) ^ hashed.charCodeAt(at)) & 0xff]!) & 0xffff;
  }
  return crc % SLOTS;
}

/** Throws unless all keys lie in one slot. */
export function checkOneSlot(keys: readonly Bytes[]): void {
  if (keys.length < 2) return;
  const slot = slotOf(keys[0]!);
  if (keys.some((key) => slotOf(key) !== slot)) {
    throw new CommandError("CROSSSLOT Keys in request don't hash to the same slot");
  }
}

/** This server as the only node of a cluster, which holds every slot. */
export interface ClusterNode {
  readonly id: string;
  readonly host: string;
  readonly port: () => number;
}

export function createClusterNode(host: string, port: () => number): ClusterNode {
  return { id: randomBytes(20).toString('hex'), host, port };
}

export const clusterCommands: CommandTable = {
  cluster: { arity: -2, run: describeCluster },
};

function describeCluster([subcommand, ...args]: readonly Bytes[], { cluster }: Context): Reply {
  const name = subcommand!.toLowerCase();
  const { id, host, port } = cluster;
  if (name === 'keyslot') {
    if (args.length !== 1) throw wrongArity('cluster|keyslot');
    return slotOf(args[0]!);
  }
  switch (name) {
    case 'slots':
      return [[0, SLOTS - 1, [host, port(), id, []]]];
    case 'shards':
      return [['slots', [0, SLOTS - 1], 'nodes', [shardNode(cluster)]]];
    case 'nodes':
      return `${id} ${host}:${port()}@0 myself,master - 0 0 1 connected 0-${SLOTS - 1}\n`;
    case 'myid':
      return id;
    case 'info':
      return clusterInfo();
    default:
      throw unknownSubcommand('cluster', subcommand!);
  }
}

function shardNode({ id, host, port }: ClusterNode): Reply {
  return [
    'id',
    id,
    'port',
    port(),
    'ip',
    host,
    'endpoint',
    host,
    'role',
    'master',
    'replication-offset',
    0,
    'health',
    'online',
  ];
}

function clusterInfo(): string {
  const facts = {
    cluster_enabled: 1,
    cluster_state: 'ok',
    cluster_slots_assigned: SLOTS,
    cluster_slots_ok: SLOTS,
    cluster_slots_pfail: 0,
    cluster_slots_fail: 0,
    cluster_known_nodes: 1,
    cluster_size: 1,
    cluster_current_epoch: 1,
    cluster_my_epoch: 1,
  };
  return Object.entries(facts)
    .map(([name, value]) => `${name}:${value}\r\n`)
    .join('');
}
