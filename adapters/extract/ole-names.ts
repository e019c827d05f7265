import type { Document } from './document.ts';

/** Entries of a directory, and so the chain of its sectors, are read up to here: the names that tell a kind are among the first. */
const MAX_SECTORS = 256;

const ENTRY_BYTES = 128;
const HEADER_BYTES = 512;

/** Sectors of the allocation table that the header lists itself: those of the first 7 MB. */
const LISTED_IN_HEADER = 109;

/** @returns the names of the streams in an OLE compound file, as far as they can be found. */
export function oleNamesOf(document: Document): ReadonlySet<string> {
  const header = document.read(0, HEADER_BYTES);
  const names = new Set<string>();
  if (header.length < HEADER_BYTES) return names;
  const shift = header.readUInt16LE(30);
  if (shift !== 9 && shift !== 12) return names;
  const sectorBytes = 1 << shift;
  const sectorAt = (sector: number) => document.read((sector + 1) * sectorBytes, sectorBytes);
  let sector = header.readUInt32LE(48);
  for (let count = 0; count < MAX_SECTORS; count += 1) {
    const bytes = sectorAt(sector);
    if (bytes.length < sectorBytes) break;
    for (let at = 0; at < sectorBytes; at += ENTRY_BYTES) names.add(nameOf(bytes.subarray(at, at + ENTRY_BYTES)));
    const next = nextSector(header, sector, sectorBytes, sectorAt);
    if (next === undefined) break;
    sector = next;
  }
  return names;
}

function nameOf(entry: Buffer): string {
  const bytes = Math.min(64, entry.readUInt16LE(64));
  return entry.toString('utf16le', 0, Math.max(0, bytes - 2));
}

/** @returns undefined at the end of the chain, and where it cannot be followed. */
function nextSector(
  header: Buffer,
  sector: number,
  sectorBytes: number,
  sectorAt: (sector: number) => Buffer,
): number | undefined {
  const perSector = sectorBytes / 4;
  const index = Math.floor(sector / perSector);
  if (index >= LISTED_IN_HEADER) return undefined;
  const table = sectorAt(header.readUInt32LE(76 + 4 * index));
  if (table.length < sectorBytes) return undefined;
  const next = table.readUInt32LE(4 * (sector % perSector));
  return next < LARGEST_SECTOR ? next : undefined;
}

/** Above it are marks: the end of a chain, a free sector. */
const LARGEST_SECTOR = 0xfffffffa;
