import { createHash } from 'node:crypto';
import type { Bytes } from './reply.ts';

/** The name of a script. */
export function sha1(text: Bytes): string {
  return createHash('sha1').update(text, 'latin1').digest('hex');
}
