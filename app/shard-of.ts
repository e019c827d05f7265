/** The shard of a new channel, 0 to `shards` - 1: FNV-1a over its id, so that every function comes to the same one. */
export function shardOf(wsUuid: string, shards: number): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < wsUuid.length; i++) hash = Math.imul(hash ^ wsUuid.charCodeAt(i), 0x01000193);
  return (hash >>> 0) % shards;
}
