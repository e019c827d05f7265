import type { NewSource, Source } from '../../app/ports.ts';
import { formatEventId } from '../../domain/ids.ts';
import { generationBefore } from '../generations.ts';
import { toExpires } from './expires.ts';
import { deadlineBucket } from './source-indexes.ts';

/** `#last_word` stands for the attribute `last-word`. */
export interface Update {
  readonly update: string;
  readonly condition: string;
  readonly values: Readonly<Record<string, unknown>>;
}

export const SAME_GENERATION = '#generation = :generation';
export const STILL_OPEN = `${SAME_GENERATION} AND attribute_not_exists(#terminal)`;
export const CURRENT_ATTEMPT = `${STILL_OPEN} AND #attempt = :attempt`;
export const IDLE_SINCE_ATTEMPT = `${CURRENT_ATTEMPT} AND #lease_until <= :now`;

/** Part of every write: who writes to a record that was shelved puts it back among those that may become overdue. */
export const SET_DEADLINE = '#deadline = :deadline, #unfinished = :bucket';

/** Part of each write by which a source is queued, for who counts those of one owner. */
export const SET_UNDER_WAY = '#under_way = #owner';

/** The values of SET_DEADLINE. */
export function deadlineValues(sourceUuid: string, deadline: number): Update['values'] {
  return { ':deadline': deadline, ':bucket': deadlineBucket(sourceUuid) };
}

/** Holds while nobody has written to the record since it was read: a write changes one of these at least. */
export function asRead(source: Source): Pick<Update, 'condition' | 'values'> {
  const published = source.published && formatEventId(source.published);
  const condition = [
    SAME_GENERATION,
    '#deadline = :read_deadline',
    '#attempt = :attempt',
    '#lease_until = :lease',
    '#queued = :queued',
    `${source.terminal ? 'attribute_exists' : 'attribute_not_exists'}(#terminal)`,
    published ? '#published_as = :published' : 'attribute_not_exists(#published_as)',
  ].join(' AND ');
  return {
    condition,
    values: {
      ':generation': source.generation,
      ':read_deadline': source.deadline,
      ':attempt': source.attempt,
      ':lease': source.leaseUntil,
      ':queued': source.queued,
      ...(published && { ':published': published }),
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
    'correlation-id': source.correlationId,
    status: 'processing',
    queued: false,
    attempt: 0,
    'claim-id': undefined,
    'lease-until': 0,
    stage: undefined,
    progress: undefined,
    terminal: undefined,
    'published-as': undefined,
    'opened-at': source.openedAt,
    deadline: source.deadline,
    unfinished: deadlineBucket(source.sourceUuid),
    'under-way': undefined,
    redriven: 0,
    'postpone-id': undefined,
    'ended-at': undefined,
    expires: toExpires(source.expiresAt),
  };
}

/** A record past its expiry counts as none, whosever it is. The generation still counts on, so that no old reference fits. */
export function openUpdate(source: NewSource, abandonedBefore: number): Update {
  const attributes = Object.entries(freshAttributes(source)).map(([name, value]) => ({
    name: name.replaceAll('-', '_'),
    value,
  }));
  const set = attributes.filter(({ value }) => value !== undefined);
  const removed = attributes.filter(({ value }) => value === undefined);
  const abandoned = '#queued = :no AND #opened_at < :abandoned_before';
  // A request that the SDK gave up and repeated, and that arrives after all, would begin what nobody asked for.
  const over = 'attribute_exists(#published_as) AND #opened_at < :opened_at';
  return {
    update: [
      'SET #generation = if_not_exists(#generation, :before) + :one',
      ...set.map(({ name }) => `, #${name} = :${name}`),
      ` REMOVE ${removed.map(({ name }) => `#${name}`).join(', ')}`,
    ].join(''),
    condition: [
      'attribute_not_exists(#source_uuid)',
      '#expires <= :now',
      `(#owner = :owner AND ((${over}) OR (${abandoned})))`,
    ].join(' OR '),
    values: {
      ':before': generationBefore(source.openedAt),
      ':one': 1,
      ':no': false,
      ':now': source.openedAt / 1000,
      ':abandoned_before': abandonedBefore,
      ...Object.fromEntries(set.map(({ name, value }) => [`:${name}`, value])),
    },
  };
}
