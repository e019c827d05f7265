import { ConditionalCheckFailedException, ProvisionedThroughputExceededException } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { createDynamoClient } from '../../../adapters/dynamodb/client.ts';
import { createDynamoSources } from '../../../adapters/dynamodb/sources.ts';
import { TEST_CREDENTIALS } from '../servers.ts';

const dynamo = mockClient(DynamoDBDocumentClient);
afterAll(() => dynamo.restore()); // it is the client of whatever runs next in this process
const sources = createDynamoSources({ client: createDynamoClient(TEST_CREDENTIALS), table: 'sources' });

const ref = { sourceUuid: '6f1f2b34-9a49-4c89-8a3e-0d1f6f6f2b11', generation: 2 };
const item = {
  'source-uuid': ref.sourceUuid,
  generation: 2,
  owner: '1',
  'ws-uuid': 'b9f0f1f0-28a5-4b7b-9d55-2d1e4f4a3c22',
  shard: 0,
  'batch-size': 1,
  type: 'file-upload',
  filename: 'a.txt',
  status: 'processing',
  queued: true,
  'content-sha256': 'e3b0c442',
  attempt: 1,
  'lease-until': 0,
  'opened-at': 1000,
  deadline: 2000,
  redriven: 0,
  expires: 9,
};
const PUBLISHED = { terminal: '{"status":"success","result":1}', 'published-as': 'abc-3', 'ended-at': 4 };
/** Written into every record of this source, so it stays what it is. */
const BUCKET = '3';
const refused = new ConditionalCheckFailedException({ message: 'The conditional request failed', $metadata: {} });

/** The condition with the placeholders put back, as it reads in the design. */
function conditionOf(call: number): string {
  const { ConditionExpression, ExpressionAttributeNames } = dynamo.commandCalls(UpdateCommand)[call]!.args[0].input;
  return ConditionExpression!.replace(/#\w+/g, (name) => ExpressionAttributeNames![name]!);
}

beforeEach(() => {
  dynamo.reset();
});

describe('the writes of DynamoDB sources', () => {
  it('carry the condition that keeps the first terminal and the generation', async () => {
    dynamo.on(UpdateCommand).resolves({ Attributes: item });
    await sources.settle(ref, { status: 'success', result: 1 }, 5, 6);
    expect(conditionOf(0)).toBe('generation = :generation AND attribute_not_exists(terminal)');
    expect(dynamo.commandCalls(UpdateCommand)[0]!.args[0].input.ExpressionAttributeValues).toEqual({
      ':generation': 2,
      ':terminal': '{"status":"success","result":1}',
      ':status': 'success',
      ':now': 5,
      ':yes': true,
      ':deadline': 6,
      ':bucket': BUCKET,
    });
  });

  it('carry the attempt and the end of its lease where a source is given up', async () => {
    dynamo.on(UpdateCommand).resolves({ Attributes: item });
    await sources.settle(ref, { status: 'failure', code: 'processing-failed', error: 'Lost.' }, 5, 6, 0);
    expect(conditionOf(0)).toBe(
      'generation = :generation AND attribute_not_exists(terminal) AND attempt = :attempt AND lease-until <= :now',
    );
    expect(dynamo.commandCalls(UpdateCommand)[0]!.args[0].input.ExpressionAttributeValues).toMatchObject({
      ':attempt': 0,
      ':now': 5,
    });
  });

  it('carry the attempt where only its worker may write', async () => {
    dynamo.on(UpdateCommand).resolves({ Attributes: item });
    await sources.renew(ref, 4, 10);
    await sources.release(ref, 4, 6);
    for (const call of [0, 1]) {
      expect(conditionOf(call)).toBe(
        'generation = :generation AND attribute_not_exists(terminal) AND attempt = :attempt',
      );
    }
  });

  it('hold to the very record that was read where somebody looked after it', async () => {
    dynamo
      .on(GetCommand)
      .resolvesOnce({ Item: item })
      .resolvesOnce({ Item: { ...item, ...PUBLISHED } });
    const [open, published] = [(await sources.get(ref.sourceUuid))!, (await sources.get(ref.sourceUuid))!];
    dynamo.on(UpdateCommand).resolves({ Attributes: item });
    await sources.shelve(open);
    await sources.postpone(published, 9, 1);
    const same = [
      'generation = :generation AND deadline = :read_deadline AND attempt = :attempt',
      'lease-until = :lease AND queued = :queued',
    ].join(' AND ');
    expect(conditionOf(0)).toBe(`${same} AND attribute_not_exists(terminal) AND attribute_not_exists(published-as)`);
    expect(conditionOf(1)).toBe(`${same} AND attribute_exists(terminal) AND published-as = :published`);
  });

  it('are one single-item write each, and no read where the condition holds', async () => {
    dynamo.on(UpdateCommand).resolves({ Attributes: item });
    await sources.claim(ref, 1, 2);
    await sources.settle(ref, { status: 'success', result: 1 }, 5, 6);
    await sources.markPublished(ref, { epoch: 'abc', seq: 3 }, 6);
    await sources.markQueued(ref, 6);
    expect(dynamo.calls()).toHaveLength(4);
    expect(dynamo.commandCalls(UpdateCommand)).toHaveLength(4);
  });
});

describe('a DynamoDB write that lost', () => {
  beforeEach(() => {
    dynamo.on(UpdateCommand).rejects(refused);
  });

  it('reads the winner consistently', async () => {
    const terminal = '{"status":"failure","error":"Stopped.","code":"cancelled"}';
    dynamo.on(GetCommand).resolves({ Item: { ...item, terminal, 'ended-at': 4 } });
    const settled = await sources.settle(ref, { status: 'success', result: 1 }, 5, 6);
    const claim = await sources.claim(ref, 1, 2);
    const { source } = await sources.open({ ...settled!, openedAt: 5 }, 0);
    for (const adopted of [settled, claim.outcome === 'ended' ? claim.source : undefined, source]) {
      expect(adopted).toMatchObject({ terminal: { status: 'failure', code: 'cancelled' }, endedAt: 4 });
    }
    const reads = dynamo.commandCalls(GetCommand).map((call) => call.args[0].input.ConsistentRead);
    expect(reads).toEqual([true, true, true]);
  });

  it('knows its own claim again when the answer was lost and the SDK repeated the write', async () => {
    dynamo.on(GetCommand).callsFake(() => {
      const claimId = dynamo.commandCalls(UpdateCommand)[0]!.args[0].input.ExpressionAttributeValues![':claim'];
      return { Item: { ...item, attempt: 2, 'lease-until': 60, 'claim-id': claimId } };
    });
    expect(await sources.claim(ref, 1, 60)).toMatchObject({ outcome: 'claimed', source: { attempt: 2 } });
  });

  it('knows its own postponement again, too, unless somebody has written since', async () => {
    dynamo.on(GetCommand).resolvesOnce({ Item: item });
    const source = (await sources.get(ref.sourceUuid))!;
    const postponed = (deadline: number) => () => {
      const { ExpressionAttributeValues } = dynamo.commandCalls(UpdateCommand).at(-1)!.args[0].input;
      return { Item: { ...item, deadline, redriven: 1, 'postpone-id': ExpressionAttributeValues![':postpone'] } };
    };
    dynamo.on(GetCommand).callsFake(postponed(9000));
    expect(await sources.postpone(source, 9000, 1)).toBe(true);
    dynamo.on(GetCommand).callsFake(postponed(9001));
    expect(await sources.postpone(source, 9000, 1)).toBe(false);
  });

  it('opens again when the record in its way vanished before it could be read', async () => {
    dynamo.reset();
    dynamo.on(UpdateCommand).rejectsOnce(refused).resolves({ Attributes: item });
    dynamo.on(GetCommand).resolves({});
    const wanted = {
      ...ref,
      owner: '1',
      wsUuid: item['ws-uuid'],
      shard: 0,
      batchSize: 1,
      filename: 'a.txt',
      contentSha256: 'e3b0c442',
    };
    const opened = await sources.open({ ...wanted, type: 'file-upload', openedAt: 1, deadline: 2, expiresAt: 3 }, 0);
    expect(opened.created).toBe(true);
  });
});

describe('the indexes of DynamoDB sources', () => {
  const other = '0b0e7d0c-6f7e-4f0b-8e5e-6a3c5d9a1f77';

  it('are asked for each bucket of deadlines, and the answers are merged', async () => {
    const due = (deadline: number) => ({ 'source-uuid': `due-at-${deadline}`, unfinished: 'x', deadline });
    dynamo
      .on(QueryCommand)
      .resolves({ Items: [] })
      .on(QueryCommand, { ExpressionAttributeValues: { ':bucket': '3', ':now': 50 } })
      .resolves({ Items: [due(10), due(40)] })
      .on(QueryCommand, { ExpressionAttributeValues: { ':bucket': 'f', ':now': 50 } })
      .resolves({ Items: [due(20), due(30)] });
    expect(await sources.overdue(50, 3)).toEqual(['due-at-10', 'due-at-20', 'due-at-30']);
    const inputs = dynamo.commandCalls(QueryCommand).map((call) => call.args[0].input);
    expect(inputs.map(({ ExpressionAttributeValues }) => ExpressionAttributeValues![':bucket']).join('')).toBe(
      '0123456789abcdef',
    );
    for (const input of inputs) expect(input).toMatchObject({ IndexName: 'by-deadline', Limit: 3 });
  });

  it('are behind: what they name is read consistently, and left out where it is gone or moved', async () => {
    const keys = (...uuids: string[]) => uuids.map((uuid) => ({ 'source-uuid': uuid, 'opened-at': 1 }));
    dynamo
      .on(QueryCommand)
      .resolvesOnce({ Items: keys(ref.sourceUuid, 'gone'), LastEvaluatedKey: { 'source-uuid': 'gone' } })
      .resolvesOnce({ Items: keys('moved', other, ref.sourceUuid) });
    const stored = (uuid: string, changes: object) => {
      dynamo
        .on(GetCommand, { Key: { 'source-uuid': uuid } })
        .resolves({ Item: { ...item, 'source-uuid': uuid, ...changes } });
    };
    dynamo.on(GetCommand).resolves({});
    stored(ref.sourceUuid, { 'opened-at': 2 });
    stored('moved', { 'ws-uuid': 'another' });
    stored(other, { 'opened-at': 1 });
    const found = await Array.fromAsync(await sources.ofChannel(item['ws-uuid'], 0, 0));
    expect(found.map(({ sourceUuid }) => sourceUuid)).toEqual([ref.sourceUuid, other]);
    const reads = dynamo.commandCalls(GetCommand).map((call) => call.args[0].input.ConsistentRead);
    expect(reads).toEqual([true, true, true, true]);
  });

  it('are read as they are asked for, and never all at once', async () => {
    const many = Array.from({ length: 1_000 }, (_, at) => ({ 'source-uuid': `${at}`, 'opened-at': at }));
    dynamo.on(QueryCommand).resolves({ Items: many });
    dynamo.on(GetCommand).callsFake(({ Key }) => ({ Item: { ...item, ...Key } }));
    for await (const { sourceUuid } of await sources.ofChannel(item['ws-uuid'], 0, 0)) {
      if (sourceUuid === '20') break;
    }
    expect(dynamo.commandCalls(GetCommand).length).toBeLessThan(50);
  });
});

describe('a DynamoDB that is throttled or broken', () => {
  const throttled = new ProvisionedThroughputExceededException({ message: 'slow down', $metadata: {} });

  it('fails every call with the error of the SDK, never with an outcome', async () => {
    dynamo.onAnyCommand().rejects(throttled);
    const calls = [
      sources.get(ref.sourceUuid),
      sources.claim(ref, 1, 2),
      sources.renew(ref, 1, 2),
      sources.release(ref, 1, 6),
      sources.markQueued(ref, 6),
      sources.settle(ref, { status: 'success', result: 1 }, 5, 6),
      sources.markPublished(ref, { epoch: 'abc', seq: 3 }, 6),
      sources.overdue(5, 10),
      sources.ofChannel(item['ws-uuid'], 0, 0),
    ];
    for (const call of calls) await expect(call).rejects.toBe(throttled);
  });

  it.each([
    [false, 0],
    [true, 1],
  ])('counts what a record from before says of being redriven: %s', async (redriven, count) => {
    dynamo.on(GetCommand).resolves({ Item: { ...item, redriven } });
    expect(await sources.get(ref.sourceUuid)).toMatchObject({ redriven: count });
  });

  it('fails on a record that it cannot understand instead of guessing', async () => {
    dynamo.on(GetCommand).resolves({ Item: { ...item, attempt: 'many' } });
    await expect(sources.get(ref.sourceUuid)).rejects.toThrow(/attempt/);
  });
});
