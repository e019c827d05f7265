import { SOURCE_TTL_MS } from '../domain/limits.ts';

/** More than anybody uploads one source anew while its record lives. */
export const GENERATIONS_OF_A_RECORD = 1_000_000;

/**
 * Where the generations of a source begin that there is no record of. TTL deletes a record after SOURCE_TTL_MS at the earliest,
 * so those of the next one are higher: Redis and S3 may know the generations of the last one still.
 */
export function generationBefore(openedAt: number): number {
  return Math.floor(openedAt / SOURCE_TTL_MS) * GENERATIONS_OF_A_RECORD;
}
