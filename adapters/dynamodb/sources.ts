import { randomUUID } from 'node:crypto';
import { GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { NewSource, SourceRef, Sources } from '../../app/ports.ts';
import { encodeTerminal } from '../terminal-size.ts';
import type { DynamoTable } from './client.ts';
import { toExpires } from './expires.ts';
import { attributeNames, unlessConditionFails } from './expressions.ts';
import { parseRecord, type SourceRecord, toSource } from './source-record.ts';

/** `#last_word` stands for the attribute `last-word`. */
interface Update {
  readonly update: string;
  readonly condition: string;
  readonly values: Readonly<Record<string, unknown>>;
}

/** Losing all three of these means that the record came, went and came again within one call. */
const OPEN_ROUNDS = 3;

const SAME_GENERATION = '#generation = :generation';
const STILL_OPEN = `${SAME_GENERATION} AND attribute_not_exists(#terminal)`;
const CURRENT_ATTEMPT = `${STILL_OPEN} AND #attempt = :attempt`;

export function createDynamoSources({ client, table }: DynamoTable): Sources {
  /** @returns the record after the write, or undefined when the condition did not hold. */
  async function write(sourceUuid: string, { update, condition, values }: Update): Promise<SourceRecord | undefined> {
    const command = new UpdateCommand({
      TableName: table,
      Key: { 'source-uuid': sourceUuid },
      UpdateExpression: update,
      ConditionExpression: condition,
      ExpressionAttributeNames: attributeNames(update, condition),
      ExpressionAttributeValues: values,
      ReturnValues: 'ALL_NEW',
    });
    const written = await unlessConditionFails(client.send(command));
    return written && parseRecord(written.Attributes);
  }

  /** Consistent, because it is read to learn who won. */
  async function read(sourceUuid: string): Promise<SourceRecord | undefined> {
    const command = new GetCommand({ TableName: table, Key: { 'source-uuid': sourceUuid }, ConsistentRead: true });
    const { Item } = await client.send(command);
    return Item && parseRecord(Item);
  }

  async function readGeneration(ref: SourceRef): Promise<SourceRecord | undefined> {
    const stored = await read(ref.sourceUuid);
    return stored?.generation === ref.generation ? stored : undefined;
  }

  return {
    async open(source) {
      for (let round = 0; round < OPEN_ROUNDS; round += 1) {
        const opened = await write(source.sourceUuid, openUpdate(source));
        if (opened) return { created: true, source: toSource(opened) };
        const stored = await read(source.sourceUuid);
        if (stored) return { created: false, source: toSource(stored) };
      }
      throw new Error(`source ${source.sourceUuid} changed under every one of ${OPEN_ROUNDS} attempts to open it`);
    },

    async get(sourceUuid) {
      const stored = await read(sourceUuid);
      return stored && toSource(stored);
    },

    async markQueued(ref) {
      await write(ref.sourceUuid, {
        update: 'SET #queued = :yes',
        condition: SAME_GENERATION,
        values: { ':generation': ref.generation, ':yes': true },
      });
    },

    async claim(ref, now, leaseUntil) {
      // The SDK repeats a write whose answer was lost, and the repetition meets its own lease: the id tells that it is ours.
      const claimId = randomUUID();
      const claimed = await write(ref.sourceUuid, {
        update: 'SET #attempt = #attempt + :one, #lease_until = :until, #claim_id = :claim',
        condition: `${STILL_OPEN} AND #lease_until <= :now`,
        values: { ':generation': ref.generation, ':one': 1, ':until': leaseUntil, ':claim': claimId, ':now': now },
      });
      if (claimed) return { outcome: 'claimed', source: toSource(claimed) };
      const stored = await readGeneration(ref);
      if (!stored) return { outcome: 'gone' };
      if (stored.terminal !== undefined) return { outcome: 'ended', source: toSource(stored) };
      return { outcome: stored['claim-id'] === claimId ? 'claimed' : 'leased', source: toSource(stored) };
    },

    async renew(ref, attempt, leaseUntil, at) {
      const renewed = await write(ref.sourceUuid, {
        update: `SET #lease_until = :until${at ? ', #stage = :stage, #progress = :progress' : ''}`,
        condition: CURRENT_ATTEMPT,
        values: {
          ':generation': ref.generation,
          ':attempt': attempt,
          ':until': leaseUntil,
          ...(at && { ':stage': at.stage, ':progress': at.progress }),
        },
      });
      return renewed !== undefined;
    },

    async release(ref, attempt) {
      await write(ref.sourceUuid, {
        update: 'SET #lease_until = :none',
        condition: CURRENT_ATTEMPT,
        values: { ':generation': ref.generation, ':attempt': attempt, ':none': 0 },
      });
    },

    async settle(ref, terminal, now) {
      const settled = await write(ref.sourceUuid, {
        update: 'SET #terminal = :terminal, #status = :status, #ended_at = :now',
        condition: STILL_OPEN,
        values: {
          ':generation': ref.generation,
          ':terminal': encodeTerminal(terminal),
          ':status': terminal.status,
          ':now': now,
        },
      });
      const stored = settled ?? (await readGeneration(ref));
      return stored && toSource(stored);
    },

    async markPublished(ref) {
      await write(ref.sourceUuid, {
        update: 'SET #published = :yes',
        condition: `${SAME_GENERATION} AND attribute_exists(#terminal)`,
        values: { ':generation': ref.generation, ':yes': true },
      });
    },
  };
}

/** Everything that a generation has of its own; `undefined` is removed, so that nothing of the last one shows through. */
function freshAttributes(source: NewSource): Readonly<Record<string, unknown>> {
  return {
    owner: source.owner,
    'ws-uuid': source.wsUuid,
    shard: source.shard,
    'batch-size': source.batchSize,
    type: source.type,
    filename: source.filename,
    url: source.url,
    'content-sha256': source.contentSha256,
    status: 'processing',
    queued: false,
    attempt: 0,
    'claim-id': undefined,
    'lease-until': 0,
    stage: undefined,
    progress: undefined,
    terminal: undefined,
    published: false,
    'opened-at': source.openedAt,
    deadline: source.deadline,
    'ended-at': undefined,
    expires: toExpires(source.expiresAt),
  };
}

/** A record past its expiry counts as none, whosever it is. The generation still counts on, so that no old reference fits. */
function openUpdate(source: NewSource): Update {
  const attributes = Object.entries(freshAttributes(source)).map(([name, value]) => ({
    name: name.replaceAll('-', '_'),
    value,
  }));
  const set = attributes.filter(({ value }) => value !== undefined);
  const removed = attributes.filter(({ value }) => value === undefined);
  return {
    update: [
      'SET #generation = if_not_exists(#generation, :zero) + :one',
      ...set.map(({ name }) => `, #${name} = :${name}`),
      ` REMOVE ${removed.map(({ name }) => `#${name}`).join(', ')}`,
    ].join(''),
    condition: 'attribute_not_exists(#source_uuid) OR #expires <= :now OR (#owner = :owner AND #published = :yes)',
    values: {
      ':zero': 0,
      ':yes': true,
      ':one': 1,
      ':now': source.openedAt / 1000,
      ...Object.fromEntries(set.map(({ name, value }) => [`:${name}`, value])),
    },
  };
}
