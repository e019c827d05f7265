const SECTOR_BYTES = 512;
const END_OF_CHAIN = 0xfffffffe;
const TABLE_SECTOR = 0xfffffffd;

/** A compound file with empty streams of these names, as Office wrote all its files before 2007. Four names take a sector. */
export function oleOf(...names: readonly string[]): Buffer {
  const all = ['Root Entry', ...names];
  const sectors = Math.ceil(all.length / 4);
  const header = Buffer.alloc(SECTOR_BYTES);
  header.write('d0cf11e0a1b11ae1', 0, 'hex');
  header.writeUInt16LE(0x3e, 24);
  header.writeUInt16LE(3, 26);
  header.writeUInt16LE(0xfffe, 28);
  header.writeUInt16LE(9, 30);
  header.writeUInt32LE(1, 44);
  header.writeUInt32LE(1, 48); // the directory begins in sector 1
  header.fill(0xff, 76);
  header.writeUInt32LE(0, 76); // the allocation table is sector 0
  const table = Buffer.alloc(SECTOR_BYTES, 0xff);
  table.writeUInt32LE(TABLE_SECTOR, 0);
  for (let sector = 1; sector <= sectors; sector += 1) {
    table.writeUInt32LE(sector === sectors ? END_OF_CHAIN : sector + 1, 4 * sector);
  }
  const directory = Buffer.alloc(sectors * SECTOR_BYTES);
  for (const [index, name] of all.entries()) {
    directory.write(name, 128 * index, 'utf16le');
    directory.writeUInt16LE(2 * name.length + 2, 128 * index + 64);
    directory[128 * index + 66] = index === 0 ? 5 : 2;
  }
  return Buffer.concat([header, table, directory]);
}
