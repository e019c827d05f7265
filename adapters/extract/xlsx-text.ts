import { MAX_HELD_ENTRIES, MAX_SHARED_STRING_BYTES, MAX_SHEET_CELLS } from './limits.ts';
import { type Relationship, relationshipsOf, targetOf, titleOfPackage, tooManyEntries } from './ooxml.ts';
import { createSheetOutput, held, type SheetOutput, tooManyCells } from './sheet-output.ts';
import { createStringTable, type StringTable } from './string-table.ts';
import { createXlsxComments } from './xlsx-comments.ts';
import { createXlsxSheet } from './xlsx-sheet.ts';
import { builtInKind, kindOfFormat, type NumberKind } from './xlsx-values.ts';
import { readXml, type XmlHandler } from './xml-reader.ts';
import type { Zip } from './zip.ts';
import type { ZipReading, ZipText } from './zip-document.ts';

/** Sheet by sheet, each with its name as a heading, in the order of its tabs. Of a formula the value that it had last. */
export async function readXlsx({ zip, main, write }: ZipReading): Promise<ZipText> {
  const title = await titleOfPackage(zip);
  const relationships = await relationshipsOf(zip, main);
  const { sheets, from1904 } = await readWorkbook(zip.read(main));
  const strings = createStringTable();
  const kinds: NumberKind[] = [];
  await readIfThere(zip, targetOf(relationships, 'sharedStrings'), () => createSharedStrings(strings));
  await readIfThere(zip, targetOf(relationships, 'styles'), () => createStyles(kinds));
  const output = createSheetOutput(write);
  for (const { name, id } of sheets) {
    const relationship = relationships.get(id);
    // A sheet may be a chart alone.
    if (relationship?.type !== 'worksheet') continue;
    output.begin(name);
    await readXml(zip.read(relationship.target), createXlsxSheet({ strings, kinds, from1904, output }));
    await readComments(zip, relationship, output);
  }
  output.end();
  return title === undefined ? {} : { title };
}

async function readIfThere(zip: Zip, part: string | undefined, handler: () => XmlHandler): Promise<void> {
  if (part !== undefined && zip.has(part)) await readXml(zip.read(part), handler());
}

interface Workbook {
  readonly sheets: readonly { readonly name: string; readonly id: string }[];
  readonly from1904: boolean;
}

async function readWorkbook(bytes: AsyncIterable<Buffer>): Promise<Workbook> {
  const sheets: { name: string; id: string }[] = [];
  let from1904 = false;
  await readXml(bytes, {
    open(name, attribute) {
      if (name === 's:workbookPr') from1904 = ['1', 'true'].includes(attribute('date1904') ?? '');
      if (name !== 's:sheet') return undefined;
      if (sheets.length === MAX_HELD_ENTRIES) throw tooManyEntries();
      sheets.push({ name: attribute('name') ?? '', id: attribute('r:id') ?? '' });
      return undefined;
    },
  });
  return { sheets, from1904 };
}

function createSharedStrings(strings: StringTable): XmlHandler {
  let inText = false;
  let text = '';
  return {
    open(name) {
      // How Japanese characters are pronounced stands beside them.
      if (name === 's:rPh') return 'skip';
      if (name === 's:si') text = '';
      inText = name === 's:t';
      return undefined;
    },
    close(name) {
      inText = false;
      if (name !== 's:si') return;
      strings.add(text);
      if (strings.bytes > MAX_SHARED_STRING_BYTES || strings.length > MAX_SHEET_CELLS) throw tooManyCells();
    },
    text(part) {
      if (inText) text = held(text + part);
    },
  };
}

/** What each style makes of a number. */
function createStyles(kinds: NumberKind[]): XmlHandler {
  const formats = new Map<number, NumberKind>();
  let inCells = false;
  return {
    open(name, attribute) {
      if (name === 's:cellXfs') inCells = true;
      const id = Number(attribute('numFmtId'));
      if (name === 's:numFmt') {
        if (formats.size === MAX_HELD_ENTRIES) throw tooManyEntries();
        formats.set(id, kindOfFormat(attribute('formatCode') ?? ''));
      } else if (name === 's:xf' && inCells) {
        if (kinds.length === MAX_HELD_ENTRIES) throw tooManyEntries();
        kinds.push(formats.get(id) ?? builtInKind(id));
      }
      return undefined;
    },
    close(name) {
      if (name === 's:cellXfs') inCells = false;
    },
  };
}

/** Of a thread the old form of comment says only that this program is too old for it. */
async function readComments(zip: Zip, sheet: Relationship, output: SheetOutput): Promise<void> {
  const relationships = await relationshipsOf(zip, sheet.target);
  const part = targetOf(relationships, 'threadedComment') ?? targetOf(relationships, 'comments');
  await readIfThere(zip, part, () => createXlsxComments(output));
}
