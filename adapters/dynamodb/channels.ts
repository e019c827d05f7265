import { GetCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import type { Channel, Channels } from '../../app/ports.ts';
import { CHANNEL_KEPT_MS } from '../../domain/limits.ts';
import type { DynamoTable } from './client.ts';
import { countUpTo } from './count.ts';
import { fromExpires, toExpires } from './expires.ts';
import { attributeNames, unlessConditionFails } from './expressions.ts';

/** Each channel at the time until which it is kept, by its owner. Keys only. */
export const CHANNEL_OWNER_INDEX = 'by-owner';

const record = z.object({
  'ws-uuid': z.string(),
  owner: z.string(),
  shard: z.number(),
  'batch-size': z.number(),
  closed: z.record(z.string(), z.number()).default({}),
  /** CHANNEL_KEPT_MS after it has expired for whoever wants to connect. */
  expires: z.number(),
});

/** Losing all three of these means that the record came, went and came again within one call. */
const REGISTER_ROUNDS = 3;

type Registration = Parameters<Channels['register']>[0];

export function createDynamoChannels({ client, table }: DynamoTable): Channels {
  /** A record that is not kept any more counts as none, whether TTL has deleted it yet or not. */
  async function create(channel: Registration, now: number): Promise<Channel | undefined> {
    const condition = 'attribute_not_exists(#ws_uuid) OR #expires <= :now';
    const item = toItem({ ...channel, batchSize: channel.batchSize ?? 1, closed: {} });
    const put = new PutCommand({
      TableName: table,
      Item: item,
      ConditionExpression: condition,
      ExpressionAttributeNames: attributeNames(condition),
      ExpressionAttributeValues: { ':now': now / 1000 },
    });
    return (await unlessConditionFails(client.send(put))) && toChannel(item);
  }

  async function prolong(channel: Registration, now: number): Promise<Channel | undefined> {
    const condition = '#owner = :owner AND #expires > :now';
    const batchSize = channel.batchSize === undefined ? {} : { ':batch': channel.batchSize };
    const update = `SET #expires = :expires, #closed = if_not_exists(#closed, :none)${channel.batchSize === undefined ? '' : ', #batch_size = :batch'}`;
    const command = new UpdateCommand({
      TableName: table,
      Key: { 'ws-uuid': channel.wsUuid },
      UpdateExpression: update,
      ConditionExpression: condition,
      ExpressionAttributeNames: attributeNames(update, condition),
      ExpressionAttributeValues: {
        ':owner': channel.owner,
        ':expires': keptUntil(channel),
        ':now': now / 1000,
        ':none': {},
        ...batchSize,
      },
      ReturnValues: 'ALL_NEW',
    });
    const updated = await unlessConditionFails(client.send(command));
    return updated && toChannel(updated.Attributes);
  }

  async function kept(wsUuid: string, now: number): Promise<Channel | undefined> {
    const command = new GetCommand({ TableName: table, Key: { 'ws-uuid': wsUuid }, ConsistentRead: true });
    const { Item } = await client.send(command);
    const channel = Item && toChannel(Item);
    return channel && keptUntil(channel) > now / 1000 ? channel : undefined;
  }

  return {
    async register(channel, now) {
      for (let round = 0; round < REGISTER_ROUNDS; round += 1) {
        const registered =
          (await create(channel, now)) ?? (await prolong(channel, now)) ?? (await kept(channel.wsUuid, now));
        if (registered) return registered;
      }
      throw new Error(`channel ${channel.wsUuid} changed under every one of ${REGISTER_ROUNDS} registrations`);
    },
    async get(wsUuid, now) {
      const channel = await kept(wsUuid, now);
      return channel && channel.expiresAt > now ? channel : undefined;
    },

    countOf: (owner, now, most) =>
      countUpTo(
        { client, table },
        {
          index: CHANNEL_OWNER_INDEX,
          condition: '#owner = :owner AND #expires > :kept',
          values: { ':owner': owner, ':kept': (now + CHANNEL_KEPT_MS) / 1000 },
        },
        most,
      ),

    async closeRound(wsUuid, { epoch, seq }) {
      const update = 'SET #closed.#epoch = :seq';
      const condition = 'attribute_exists(#closed) AND (attribute_not_exists(#closed.#epoch) OR #closed.#epoch < :seq)';
      const command = new UpdateCommand({
        TableName: table,
        Key: { 'ws-uuid': wsUuid },
        UpdateExpression: update,
        ConditionExpression: condition,
        ExpressionAttributeNames: { ...attributeNames(update, condition), '#epoch': epoch },
        ExpressionAttributeValues: { ':seq': seq },
      });
      await unlessConditionFails(client.send(command));
    },
  };
}

/** In seconds. */
function keptUntil({ expiresAt }: Pick<Channel, 'expiresAt'>): number {
  return toExpires(expiresAt + CHANNEL_KEPT_MS);
}

function toItem(channel: Channel): z.infer<typeof record> {
  return {
    'ws-uuid': channel.wsUuid,
    owner: channel.owner,
    shard: channel.shard,
    'batch-size': channel.batchSize,
    closed: channel.closed,
    expires: keptUntil(channel),
  };
}

function toChannel(item: unknown): Channel {
  const stored = record.parse(item);
  return {
    wsUuid: stored['ws-uuid'],
    owner: stored.owner,
    shard: stored.shard,
    batchSize: stored['batch-size'],
    closed: stored.closed,
    expiresAt: fromExpires(stored.expires) - CHANNEL_KEPT_MS,
  };
}
