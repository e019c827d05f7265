import { OperationError } from '../command.ts';
import type { IndexFacts, TableFacts } from './facts.ts';
import type { TableCall } from './profile.ts';

const WRITE_BYTES = 1024;
const READ_BYTES = 4096;

export interface Units {
  readonly reads: number;
  readonly writes: number;
}

/** What the calls of one upload use up. @throws OperationError `unpriced` where a table is not in the template */
export function unitsOf(calls: readonly TableCall[], tables: Readonly<Record<string, TableFacts>>): Units {
  let reads = 0;
  let writes = 0;
  for (const call of calls) {
    const table = tables[call.table];
    if (table === undefined) {
      throw new OperationError(
        'unpriced',
        `The template has no table ${call.table}, which ops/cost/profile.ts counts on.`,
      );
    }
    if (call.operation === 'GetItem' || call.operation === 'Query') reads += call.times * readUnits(call);
    else writes += call.times * (Math.ceil(call.bytes / WRITE_BYTES) + indexUnits(call, table));
  }
  return { reads, writes };
}

function readUnits({ bytes, eventually = false }: TableCall): number {
  return Math.ceil(bytes / READ_BYTES) * (eventually ? 0.5 : 1);
}

/**
 * Each index that a write touches is written as well; where a key of it changes, one entry goes and another comes, and where
 * only what it includes does, the entry is written over.
 */
function indexUnits(call: TableCall, { indexes }: TableFacts): number {
  return indexes.reduce((units, index) => units + unitsOfIndex(call, index), 0);
}

function unitsOfIndex({ adds = [], changes = [], bytes }: TableCall, { keys, keysOnly, includes }: IndexFacts): number {
  const size = keysOnly || includes ? 1 : Math.ceil(bytes / WRITE_BYTES);
  const has = (names: readonly string[]) => keys.some((key) => names.includes(key));
  // A record is in an index only with all of its keys: those of the connections that Redis was told of are not.
  if (has(adds)) return keys.every((key) => adds.includes(key) || isKept(key)) ? size : 0;
  if (has(changes)) return 2 * size;
  return includes?.some((name) => adds.includes(name) || changes.includes(name)) ? size : 0;
}

/** `deadline` stays with a record whose `unfinished` goes, and `opened-at` with one whose `under-way` comes and goes. */
function isKept(key: string): boolean {
  return key === 'deadline' || key === 'opened-at';
}
