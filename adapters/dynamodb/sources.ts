import { randomUUID } from 'node:crypto';
import { GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { Source, SourceRef, Sources } from '../../app/ports.ts';
import { formatEventId } from '../../domain/ids.ts';
import { encodeTerminal } from '../terminal-size.ts';
import type { DynamoTable } from './client.ts';
import { countUpTo } from './count.ts';
import { attributeNames, unlessConditionFails } from './expressions.ts';
import { findOfChannel, findOverdue, UNDER_WAY_INDEX } from './source-indexes.ts';
import { parseRecord, type SourceRecord, toSource } from './source-record.ts';
import {
  asRead,
  CURRENT_ATTEMPT,
  deadlineValues,
  IDLE_SINCE_ATTEMPT,
  openUpdate,
  SAME_GENERATION,
  SET_DEADLINE,
  SET_UNDER_WAY,
  STILL_OPEN,
  type Update,
} from './source-updates.ts';

/** Losing all three of these means that the record came, went and came again within one call. */
const OPEN_ROUNDS = 3;

/** Of a channel, and so held in memory. One by one, since a hundred of the largest would not fit into one answer. */
const READS_AT_ONCE = 16;

export function createDynamoSources(at: DynamoTable): Sources {
  const { client, table } = at;

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

  /** An index is some moments behind: what it names may be gone, or in another channel by now. */
  async function* currentOf(uuids: readonly string[], isWanted: (source: Source) => boolean): AsyncGenerator<Source> {
    for (let next = 0; next < uuids.length; next += READS_AT_ONCE) {
      for (const stored of await Promise.all(uuids.slice(next, next + READS_AT_ONCE).map(read))) {
        const source = stored && toSource(stored);
        if (source && isWanted(source)) yield source;
      }
    }
  }

  return {
    async open(source, abandonedBefore) {
      for (let round = 0; round < OPEN_ROUNDS; round += 1) {
        const opened = await write(source.sourceUuid, openUpdate(source, abandonedBefore));
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

    async markQueued(ref, deadline) {
      const marked = await write(ref.sourceUuid, {
        update: `SET #queued = :yes, ${SET_UNDER_WAY}, ${SET_DEADLINE}`,
        // Where a worker was faster than this mark, the deadline is that of its lease by now.
        condition: `${SAME_GENERATION} AND #queued = :no`,
        values: {
          ':generation': ref.generation,
          ':yes': true,
          ':no': false,
          ...deadlineValues(ref.sourceUuid, deadline),
        },
      });
      return marked !== undefined || (await readGeneration(ref)) !== undefined;
    },

    async claim(ref, now, leaseUntil) {
      // The SDK repeats a write whose answer was lost, and the repetition meets its own lease: the id tells that it is ours.
      const claimId = randomUUID();
      const claimed = await write(ref.sourceUuid, {
        update: [
          'SET #attempt = #attempt + :one, #lease_until = :deadline, #claim_id = :claim',
          `#queued = :yes, #redriven = :zero, ${SET_UNDER_WAY}, ${SET_DEADLINE}`,
        ].join(', '),
        condition: `${STILL_OPEN} AND #lease_until <= :now`,
        values: {
          ':generation': ref.generation,
          ':one': 1,
          ':claim': claimId,
          ':yes': true,
          ':zero': 0,
          ':now': now,
          ...deadlineValues(ref.sourceUuid, leaseUntil),
        },
      });
      if (claimed) return { outcome: 'claimed', source: toSource(claimed) };
      const stored = await readGeneration(ref);
      if (!stored) return { outcome: 'gone' };
      if (stored.terminal !== undefined) return { outcome: 'ended', source: toSource(stored) };
      return { outcome: stored['claim-id'] === claimId ? 'claimed' : 'leased', source: toSource(stored) };
    },

    async renew(ref, attempt, leaseUntil, progress) {
      const renewed = await write(ref.sourceUuid, {
        update: `SET #lease_until = :deadline, ${SET_DEADLINE}${progress ? ', #stage = :stage, #progress = :progress' : ''}`,
        condition: CURRENT_ATTEMPT,
        values: {
          ':generation': ref.generation,
          ':attempt': attempt,
          ...(progress && { ':stage': progress.stage, ':progress': progress.progress }),
          ...deadlineValues(ref.sourceUuid, leaseUntil),
        },
      });
      return renewed !== undefined;
    },

    async release(ref, attempt, deadline) {
      await write(ref.sourceUuid, {
        update: `SET #lease_until = :none, ${SET_DEADLINE}`,
        condition: CURRENT_ATTEMPT,
        values: {
          ':generation': ref.generation,
          ':attempt': attempt,
          ':none': 0,
          ...deadlineValues(ref.sourceUuid, deadline),
        },
      });
    },

    async settle(ref, terminal, now, deadline, lastAttempt) {
      const settled = await write(ref.sourceUuid, {
        update: `SET #terminal = :terminal, #status = :status, #ended_at = :now, #queued = :yes, ${SET_DEADLINE} REMOVE #under_way`,
        condition: lastAttempt === undefined ? STILL_OPEN : IDLE_SINCE_ATTEMPT,
        values: {
          ':generation': ref.generation,
          ...(lastAttempt !== undefined && { ':attempt': lastAttempt }),
          ':terminal': encodeTerminal(terminal),
          ':status': terminal.status,
          ':now': now,
          ':yes': true,
          ...deadlineValues(ref.sourceUuid, deadline),
        },
      });
      const stored = settled ?? (await readGeneration(ref));
      return stored && toSource(stored);
    },

    async markPublished(ref, event, deadline) {
      await write(ref.sourceUuid, {
        update: `SET #published_as = :event, ${SET_DEADLINE}`,
        condition: `${SAME_GENERATION} AND attribute_exists(#terminal)`,
        values: {
          ':generation': ref.generation,
          ':event': formatEventId(event),
          ...deadlineValues(ref.sourceUuid, deadline),
        },
      });
    },

    overdue: (now, limit) => findOverdue(at, now, limit),

    async postpone(source, deadline, redriven) {
      // As with a claim: the repetition of a write that was done fails its condition, and the id tells that it was done.
      const postponeId = randomUUID();
      const { condition, values } = asRead(source);
      const postponed = await write(source.sourceUuid, {
        update: `SET #redriven = :redriven, #postpone_id = :postpone, ${SET_DEADLINE}`,
        condition,
        values: {
          ...values,
          ':redriven': redriven,
          ':postpone': postponeId,
          ...deadlineValues(source.sourceUuid, deadline),
        },
      });
      if (postponed) return true;
      const stored = await readGeneration(source);
      return stored?.['postpone-id'] === postponeId && stored.deadline === deadline;
    },

    async shelve(source) {
      await write(source.sourceUuid, { update: 'REMOVE #unfinished', ...asRead(source) });
    },

    countUnderWay: (owner, most) =>
      countUpTo(at, { index: UNDER_WAY_INDEX, condition: '#under_way = :owner', values: { ':owner': owner } }, most),

    async ofChannel(wsUuid, now, endedAfter) {
      const isRecent = ({ endedAt = Number.POSITIVE_INFINITY }: Source) => endedAt > endedAfter;
      const isWanted = (source: Source) => source.wsUuid === wsUuid && source.expiresAt > now && isRecent(source);
      return currentOf(await findOfChannel(at, wsUuid, endedAfter), isWanted);
    },
  };
}
