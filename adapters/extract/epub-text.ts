import { SourceFailure } from '../../domain/errors.ts';
import { readEncryptedParts, readPackage, readPackageName } from './epub-package.ts';
import { createHtmlText } from './html-text.ts';
import { resolvePart } from './ooxml.ts';
import { decodeXml } from './xml-reader.ts';
import type { Zip } from './zip.ts';
import type { ZipReading, ZipText } from './zip-document.ts';

/** The pages that a book is made of, in the order that it is read in, with a blank line between them. */
export async function readEpub({ zip, main, write }: ZipReading): Promise<ZipText> {
  const opf = await readPackageName(zip.read(main));
  const { title, chapters } = await readPackage(zip.read(opf));
  const encrypted = await readEncryptedParts(zip);
  let written = false;
  for (const chapter of new Set(chapters.map((href) => resolvePart(opf, href)))) {
    if (encrypted.has(chapter.toLowerCase())) throw copyProtected();
    let begun = false;
    await readChapter(zip, chapter, (text) => {
      if (!begun && written) write('\n');
      begun = true;
      written = true;
      write(text);
    });
  }
  return title === undefined ? {} : { title };
}

async function readChapter(zip: Zip, part: string, write: (text: string) => void): Promise<void> {
  const html = createHtmlText(write, { xhtml: true });
  for await (const text of decodeXml(zip.read(part))) html.write(text);
  html.end();
}

function copyProtected(): SourceFailure {
  return new SourceFailure(
    'document-encrypted',
    'The book is protected against copying: only a copy without protection can be read.',
  );
}
