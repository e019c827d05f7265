import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDocument } from '../../../adapters/extract/document.ts';
import { extractDocument } from '../../../adapters/extract/extract-document.ts';

/** What the child does, without the child. */
export async function extractHere(filename: string, content: Uint8Array | string) {
  const folder = mkdtempSync(join(tmpdir(), 'extract-here-'));
  writeFileSync(join(folder, 'document'), content);
  const fd = openSync(join(folder, 'document'), 'r');
  const chunks: Buffer[] = [];
  try {
    const done = await extractDocument(
      openDocument(fd),
      { filename, textBytes: 10_000_000, pages: 10 },
      { text: (bytes) => chunks.push(Buffer.from(bytes)), progress: () => {}, load: (importing) => importing() },
    );
    return { ...done, text: Buffer.concat(chunks).toString() };
  } finally {
    closeSync(fd);
    rmSync(folder, { recursive: true });
  }
}
