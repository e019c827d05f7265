import { MAX_HELD_ENTRIES } from './limits.ts';
import { tooManyEntries } from './ooxml.ts';
import { readXml } from './xml-reader.ts';

/** What a paragraph is by its style. */
export interface DocxStyle {
  /** 1 to 9: a heading. */
  readonly headingLevel?: number;
  /** 0 to 8: an item of a list. */
  readonly listDepth?: number;
}

export interface DocxStyles {
  /** @param id undefined for a paragraph that names no style. */
  of(id: string | undefined): DocxStyle;
}

interface Entry {
  basedOn?: string;
  /** 10 is body text, which a style based on a heading may go back to. */
  outline?: number;
  listDepth?: number;
  listId?: string;
}

/** A style has what the one has that it is based on; a chain longer than this is a circle. */
const MAX_BASES = 20;

/** @param bytes the styles of the document; without them the usual ids are believed. */
export async function readDocxStyles(bytes: AsyncIterable<Buffer> | undefined): Promise<DocxStyles> {
  const entries = new Map<string, Entry>();
  if (bytes) await readEntries(bytes, entries);
  const known = new Map<string | undefined, DocxStyle>();

  function of(id: string | undefined): DocxStyle {
    const found = known.get(id) ?? resolve(entries, id);
    if (known.size < MAX_HELD_ENTRIES) known.set(id, found);
    return found;
  }

  return { of };
}

async function readEntries(bytes: AsyncIterable<Buffer>, entries: Map<string, Entry>): Promise<void> {
  let entry: Entry = {};
  await readXml(bytes, {
    open(name, attribute) {
      const value = () => attribute('w:val') ?? '';
      switch (name) {
        case 'w:style':
          if (entries.size === MAX_HELD_ENTRIES) throw tooManyEntries();
          entry = {};
          if (attribute('w:type') === 'paragraph') entries.set(attribute('w:styleId') ?? '', entry);
          break;
        case 'w:name':
          entry.outline ??= outlineByName(value());
          break;
        case 'w:basedOn':
          entry.basedOn = value();
          break;
        case 'w:outlineLvl':
          entry.outline = Number(value()) + 1;
          break;
        case 'w:ilvl':
          entry.listDepth = Number(value());
          break;
        case 'w:numId':
          entry.listId = value();
          break;
        case 'w:docDefaults':
        case 'w:latentStyles':
        case 'w:rPr':
          return 'skip';
      }
      return undefined;
    },
  });
}

/** The names of the built-in styles are English in every language; their ids are not. */
export function outlineByName(name: string): number | undefined {
  if (/^title$/i.test(name)) return 1;
  const level = /^heading ?([1-9])$/i.exec(name)?.[1];
  return level === undefined ? undefined : Number(level);
}

function resolve(entries: ReadonlyMap<string, Entry>, id: string | undefined): DocxStyle {
  let outline: number | undefined;
  let listId: string | undefined;
  let listDepth: number | undefined;
  let next = id;
  for (let count = 0; next !== undefined && count < MAX_BASES; count += 1) {
    const entry: Entry = entries.get(next) ?? { outline: outlineByName(next) };
    outline ??= entry.outline;
    listId ??= entry.listId;
    listDepth ??= entry.listDepth;
    next = entry.basedOn;
  }
  return {
    ...(outline !== undefined && outline >= 1 && outline <= 9 && { headingLevel: outline }),
    ...(listId !== undefined && listId !== '0' && { listDepth: listDepth ?? 0 }),
  };
}
