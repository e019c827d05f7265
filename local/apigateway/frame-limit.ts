export interface FrameLimit {
  /** MUST see every chunk of the socket, before `ws` does. */
  read(chunk: Buffer): void;
  /** How many messages were complete when a frame over the limit began; undefined while none has. */
  messagesBeforeExcess(): number | undefined;
}

/**
 * Watches the bytes that a WebSocket client sends for a frame over `maxBytes` (RFC 6455, section 5.2).
 * `ws` limits whole messages only, and API Gateway limits both. It counts messages because one chunk may hold some that
 * are good and then a frame that is not, and `ws` hands all of them on together.
 */
export function createFrameLimit(maxBytes: number): FrameLimit {
  let header: number[] = [];
  let payloadLeft = 0;
  let messages = 0;
  let exceeded = false;
  return {
    messagesBeforeExcess: () => (exceeded ? messages : undefined),
    read(chunk) {
      let at = 0;
      while (!exceeded && at < chunk.length) {
        if (payloadLeft > 0) {
          const taken = Math.min(payloadLeft, chunk.length - at);
          payloadLeft -= taken;
          at += taken;
          continue;
        }
        header.push(chunk[at++]!);
        const length = payloadLength(header);
        if (length === undefined) continue;
        if (length > maxBytes) exceeded = true;
        else if (endsMessage(header[0]!)) messages++;
        header = [];
        payloadLeft = length;
      }
    },
  };
}

/** FIN is set, and it is no control frame. */
function endsMessage(firstByte: number): boolean {
  return (firstByte & 0x80) !== 0 && (firstByte & 0x0f) < 0x8;
}

/** @returns undefined until the header, mask included, is complete. */
function payloadLength(header: readonly number[]): number | undefined {
  if (header.length < 2) return undefined;
  const short = header[1]! & 0x7f;
  const extended = short === 126 ? 2 : short === 127 ? 8 : 0;
  const mask = header[1]! & 0x80 ? 4 : 0;
  if (header.length < 2 + extended + mask) return undefined;
  if (extended === 0) return short;
  return header.slice(2, 2 + extended).reduce((length, byte) => length * 256 + byte, 0);
}
