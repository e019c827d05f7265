import { type EventId, formatEventId, parseEventId } from '../../../domain/ids.ts';

/** What a client knows from all sockets of its channel. */
export interface ClientMemory {
  take(message: Readonly<Record<string, unknown>>): void;
  /** For `last-event-id`; undefined: it has none. */
  readonly last: string | undefined;
  hasSeen(source: string): boolean;
  hasEnd(source: string): boolean;
  /** Resolves with the next message, or with anything else that may matter to who waits. */
  readonly changed: Promise<void>;
  notify(): void;
}

export function createClientMemory(): ClientMemory {
  const highest = new Map<string, number>();
  const seen = new Set<string>();
  const ended = new Set<string>();
  let last: EventId | undefined;
  let changed = Promise.withResolvers<void>();

  function notify(): void {
    changed.resolve();
    changed = Promise.withResolvers<void>();
  }

  return {
    take(message) {
      const eventId = parseEventId(String(message['event-id'] ?? ''));
      if (eventId && eventId.seq > (highest.get(eventId.epoch) ?? 0)) {
        highest.set(eventId.epoch, eventId.seq);
        last = eventId;
      }
      const source = message['source-uuid'];
      if (typeof source === 'string') {
        seen.add(source);
        if (message.status === 'success' || message.status === 'failure') ended.add(source);
      }
      notify();
    },
    get last() {
      return last && formatEventId(last);
    },
    hasSeen: (source) => seen.has(source),
    hasEnd: (source) => ended.has(source),
    get changed() {
      return changed.promise;
    },
    notify,
  };
}
