import { SourceFailure } from '../../domain/errors.ts';
import { type BlockText, commentBy, createBlockText } from './block-text.ts';
import { type Relationship, relationshipsOf, targetOf, titleOfPackage } from './ooxml.ts';
import { createPptxShapes } from './pptx-shapes.ts';
import { readXml, type XmlHandler } from './xml-reader.ts';
import type { Zip } from './zip.ts';
import type { ZipReading, ZipText } from './zip-document.ts';

/** Slide by slide, with a form feed between them: what is on it, its diagrams, its notes and the comments on it. */
export async function readPptx({ zip, main, maxPages, write }: ZipReading): Promise<ZipText> {
  const title = await titleOfPackage(zip);
  const relationships = await relationshipsOf(zip, main);
  const ids = await slideIdsOf(zip.read(main), maxPages);
  for (const [index, id] of ids.entries()) {
    if (index > 0) write('\f');
    await readSlide(zip, relationships.get(id)?.target ?? id, write);
  }
  return { pages: ids.length, ...(title !== undefined && { title }) };
}

async function slideIdsOf(bytes: AsyncIterable<Buffer>, maxPages: number): Promise<string[]> {
  const ids: string[] = [];
  await readXml(bytes, {
    open(name, attribute) {
      if (name !== 'p:sldId') return undefined;
      if (ids.length === maxPages) {
        throw new SourceFailure('document-too-large', `The presentation has more than ${maxPages} slides: split it.`);
      }
      ids.push(attribute('r:id') ?? '');
      return undefined;
    },
  });
  return ids;
}

async function readSlide(zip: Zip, part: string, write: (text: string) => void): Promise<void> {
  const block = createBlockText(write);
  const diagrams: string[] = [];
  const relationships = await relationshipsOf(zip, part);
  await readXml(zip.read(part), createPptxShapes(block, { onDiagram: (id) => diagrams.push(id) }));
  for (const id of diagrams) await readPart(zip, relationships.get(id), createPptxShapes(block, {}));
  const notes = targetOf(relationships, 'notesSlide');
  if (notes !== undefined)
    await readPart(zip, { target: notes }, createPptxShapes(block, { only: 'body', prefix: 'Notes: ' }));
  const comments = targetOf(relationships, 'comments');
  if (comments !== undefined) await readPart(zip, { target: comments }, createComments(block));
  block.end();
}

/** What stands beside a slide may be missing: some writers drop the part and leave what refers to it. */
async function readPart(zip: Zip, found: Pick<Relationship, 'target'> | undefined, handler: XmlHandler): Promise<void> {
  if (found && zip.has(found.target)) await readXml(zip.read(found.target), handler);
}

/** In the form of before 2021, `p:text`, and in the one of today, paragraphs in a namespace of its own. */
function createComments(block: BlockText): XmlHandler {
  let prefix = '';
  let inText = false;
  return {
    open(name) {
      if (name === 'p:cm' || name === ':txBody') prefix = commentBy(undefined);
      if (name === 'p:text' || name === 'a:p') block.begin({ prefix, list: 'notes' });
      inText = name === 'p:text' || name === 'a:t';
      return undefined;
    },
    close(name) {
      inText = false;
      if (name === 'a:p') prefix = '';
    },
    text(part) {
      if (inText) block.write(part);
    },
  };
}
