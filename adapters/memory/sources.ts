import type { NewSource, Source, SourceRef, Sources } from '../../app/ports.ts';
import { generationBefore } from '../generations.ts';
import { encodeTerminal } from '../terminal-size.ts';
import { wholeSecond } from './channels.ts';
import { type Faults, withFaults } from './faults.ts';

export function createMemorySources(): Sources & Faults<Sources> {
  const stored = new Map<string, Source>();
  /** Those whose deadline somebody waits for. */
  const unfinished = new Set<string>();

  const generationOf = ({ sourceUuid, generation }: SourceRef): Source | undefined => {
    const source = stored.get(sourceUuid);
    return source?.generation === generation ? source : undefined;
  };
  const change = (source: Source, changes: Partial<Source> & Pick<Source, 'deadline'>): Source => {
    const changed = { ...source, ...changes };
    stored.set(source.sourceUuid, changed);
    unfinished.add(source.sourceUuid);
    return changed;
  };
  /** The record, if this attempt is still the one that works on it. */
  const heldBy = (ref: SourceRef, attempt: number): Source | undefined => {
    const source = generationOf(ref);
    return source && !source.terminal && source.attempt === attempt ? source : undefined;
  };
  const isAsRead = (read: Source): boolean => {
    const source = generationOf(read);
    return source !== undefined && versionOf(source) === versionOf(read);
  };

  return withFaults<Sources>({
    async open(source, abandonedBefore) {
      const existing = stored.get(source.sourceUuid);
      if (existing && standsInTheWay(existing, source, abandonedBefore)) return { created: false, source: existing };
      const opened = fresh(source, (existing?.generation ?? generationBefore(source.openedAt)) + 1);
      return { created: true, source: change(opened, opened) };
    },
    async get(sourceUuid) {
      return stored.get(sourceUuid);
    },
    async markQueued(ref, deadline) {
      const source = generationOf(ref);
      if (source && !source.queued) change(source, { queued: true, deadline });
      return source !== undefined;
    },
    async claim(ref, now, leaseUntil) {
      const source = generationOf(ref);
      if (!source) return { outcome: 'gone' };
      if (source.terminal) return { outcome: 'ended', source };
      if (source.leaseUntil > now) return { outcome: 'leased', source };
      const taken = { attempt: source.attempt + 1, leaseUntil, deadline: leaseUntil, queued: true, redriven: 0 };
      return { outcome: 'claimed', source: change(source, taken) };
    },
    async renew(ref, attempt, leaseUntil, at) {
      const source = heldBy(ref, attempt);
      if (source) change(source, { leaseUntil, deadline: leaseUntil, ...at });
      return source !== undefined;
    },
    async release(ref, attempt, deadline) {
      const source = heldBy(ref, attempt);
      if (source) change(source, { leaseUntil: 0, deadline });
    },
    async settle(ref, terminal, now, deadline, lastAttempt) {
      // What is read back went through JSON, as it does in DynamoDB.
      const asStored = JSON.parse(encodeTerminal(terminal));
      const source = generationOf(ref);
      const refused = lastAttempt !== undefined && !isIdle(source, lastAttempt, now);
      return source && !source.terminal && !refused
        ? change(source, { terminal: asStored, endedAt: now, queued: true, deadline })
        : source;
    },
    async markPublished(ref, { epoch, seq }, deadline) {
      const source = generationOf(ref);
      if (source?.terminal) change(source, { published: { epoch, seq }, deadline });
    },
    async overdue(now, limit) {
      const due = [...unfinished].map((uuid) => stored.get(uuid)!).filter(({ deadline }) => deadline <= now);
      return due
        .sort((a, b) => a.deadline - b.deadline)
        .slice(0, limit)
        .map(({ sourceUuid }) => sourceUuid);
    },
    async postpone(source, deadline, redriven) {
      if (!isAsRead(source)) return false;
      change(stored.get(source.sourceUuid)!, { deadline, redriven });
      return true;
    },
    async shelve(source) {
      if (isAsRead(source)) unfinished.delete(source.sourceUuid);
    },
    async countUnderWay(owner, most) {
      const underWay = [...stored.values()].filter((each) => each.owner === owner && each.queued && !each.terminal);
      return Math.min(underWay.length, most);
    },
    async ofChannel(wsUuid, now, endedAfter) {
      const current = [...stored.values()].filter((source) => source.wsUuid === wsUuid && source.expiresAt > now);
      const recent = current.filter(({ endedAt = Number.POSITIVE_INFINITY }) => endedAt > endedAfter);
      return inTurn(recent.sort((a, b) => a.openedAt - b.openedAt));
    },
  });
}

async function* inTurn(sources: readonly Source[]): AsyncGenerator<Source> {
  yield* sources;
}

function standsInTheWay(existing: Source, source: NewSource, abandonedBefore: number): boolean {
  if (existing.expiresAt <= source.openedAt) return false;
  const abandoned = !existing.queued && existing.openedAt < abandonedBefore;
  const over = existing.published !== undefined && existing.openedAt < source.openedAt;
  return existing.owner !== source.owner || !(over || abandoned);
}

/** Nobody has claimed it since this attempt, whose lease is over. */
function isIdle(source: Source | undefined, lastAttempt: number, now: number): boolean {
  return source?.attempt === lastAttempt && source.leaseUntil <= now;
}

/** Every write changes a part of this. */
function versionOf(source: Source): string {
  const { deadline, attempt, leaseUntil, queued, terminal, published } = source;
  return JSON.stringify([deadline, attempt, leaseUntil, queued, terminal !== undefined, published]);
}

function fresh(source: NewSource, generation: number): Source {
  return {
    ...source,
    expiresAt: wholeSecond(source.expiresAt),
    generation,
    queued: false,
    attempt: 0,
    leaseUntil: 0,
    redriven: 0,
  };
}
