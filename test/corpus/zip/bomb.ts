import { constants, deflateRawSync } from 'node:zlib';

const PIECE_BYTES = 1024 * 1024;

/**
 * A deflated part that inflates to `start` and then `megabytes` of spaces, made without ever having them.
 * @param end what closes it.
 */
export function bombOf(
  start: string,
  megabytes: number,
  end: string,
): { readonly deflated: Buffer; readonly size: number } {
  const flushed = { finishFlush: constants.Z_FULL_FLUSH };
  const piece = deflateRawSync(Buffer.alloc(PIECE_BYTES, ' '), flushed);
  const deflated = Buffer.concat([
    deflateRawSync(Buffer.from(start), flushed),
    ...Array.from({ length: megabytes }, () => piece),
    deflateRawSync(Buffer.from(end)),
  ]);
  return { deflated, size: Buffer.byteLength(start) + megabytes * PIECE_BYTES + Buffer.byteLength(end) };
}
