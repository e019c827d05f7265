import { TextDecoder } from 'node:util';

/** What TextDecoder undoes: Node has no encoder but for Unicode. One and two bytes a character are what there is here. */
export function encode(text: string, label: string): Buffer {
  const bytesOf = tableOf(label);
  return Buffer.concat(
    [...text].map((character) => {
      const bytes = bytesOf.get(character);
      if (!bytes) throw new Error(`${label} has no ${character}`);
      return bytes;
    }),
  );
}

const tables = new Map<string, Map<string, Buffer>>();

function tableOf(label: string): Map<string, Buffer> {
  const known = tables.get(label);
  if (known) return known;
  const table = new Map<string, Buffer>();
  for (let first = 0; first < 256; first += 1) {
    add(table, label, [first]);
    if (first < 0x81) continue;
    for (let second = 0x40; second < 256; second += 1) add(table, label, [first, second]);
  }
  tables.set(label, table);
  return table;
}

function add(table: Map<string, Buffer>, label: string, bytes: readonly number[]): void {
  const text = new TextDecoder(label).decode(Uint8Array.from(bytes));
  if ([...text].length === 1 && text !== '\ufffd' && !table.has(text)) table.set(text, Buffer.from(bytes));
}

/** UTF-32 without a mark. */
export function utf32(text: string, bigEndian: boolean): Buffer {
  const codes = [...text].map((character) => character.codePointAt(0)!);
  const bytes = Buffer.alloc(4 * codes.length);
  for (const [index, code] of codes.entries()) {
    if (bigEndian) bytes.writeUInt32BE(code, 4 * index);
    else bytes.writeUInt32LE(code, 4 * index);
  }
  return bytes;
}
