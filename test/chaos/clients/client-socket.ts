import { WebSocket } from 'ws';
import type { History } from '../history.ts';

const HANDSHAKE_MS = 35_000;

export interface ClientSocket {
  /** False where the handshake failed. */
  readonly opened: Promise<boolean>;
  readonly closed: Promise<SocketEnd>;
  /** Nothing happens where it is not open. */
  send(message: object): void;
  /** By this side: `politely` with a close frame, else as when the network is gone. */
  leave(politely: boolean): void;
}

export interface SocketEnd {
  readonly code: number;
  readonly by: 'client' | 'server';
}

/** Numbers the sockets of a run and notes everything that they see. */
export interface ClientSockets {
  open(options: {
    readonly channel: string;
    readonly address: string;
    readonly lastEventId?: string;
    readonly onMessage: (message: Readonly<Record<string, unknown>>) => void;
  }): ClientSocket;
}

export function createClientSockets(history: History): ClientSockets {
  let count = 0;
  return {
    open({ channel, address, lastEventId, onMessage }) {
      count += 1;
      const socket = count;
      history.add({ kind: 'connecting', socket, channel, ...(lastEventId && { lastEventId }) });
      const url = lastEventId === undefined ? address : `${address}?last-event-id=${lastEventId}`;
      const webSocket = new WebSocket(url, { handshakeTimeout: HANDSHAKE_MS, perMessageDeflate: false });
      const opened = Promise.withResolvers<boolean>();
      const closed = Promise.withResolvers<SocketEnd>();
      let by: SocketEnd['by'] = 'server';
      let refusal: number | undefined;
      let isOpen = false;
      webSocket.on('unexpected-response', (_, response) => {
        refusal = response.statusCode;
        response.destroy();
        webSocket.terminate();
      });
      webSocket.on('error', () => undefined); // a close follows
      webSocket.on('open', () => {
        isOpen = true;
        history.add({ kind: 'connected', socket });
        opened.resolve(true);
      });
      webSocket.on('message', (data) => {
        const text = String(data);
        history.add({ kind: 'frame', socket, text });
        const message = parse(text);
        if (message) onMessage(message);
      });
      webSocket.on('close', (code) => {
        if (isOpen) history.add({ kind: 'closed', socket, code, by });
        else history.add({ kind: 'refused', socket, ...(refusal && { status: refusal }) });
        opened.resolve(false);
        closed.resolve({ code, by });
      });
      return {
        opened: opened.promise,
        closed: closed.promise,
        send(message) {
          if (webSocket.readyState !== WebSocket.OPEN) return;
          const text = JSON.stringify(message);
          history.add({ kind: 'sent', socket, text });
          webSocket.send(text);
        },
        leave(politely) {
          if (webSocket.readyState === WebSocket.CLOSED) return;
          if (webSocket.readyState !== WebSocket.CLOSING) by = 'client';
          if (politely) webSocket.close(1000);
          else webSocket.terminate();
        },
      };
    },
  };
}

/** What is no JSON is the judge's business. */
function parse(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
