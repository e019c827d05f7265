import type { PostOutcome, Sockets } from '../../app/ports.ts';

type State = 'connecting' | 'open' | 'closed-by-server' | 'left';

interface Socket {
  state: State;
  readonly frames: string[];
  readonly planned: (PostOutcome | Promise<void>)[];
}

/** The WebSocket gateway: what it knows of each connection, and what the client at the other end has received. */
export interface MemorySockets extends Sockets {
  /** The handshake begins: until `connected`, a post is answered 410, as inside `$connect`. */
  connecting(connectionId: string): void;
  connected(connectionId: string): void;
  /** The client goes away; the service is not told. */
  leave(connectionId: string): void;
  /** Every frame that reached the client, oldest first. */
  frames(connectionId: string): readonly string[];
  isOpen(connectionId: string): boolean;
  isClosedByServer(connectionId: string): boolean;
  /** The next posts or closes of this connection are answered so, and do nothing unless the answer is `sent`. */
  answerNext(connectionId: string, ...outcomes: PostOutcome[]): void;
  /** The next post of this connection waits for the promise before it goes on: a slow client. */
  holdNext(connectionId: string, until: Promise<void>): void;
}

export function createMemorySockets(): MemorySockets {
  const sockets = new Map<string, Socket>();

  const of = (connectionId: string): Socket => {
    const socket = sockets.get(connectionId) ?? { state: 'left', frames: [], planned: [] };
    sockets.set(connectionId, socket);
    return socket;
  };

  async function answer(connectionId: string, effect: (socket: Socket) => void): Promise<PostOutcome> {
    const socket = of(connectionId);
    for (let next = socket.planned.shift(); next !== undefined; next = socket.planned.shift()) {
      if (next === 'sent') break;
      if (typeof next === 'string') return next;
      await next;
    }
    if (socket.state !== 'open') return 'gone';
    effect(socket);
    return 'sent';
  }

  return {
    post: (connectionId, frame) => answer(connectionId, (socket) => socket.frames.push(frame)),
    close: (connectionId) =>
      answer(connectionId, (socket) => {
        socket.state = 'closed-by-server';
      }),
    connecting(connectionId) {
      of(connectionId).state = 'connecting';
    },
    connected(connectionId) {
      of(connectionId).state = 'open';
    },
    leave(connectionId) {
      of(connectionId).state = 'left';
    },
    frames: (connectionId) => of(connectionId).frames,
    isOpen: (connectionId) => of(connectionId).state === 'open',
    isClosedByServer: (connectionId) => of(connectionId).state === 'closed-by-server',
    answerNext(connectionId, ...outcomes) {
      of(connectionId).planned.push(...outcomes);
    },
    holdNext(connectionId, until) {
      of(connectionId).planned.push(until);
    },
  };
}
