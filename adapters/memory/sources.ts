import type { NewSource, Source, SourceRef, Sources } from '../../app/ports.ts';
import { encodeTerminal } from '../terminal-size.ts';
import { wholeSecond } from './channels.ts';
import { type Faults, withFaults } from './faults.ts';

export function createMemorySources(): Sources & Faults<Sources> {
  const stored = new Map<string, Source>();

  const generationOf = ({ sourceUuid, generation }: SourceRef): Source | undefined => {
    const source = stored.get(sourceUuid);
    return source?.generation === generation ? source : undefined;
  };
  const change = (source: Source, changes: Partial<Source>): Source => {
    const changed = { ...source, ...changes };
    stored.set(source.sourceUuid, changed);
    return changed;
  };
  /** The record, if this attempt is still the one that works on it. */
  const heldBy = (ref: SourceRef, attempt: number): Source | undefined => {
    const source = generationOf(ref);
    return source && !source.terminal && source.attempt === attempt ? source : undefined;
  };

  return withFaults<Sources>({
    async open(source) {
      const existing = stored.get(source.sourceUuid);
      if (existing && standsInTheWay(existing, source)) return { created: false, source: existing };
      return { created: true, source: change(fresh(source, (existing?.generation ?? 0) + 1), {}) };
    },
    async get(sourceUuid) {
      return stored.get(sourceUuid);
    },
    async markQueued(ref) {
      const source = generationOf(ref);
      if (source) change(source, { queued: true });
    },
    async claim(ref, now, leaseUntil) {
      const source = generationOf(ref);
      if (!source) return { outcome: 'gone' };
      if (source.terminal) return { outcome: 'ended', source };
      if (source.leaseUntil > now) return { outcome: 'leased', source };
      return { outcome: 'claimed', source: change(source, { attempt: source.attempt + 1, leaseUntil }) };
    },
    async renew(ref, attempt, leaseUntil, at) {
      const source = heldBy(ref, attempt);
      if (source) change(source, { leaseUntil, ...at });
      return source !== undefined;
    },
    async release(ref, attempt) {
      const source = heldBy(ref, attempt);
      if (source) change(source, { leaseUntil: 0 });
    },
    async settle(ref, terminal, now) {
      // What is read back went through JSON, as it does in DynamoDB.
      const asStored = JSON.parse(encodeTerminal(terminal));
      const source = generationOf(ref);
      return source && !source.terminal ? change(source, { terminal: asStored, endedAt: now }) : source;
    },
    async markPublished(ref) {
      const source = generationOf(ref);
      if (source?.terminal) change(source, { published: true });
    },
  });
}

function standsInTheWay(existing: Source, source: NewSource): boolean {
  if (existing.expiresAt <= source.openedAt) return false;
  return existing.owner !== source.owner || !existing.published;
}

function fresh(source: NewSource, generation: number): Source {
  return {
    ...source,
    expiresAt: wholeSecond(source.expiresAt),
    generation,
    queued: false,
    attempt: 0,
    leaseUntil: 0,
    published: false,
  };
}
