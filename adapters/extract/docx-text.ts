import { createBlockText } from './block-text.ts';
import { createDocxBody } from './docx-body.ts';
import { createDocxNotes } from './docx-notes.ts';
import { readDocxSections } from './docx-sections.ts';
import { readDocxStyles } from './docx-styles.ts';
import { relationshipsOf, targetOf, titleOfPackage } from './ooxml.ts';
import { readXml } from './xml-reader.ts';
import type { ZipReading, ZipText } from './zip-document.ts';

/** The body, then its footnotes, endnotes and comments. Headers and footers are on every page and say nothing new. */
export async function readDocx({ zip, main, write }: ZipReading): Promise<ZipText> {
  const title = await titleOfPackage(zip);
  const relationships = await relationshipsOf(zip, main);
  const partOf = (type: string) => {
    const part = targetOf(relationships, type);
    return part !== undefined && zip.has(part) ? part : undefined;
  };
  const stylesPart = partOf('styles');
  const styles = await readDocxStyles(stylesPart === undefined ? undefined : zip.read(stylesPart));
  const sections = await readDocxSections(zip, main);
  const block = createBlockText(write);
  const notes = createDocxNotes(block);
  await readXml(zip.read(main), createDocxBody({ block, styles, sections, mark: notes.mark }));
  for (const kind of ['footnotes', 'endnotes', 'comments'] as const) {
    const part = partOf(kind);
    if (part !== undefined) await readXml(zip.read(part), notes.reader(kind, styles));
  }
  block.end();
  return title === undefined ? {} : { title };
}
