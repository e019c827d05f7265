import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GetQueueAttributesCommand, type QueueAttributeName, SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient, paginateScan } from '@aws-sdk/lib-dynamodb';
import { parseRecord, toSource } from '../../../adapters/dynamodb/source-record.ts';
import { GENERATIONS_OF_A_RECORD } from '../../../adapters/generations.ts';
import { doorbellKey, GROUP, leaseKey } from '../../../adapters/redis/keys.ts';
import { askRedis } from '../../../local/redis/ask-redis.ts';
import type { LocalStack } from '../../../local/stack.ts';
import type { FinalState, StoredSource } from '../judge/final-state.ts';

/** Looks into the stores of a running stack, past the service. */
export interface StateReader extends Disposable {
  sources(): Promise<Map<string, StoredSource>>;
  closed(): Promise<FinalState['closed']>;
  shards(): Promise<FinalState['shards']>;
  keysWithoutTtl(): Promise<string[]>;
  queues(): Promise<FinalState['queues']>;
}

export function createStateReader(stack: LocalStack): StateReader {
  const { endpoints, credentials, functions, redis } = stack;
  const region = 'us-east-1';
  const dynamo = new DynamoDBClient({ endpoint: endpoints.dynamodb, region, credentials });
  const documents = DynamoDBDocumentClient.from(dynamo);
  const sqs = new SQSClient({ endpoint: endpoints.sqs, region, credentials });
  const variable = (name: string) =>
    [...functions.values()].map(({ environment }) => environment[name]).find((value) => value !== undefined)!;
  const shards = Array.from({ length: Number(variable('SHARDS')) }, (_, shard) => shard);
  const ask = (commands: [string, ...string[]][]) => askRedis(redis.url, commands);

  async function* scan(table: string): AsyncGenerator<Record<string, unknown>> {
    for await (const { Items = [] } of paginateScan({ client: documents }, { TableName: table })) yield* Items;
  }

  return {
    async sources() {
      const sources = new Map<string, StoredSource>();
      for await (const item of scan(variable('SOURCES_TABLE'))) {
        const stored = parseRecord(item);
        const { sourceUuid, wsUuid, queued, attempt, deadline, terminal, published, ...source } = toSource(stored);
        const generation = source.generation % GENERATIONS_OF_A_RECORD;
        const watched = stored.unfinished !== undefined;
        const ends = { ...(terminal && { terminal }), ...(published && { published }) };
        sources.set(sourceUuid, { sourceUuid, wsUuid, generation, queued, attempt, deadline, watched, ...ends });
      }
      return sources;
    },
    async closed() {
      const closed = new Map<string, Record<string, number>>();
      for await (const item of scan(variable('CHANNELS_TABLE'))) {
        closed.set(String(item['ws-uuid']), (item.closed ?? {}) as Record<string, number>);
      }
      return closed;
    },
    shards: () =>
      Promise.all(
        shards.map(async (shard) => {
          const [doorbells, leased] = await ask([
            ['XLEN', doorbellKey(shard)],
            ['EXISTS', leaseKey(shard)],
          ]);
          // Without a doorbell there is no group either.
          const pending = doorbells === 0 ? [0] : await ask([['XPENDING', doorbellKey(shard), GROUP]]).catch(() => [0]);
          const [summary] = pending as [number | [number]];
          return {
            shard,
            doorbells: Number(doorbells),
            pending: Number(Array.isArray(summary) ? summary[0] : summary),
            leased: leased === 1,
          };
        }),
      ),
    async keysWithoutTtl() {
      const expected = new Set(shards.flatMap((shard) => [doorbellKey(shard), leaseKey(shard)]));
      const keys: string[] = [];
      for (let cursor = '0'; ; ) {
        const [[next, page]] = (await ask([['SCAN', cursor, 'COUNT', '500']])) as [[string, string[]]];
        keys.push(...page.filter((key) => !expected.has(key)));
        cursor = next;
        if (cursor === '0') break;
      }
      const lives = keys.length === 0 ? [] : await ask(keys.map((key) => ['PTTL', key]));
      return [...new Set(keys.filter((_, index) => lives[index] === -1))];
    },
    queues: () =>
      Promise.all(
        ['PROCESS_QUEUE_URL', 'DEAD_LETTER_QUEUE_URL'].map(async (name) => {
          const command = new GetQueueAttributesCommand({ QueueUrl: variable(name), AttributeNames: ['All'] });
          const { Attributes = {} } = await sqs.send(command);
          const figure = (attribute: QueueAttributeName) => Number(Attributes[attribute] ?? 0);
          const hidden = figure('ApproximateNumberOfMessagesNotVisible') + figure('ApproximateNumberOfMessagesDelayed');
          return { name, visible: figure('ApproximateNumberOfMessages'), hidden };
        }),
      ),
    [Symbol.dispose]() {
      dynamo.destroy();
      sqs.destroy();
    },
  };
}
