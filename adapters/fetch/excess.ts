import type { Socket } from 'node:net';
import type { Dial } from './guarded-connector.ts';

/** Whether the connection that was opened last brought more than its answer, by the length that this named, could have. */
export interface ExcessWatch {
  readonly dial: Dial;
  readonly seen: () => boolean;
}

/**
 * A length that is too small cuts the content, and HTTP lets that pass as a whole answer. The client puts back what it has
 * read and not used; with one request to a connection, which it destroys after the answer, what it puts back then is excess.
 * Seen where it comes together with the end, as it does from a server that counted wrongly: nobody waits for more.
 */
export function watchExcess(dial: Dial): ExcessWatch {
  let latest = { excess: false };
  return {
    dial: (target, callback) =>
      dial(target, (...outcome) => {
        const [, socket] = outcome;
        if (socket) latest = watch(socket);
        callback(...outcome);
      }),
    seen: () => latest.excess,
  };
}

function watch(socket: Socket): { excess: boolean } {
  const connection = { excess: false };
  const unshift = socket.unshift.bind(socket);
  socket.unshift = (chunk: Uint8Array, encoding?: BufferEncoding) => {
    // A line break too many is an old habit, and harmless.
    if (socket.destroyed && chunk.some((byte) => byte !== 13 && byte !== 10)) connection.excess = true;
    return unshift(chunk, encoding);
  };
  return connection;
}
