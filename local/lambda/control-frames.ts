/**
 * What the service and an execution environment say to each other on the environment's file descriptor 3:
 * two unsigned 32-bit lengths, a header of JSON, a body of bytes. `bootstrap.mjs` is the other end.
 */

/** The service's word to the environment; the body is the event's JSON. */
export interface InvokeFrame {
  type: 'invoke';
  requestId: string;
  invokedFunctionArn: string;
  traceId: string;
  timeoutMs: number;
  maxStreamedBytes: number;
}

/**
 * The environment's word to the service. `ready`: the handler is loaded. `init-error`, `error`, `fatal`: the body is the error's JSON, and
 * after the first and the last the process ends. `content-type` and `chunk`: of a streamed response.
 * `result`: the invocation has ended; the body is the answer's JSON, or empty after a streamed response.
 * `unreachable`: its code tried to connect to what its network does not reach; the body is a sentence.
 */
export interface EnvironmentFrame {
  type: 'ready' | 'init-error' | 'content-type' | 'chunk' | 'result' | 'error' | 'fatal' | 'unreachable';
  contentType?: string;
  streamed?: boolean;
  maxRssBytes?: number;
}

const PREFIX_BYTES = 8;

export function encodeFrame(header: InvokeFrame, body: string): Buffer {
  const head = Buffer.from(JSON.stringify(header));
  const tail = Buffer.from(body);
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.writeUInt32BE(head.length, 0);
  prefix.writeUInt32BE(tail.length, 4);
  return Buffer.concat([prefix, head, tail]);
}

/** @returns a function to be given the bytes as they arrive, in pieces of any size. */
export function frameReader(onFrame: (header: EnvironmentFrame, body: Buffer) => void): (piece: Buffer) => void {
  let pieces: Buffer[] = [];
  let held = 0;
  let needed = PREFIX_BYTES;
  return (piece) => {
    pieces.push(piece);
    held += piece.length;
    // Joined only once there is enough: a body of many megabytes arrives in pieces of 64 KB.
    while (held >= needed) {
      const bytes = pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
      const headerEnd = PREFIX_BYTES + bytes.readUInt32BE(0);
      const end = headerEnd + bytes.readUInt32BE(4);
      if (held < end) {
        pieces = [bytes];
        needed = end;
        return;
      }
      pieces = [bytes.subarray(end)];
      held -= end;
      needed = PREFIX_BYTES;
      onFrame(JSON.parse(bytes.toString('utf8', PREFIX_BYTES, headerEnd)), bytes.subarray(headerEnd, end));
    }
  };
}
