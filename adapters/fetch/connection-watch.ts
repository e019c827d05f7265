import type { Socket } from 'node:net';
import type { Dial } from './guarded-connector.ts';

/** What the HTTP client lets pass as a whole answer, though its connection shows that it is none. */
export interface ConnectionWatch {
  readonly dial: Dial;
  /** More came than the answer, by the length that this named, could have. */
  readonly excess: () => boolean;
  /** The connection was reset, and did not come to its end. */
  readonly reset: () => boolean;
}

/** Of one connection, the one that `dial` opens. */
export function watchConnection(dial: Dial): ConnectionWatch {
  let seen: Seen = { excess: false, reset: false };
  return {
    dial: (target, callback) =>
      dial(target, (...outcome) => {
        const [, socket] = outcome;
        if (socket) seen = watch(socket);
        callback(...outcome);
      }),
    excess: () => seen.excess,
    reset: () => seen.reset,
  };
}

interface Seen {
  excess: boolean;
  reset: boolean;
}

/**
 * A length that is too small cuts the content, and HTTP lets that pass as a whole answer. The client puts back what it has
 * read and not used; with one request to a connection, which it destroys after the answer, what it puts back then is excess.
 * Seen where it comes together with the end, as it does from a server that counted wrongly: nobody waits for more.
 *
 * A body without a length or chunks ends with its connection, and a reset is no such end: the client takes it for one. Listens
 * before the client does, so that this is known when the body ends. After an answer that is whole the client destroys the
 * connection at once, and no reset is heard of any more.
 */
function watch(socket: Socket): Seen {
  const seen: Seen = { excess: false, reset: false };
  const unshift = socket.unshift.bind(socket);
  socket.unshift = (chunk: Uint8Array, encoding?: BufferEncoding) => {
    // A line break too many is an old habit, and harmless.
    if (socket.destroyed && chunk.some((byte) => byte !== 13 && byte !== 10)) seen.excess = true;
    return unshift(chunk, encoding);
  };
  socket.once('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'ECONNRESET') seen.reset = true;
  });
  return seen;
}
