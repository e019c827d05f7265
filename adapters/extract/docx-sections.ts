import { MAX_HELD_ENTRIES, MAX_SECTIONS_BYTES } from './limits.ts';
import { decodeXml, readXml } from './xml-reader.ts';
import type { Zip } from './zip.ts';

/**
 * A section says only at its end how it begins, on a page of its own or not. So that is read before the text, of a document that
 * has more than one; of one that is too long to be read twice all are taken to begin on a page.
 * @returns of each section, in their order, whether a page ends before it.
 */
export async function readDocxSections(zip: Zip, main: string): Promise<readonly boolean[]> {
  const breaks: boolean[] = [];
  if (!(await hasSections(zip.read(main)))) return breaks;
  let inSection = false;
  await readXml(zip.read(main), {
    open(name, attribute) {
      if (isPast(name)) return 'skip';
      if (name === 'w:sectPr') {
        inSection = breaks.length < MAX_HELD_ENTRIES;
        if (inSection) breaks.push(true);
      } else if (name === 'w:type' && inSection) {
        breaks[breaks.length - 1] = !WITHIN_PAGE.has(attribute('w:val') ?? '');
      }
      return undefined;
    },
    close(name) {
      if (name === 'w:sectPr') inSection = false;
    },
  });
  return breaks;
}

/** What was before a tracked change. */
export function isPast(name: string): boolean {
  return name.startsWith('w:') && name.endsWith('Change');
}

const WITHIN_PAGE = new Set(['continuous', 'nextColumn']);

const SECTION = 'sectPr';

/** Looks at the letters alone, which takes a tenth of the time. The last section, which all documents have, names itself twice. */
async function hasSections(part: AsyncIterable<Buffer>): Promise<boolean> {
  let bytes = 0;
  let count = 0;
  let rest = '';
  for await (const text of decodeXml(part)) {
    bytes += text.length;
    if (bytes > MAX_SECTIONS_BYTES) return false;
    const searched = rest + text;
    for (let at = searched.indexOf(SECTION); at >= 0; at = searched.indexOf(SECTION, at + 1)) count += 1;
    rest = searched.slice(1 - SECTION.length);
  }
  return count > 2;
}
