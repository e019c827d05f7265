import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The character maps that a PDF in Chinese, Japanese or Korean names and does not have in itself. A bundle has them beside
 * it; the sources have them where npm puts them.
 */
const BUNDLED = fileURLToPath(new URL('./cmaps/', import.meta.url));
const FOLDER = existsSync(BUNDLED)
  ? BUNDLED
  : join(dirname(createRequire(import.meta.url).resolve('pdfjs-dist/package.json')), 'cmaps');

/** The name comes from the document: what is not one of these is never made a path. */
const FILES: ReadonlySet<string> = new Set(readdirSync(FOLDER));

/** How the PDF library asks for files of its own. Of fonts and programs it gets none: nothing is drawn. */
export class CMapFiles {
  async fetch({ kind, filename }: { readonly kind: string; readonly filename: string }): Promise<Uint8Array> {
    if (kind !== 'cMapUrl' || !FILES.has(filename)) throw new Error(`There is no file for ${kind}.`);
    return new Uint8Array(readFileSync(join(FOLDER, filename)));
  }
}
