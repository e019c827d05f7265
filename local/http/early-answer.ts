import type { IncomingMessage, ServerResponse } from 'node:http';

/**
 * Ends an answer that may be there before its request was read. The rest of the request is read and dropped first: on a
 * connection that closes with the answer, unread bytes would make the kernel reset it, and the client would lose what it
 * was told. The answer itself is not held back by that; it MUST carry its length, or be chunked.
 */
export function endWhenRead(request: IncomingMessage, response: ServerResponse): void {
  if (request.complete || !response.hasHeader('content-length')) {
    response.end();
    return;
  }
  request.once('end', () => response.end());
  request.once('close', () => response.end());
  request.unpipe();
  request.resume();
}
