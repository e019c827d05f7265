import { expect, test } from 'vitest';
import {
  type EnvironmentFrame,
  encodeFrame,
  frameReader,
  type InvokeFrame,
} from '../../../local/lambda/control-frames.ts';

const HEADER: InvokeFrame = {
  type: 'invoke',
  requestId: 'ünï',
  invokedFunctionArn: 'arn',
  traceId: 't',
  timeoutMs: 1,
  maxStreamedBytes: 2,
};

test.each([1, 2, 3, 7, 8, 9, 50, 10_000])(
  'frames are read in pieces of %d bytes as they were written',
  (pieceBytes) => {
    const bodies = ['', 'x', '✓'.repeat(100), ''];
    const bytes = Buffer.concat(bodies.map((body) => encodeFrame(HEADER, body)));
    const frames: [EnvironmentFrame, string][] = [];
    const read = frameReader((header, body) => frames.push([header, body.toString()]));
    for (let start = 0; start < bytes.length; start += pieceBytes) read(bytes.subarray(start, start + pieceBytes));
    expect(frames).toEqual(bodies.map((body) => [HEADER, body]));
  },
);
