/**
 * Watches the bytes that a WebSocket client sends for a frame over `maxBytes` (RFC 6455, section 5.2).
 * `ws` limits whole messages only, and API Gateway limits both.
 * @returns a listener for the socket's chunks; it calls `onTooLarge` once, as soon as the length is read.
 */
export function createFrameLimit(maxBytes: number, onTooLarge: () => void): (chunk: Buffer) => void {
  let header: number[] = [];
  let payloadLeft = 0;
  let exceeded = false;
  return (chunk) => {
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
      header = [];
      payloadLeft = length;
      if (length > maxBytes) {
        exceeded = true;
        onTooLarge();
      }
    }
  };
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
