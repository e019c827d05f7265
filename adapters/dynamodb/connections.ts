import {
  DeleteCommand,
  PutCommand,
  paginateQuery,
  paginateScan,
  QueryCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import type { Connection, Connections } from '../../app/ports.ts';
import { formatEventId, parseEventId } from '../../domain/ids.ts';
import type { DynamoTable } from './client.ts';
import { countUpTo } from './count.ts';
import { fromExpires, toExpires } from './expires.ts';
import { attributeNames, unlessConditionFails } from './expressions.ts';

/** `$disconnect` and `$default` know the connection id only. */
export const CONNECTION_ID_INDEX = 'by-connection-id';

/** Sparse, and nearly always empty: one partition does. Looking into it costs half a read unit. */
export const UNANNOUNCED_INDEX = 'by-unannounced';
const UNANNOUNCED = 'yes';

/** Each connection at the time at which it was opened, by the owner of its channel. Keys only. */
export const CONNECTION_OWNER_INDEX = 'by-owner';

const record = z.object({
  'ws-uuid': z.string(),
  'connection-id': z.string(),
  owner: z.string().optional(),
  shard: z.number(),
  'connected-at': z.number(),
  'last-event-id': z.string().optional(),
  unannounced: z.literal(UNANNOUNCED).optional(),
  expires: z.number(),
});

export function createDynamoConnections({ client, table }: DynamoTable): Connections {
  return {
    async add(connection) {
      await client.send(new PutCommand({ TableName: table, Item: toItem(connection) }));
    },

    /** An index has no consistent reads: a connection added some milliseconds ago may not be found yet. */
    async find(connectionId) {
      const condition = '#connection_id = :id';
      const query = new QueryCommand({
        TableName: table,
        IndexName: CONNECTION_ID_INDEX,
        KeyConditionExpression: condition,
        ExpressionAttributeNames: attributeNames(condition),
        ExpressionAttributeValues: { ':id': connectionId },
      });
      const { Items } = await client.send(query);
      return Items?.[0] && toConnection(Items[0]);
    },

    async remove({ wsUuid, connectionId }) {
      await client.send(
        new DeleteCommand({ TableName: table, Key: { 'ws-uuid': wsUuid, 'connection-id': connectionId } }),
      );
    },

    async of(wsUuid, now) {
      const condition = '#ws_uuid = :uuid';
      const pages = paginateQuery(
        { client },
        {
          TableName: table,
          // A connection that this read misses would wait for the channel's next event, and there may be none.
          ConsistentRead: true,
          KeyConditionExpression: condition,
          ExpressionAttributeNames: attributeNames(condition),
          ExpressionAttributeValues: { ':uuid': wsUuid },
        },
      );
      const found: Connection[] = [];
      for await (const { Items = [] } of pages) found.push(...Items.map(toConnection));
      return found.filter((connection) => connection.expiresAt > now);
    },

    countOf: (owner, since, most) =>
      countUpTo(
        { client, table },
        {
          index: CONNECTION_OWNER_INDEX,
          condition: '#owner = :owner AND #connected_at > :since',
          values: { ':owner': owner, ':since': since },
        },
        most,
      ),

    async unannounced(now) {
      const condition = '#unannounced = :yes';
      const pages = paginateQuery(
        { client },
        {
          TableName: table,
          IndexName: UNANNOUNCED_INDEX,
          KeyConditionExpression: condition,
          ExpressionAttributeNames: attributeNames(condition),
          ExpressionAttributeValues: { ':yes': UNANNOUNCED },
        },
      );
      const found: Connection[] = [];
      for await (const { Items = [] } of pages) found.push(...Items.map(toConnection));
      return found.filter((connection) => connection.expiresAt > now);
    },

    async markAnnounced({ wsUuid, connectionId }) {
      const update = 'REMOVE #unannounced';
      const condition = 'attribute_exists(#ws_uuid)';
      const command = new UpdateCommand({
        TableName: table,
        Key: { 'ws-uuid': wsUuid, 'connection-id': connectionId },
        UpdateExpression: update,
        ConditionExpression: condition,
        ExpressionAttributeNames: attributeNames(update, condition),
      });
      await unlessConditionFails(client.send(command));
    },

    /** Costs half a read unit for each 8 KB of the table, whatever it finds. */
    async openedBetween(from, to) {
      const filter = '#connected_at >= :from AND #connected_at < :to';
      const pages = paginateScan(
        { client },
        {
          TableName: table,
          FilterExpression: filter,
          ExpressionAttributeNames: attributeNames(filter),
          ExpressionAttributeValues: { ':from': from, ':to': to },
        },
      );
      const found: Connection[] = [];
      for await (const { Items = [] } of pages) found.push(...Items.map(toConnection));
      return found;
    },

    async *all(now) {
      // Consistent like `of`: whoever connected before the loss was noticed hears of it.
      for await (const { Items = [] } of paginateScan({ client }, { TableName: table, ConsistentRead: true })) {
        for (const connection of Items.map(toConnection)) if (connection.expiresAt > now) yield connection;
      }
    },
  };
}

function toItem(connection: Connection): z.infer<typeof record> {
  return {
    'ws-uuid': connection.wsUuid,
    'connection-id': connection.connectionId,
    owner: connection.owner,
    shard: connection.shard,
    'connected-at': connection.connectedAt,
    'last-event-id': connection.lastEventId && formatEventId(connection.lastEventId),
    unannounced: connection.unannounced && UNANNOUNCED,
    expires: toExpires(connection.expiresAt),
  };
}

function toConnection(item: unknown): Connection {
  const stored = record.parse(item);
  const lastEventId = parseEventId(stored['last-event-id'] ?? '');
  return {
    wsUuid: stored['ws-uuid'],
    connectionId: stored['connection-id'],
    ...(stored.owner !== undefined && { owner: stored.owner }),
    shard: stored.shard,
    connectedAt: stored['connected-at'],
    ...(lastEventId && { lastEventId }),
    ...(stored.unannounced && { unannounced: true }),
    expiresAt: fromExpires(stored.expires),
  };
}
