import { WebSocket } from 'ws';
import type { Clock } from '../clock.ts';
import { WEBSOCKET_FRAME_BYTES, WEBSOCKET_IDLE_MS, WEBSOCKET_LIFE_MS, WEBSOCKET_UNSENT_BYTES } from './limits.ts';
import type { ConnectionFacts } from './websocket-event.ts';

export interface Connection extends ConnectionFacts {
  /** A message from the client, or a post to it. */
  readonly lastActiveAt: number;
}

export interface Close {
  readonly code: number;
  readonly reason: string;
}

export type PostResult = 'sent' | 'gone' | 'limit-exceeded';

/** The sockets whose `$connect` has returned and whose close has not begun: to everybody else the others do not exist. */
export interface Connections extends Disposable {
  open(facts: ConnectionFacts, socket: WebSocket): void;
  find(connectionId: string): Connection | undefined;
  touch(connectionId: string): void;
  post(connectionId: string, text: Buffer): PostResult;
  /** @returns false when there is no such connection. */
  close(connectionId: string, close: Close): boolean;
  /** Cuts all of them without a close frame. @returns how many. @param told whether `onClosed` is called for them. */
  drop(told: boolean): number;
}

interface Entry {
  readonly facts: ConnectionFacts;
  readonly socket: WebSocket;
  readonly closing: AbortController;
  lastActiveAt: number;
}

/** `onClosed` is called once per connection, when its socket is closed; not for those that dispose cuts off. */
export function createConnections(clock: Clock, onClosed: (facts: ConnectionFacts, close: Close) => void): Connections {
  const entries = new Map<string, Entry>();
  let disposed = false;
  const silenced = new WeakSet<Entry>();

  const closeFromHere = (entry: Entry, close: Close) => {
    leave(entries, entry);
    entry.closing.abort(close);
    entry.socket.close(close.code, close.reason);
  };
  return {
    open(facts, socket) {
      const entry: Entry = { facts, socket, closing: new AbortController(), lastActiveAt: clock.now() };
      entries.set(facts.connectionId, entry);
      // A protocol error, or a message that is too large: `ws` answers with the close code itself.
      socket.on('error', () => leave(entries, entry));
      socket.once('close', (code, reason) => {
        const ours = entry.closing.signal.aborted ? (entry.closing.signal.reason as Close) : undefined;
        leave(entries, entry);
        entry.closing.abort({ code, reason: '' });
        if (!disposed && !silenced.has(entry))
          onClosed(facts, ours ?? { code, reason: reason.toString() || (DEFAULT_REASONS[code] ?? '') });
      });
      void closeAtLimits(entry, clock, (close) => closeFromHere(entry, close));
    },
    find(connectionId) {
      const entry = entries.get(connectionId);
      if (entry?.socket.readyState !== WebSocket.OPEN) return undefined;
      return { ...entry.facts, lastActiveAt: entry.lastActiveAt };
    },
    touch(connectionId) {
      const entry = entries.get(connectionId);
      if (entry) entry.lastActiveAt = clock.now();
    },
    post(connectionId, text) {
      const entry = entries.get(connectionId);
      if (entry?.socket.readyState !== WebSocket.OPEN) return 'gone';
      if (entry.socket.bufferedAmount + text.length > WEBSOCKET_UNSENT_BYTES) return 'limit-exceeded';
      sendText(entry.socket, text);
      entry.lastActiveAt = clock.now();
      return 'sent';
    },
    close(connectionId, close) {
      const entry = entries.get(connectionId);
      if (entry?.socket.readyState !== WebSocket.OPEN) return false;
      closeFromHere(entry, close);
      return true;
    },
    drop(told) {
      const dropped = [...entries.values()];
      for (const entry of dropped) {
        if (!told) silenced.add(entry);
        leave(entries, entry);
        entry.socket.terminate();
      }
      return dropped.length;
    },
    [Symbol.dispose]() {
      disposed = true;
      for (const entry of [...entries.values()]) {
        leave(entries, entry);
        entry.closing.abort();
        entry.socket.terminate();
      }
    },
  };
}

const DEFAULT_REASONS: Record<number, string> = { 1005: 'Client-side close frame status not set' };

function leave(entries: Map<string, Entry>, entry: Entry): void {
  entries.delete(entry.facts.connectionId);
}

async function closeAtLimits(entry: Entry, clock: Clock, close: (close: Close) => void): Promise<void> {
  const { signal } = entry.closing;
  const lifeEnd = entry.facts.connectedAt + WEBSOCKET_LIFE_MS;
  for (;;) {
    const left = Math.min(lifeEnd, entry.lastActiveAt + WEBSOCKET_IDLE_MS) - clock.now();
    if (left <= 0) return close({ code: 1001, reason: 'Going away' });
    await clock.sleep(left, signal);
    if (signal.aborted) return;
  }
}

/** One message, in frames of 32 KB at the most. All in one turn, so that no other message gets between its frames. */
function sendText(socket: WebSocket, text: Buffer): void {
  for (let at = 0; at === 0 || at < text.length; at += WEBSOCKET_FRAME_BYTES) {
    const end = at + WEBSOCKET_FRAME_BYTES;
    socket.send(text.subarray(at, end), { binary: false, fin: end >= text.length });
  }
}
