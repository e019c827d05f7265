import type { SourceOwner } from '../../app/ports.ts';
import { isUuid } from '../../domain/ids.ts';

export type SourceFile = 'original' | 'text.txt' | 'result.json';

/** User ids are ours, not a client's choice; this holds whoever makes them to what cannot leave its folder. */
const SAFE_OWNER = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/;

/** An id that would change the layout of the keys. It never comes from a well-formed request. */
export class UnsafeKeyError extends Error {
  override readonly name = 'UnsafeKeyError';
  readonly code = 'unsafe-key';
}

/** Throws UnsafeKeyError. */
export function keyOf(source: SourceOwner, file: SourceFile): string {
  return `${folderOf(source)}${file}`;
}

/** Ends with a slash: one generation's folder is never the beginning of another's. Throws UnsafeKeyError. */
export function folderOf({ owner, sourceUuid, generation }: SourceOwner): string {
  if (!SAFE_OWNER.test(owner)) throw new UnsafeKeyError(`the user id ${JSON.stringify(owner)} cannot be part of a key`);
  if (!isUuid(sourceUuid)) throw new UnsafeKeyError(`the source id ${JSON.stringify(sourceUuid)} is not a UUID`);
  if (!Number.isSafeInteger(generation) || generation < 1) throw new UnsafeKeyError(`${generation} is no generation`);
  return `users/${owner}/sources/${sourceUuid}/${generation}/`;
}
