import { MAX_FETCH_BYTES } from '../../domain/limits.ts';

/** What one document may take. A limit that is reached is a `failure` with a code of its own. */
export interface ExtractLimits {
  readonly documentBytes: number;
  readonly textBytes: number;
  readonly pages: number;
  readonly heapMb: number;
  readonly rssBytes: number;
  readonly rssPollMs: number;
  readonly wallClockMs: number;
  readonly cpuSeconds: number;
}

export const EXTRACT_LIMITS: ExtractLimits = {
  /** What can be fetched can be read. It lies in /tmp meanwhile, which has 512 MB on Lambda. */
  documentBytes: MAX_FETCH_BYTES,
  /** A text file of the size above, some of whose characters take more bytes in UTF-8, still passes. */
  textBytes: 128 * 1024 * 1024,
  /** A book has some thousand; a file that claims a hundred thousand wants the time. */
  pages: 10_000,
  /** Objects of the parser. Measured: 50 MB of XML through a streaming parser take 76 MB in all. */
  heapMb: 384,
  /** All of the process; inflated streams lie outside the heap. The function has 2,048 MB for itself and this child. */
  rssBytes: 800 * 1024 * 1024,
  /** Memory can be touched at some GB/s: at this interval it overshoots by less than 150 MB. */
  rssPollMs: 50,
  /** A document ends within 35 s in all: 5 s are left to fetch it from S3, to kill the child and to tell the end. */
  wallClockMs: 30_000,
  /** The kernel's own limit, for a child whose parent was killed and cannot watch it: above what 30 s on some cores take. */
  cpuSeconds: 120,
};

/** Tags open inside one another. Browsers cut at 512, but unclosed <font> and <b> of old pages add up to more. */
export const MAX_HTML_DEPTH = 5_000;

/** Before its first element an XML document has comments and a DOCTYPE, which are held to find their end. The largest known has 0.3 million. */
export const MAX_XML_PROLOG_CHARACTERS = 2 * 2 ** 20;

/** Parts of a message inside one another. A thread that is forwarded whole each time has a dozen. */
export const MAX_MAIL_DEPTH = 50;

/** Of all messages in a file. A digest of a mailing list has some hundred. */
export const MAX_MAIL_PARTS = 10_000;

/** Lines before the body of a message or a part, which are held. A letter to ten thousand people, all named, has less. */
export const MAX_MAIL_HEADER_BYTES = 1024 * 1024;

/** Groups open inside one another. What word processors write has some dozen. */
export const MAX_RTF_DEPTH = 1_000;

/** Fonts with a character set of their own that are held. */
export const MAX_RTF_FONTS = 10_000;

/** What a spreadsheet allows. A quoted cell of CSV that is longer ends with its line. */
export const MAX_CELL_CHARACTERS = 32_767;

/** What is looked at to tell one kind of text from another. */
export const SAMPLE_BYTES = 64 * 1024;

export const MAX_TITLE_CHARACTERS = 300;

/**
 * What all parts of one document that is a zip inflate to, as far as they are read: pictures are not. Measured: 50 MB of XML take
 * 2 to 3 s of CPU, so that more than this would end by the clock and not say why.
 */
export const MAX_INFLATED_BYTES = 512 * 1024 * 1024;

/** A part that grows more than this is made to. The XML of office documents grows 5 to 60 times, one paragraph over and over 250 times, zeros 1,030 times. */
export const MAX_INFLATE_RATIO = 600;

/** The ratio counts from here on: a small part may well be one line many times over. */
export const INFLATE_RATIO_FROM_BYTES = 16 * 1024 * 1024;

/** Files in one zip. A book with a picture on each page has some thousand. */
export const MAX_ZIP_PARTS = 10_000;

/** A name is held for each part; what is read has names of some dozen bytes. */
export const MAX_ZIP_NAME_BYTES = 1024;

/** Elements open inside one another. A table in a table in a text box in a frame has some hundred. */
export const MAX_XML_DEPTH = 1_000;

/** Relationships, styles, formats: what is held while a document is read, each. Excel stops at 65,490 formats. */
export const MAX_HELD_ENTRIES = 100_000;

/** Characters of one cell, or of all notes: they are held until they have ended. A cell of a spreadsheet may have 32,767. */
export const MAX_HELD_CHARACTERS = 16 * 1024 * 1024;

/** Of the XML of a text that is read twice, for how its sections begin: a book of a thousand pages has a tenth. */
export const MAX_SECTIONS_BYTES = 64 * 1024 * 1024;

/** Cells of all sheets, with the empty ones between them, and strings that they share: what 30 s are enough to write. */
export const MAX_SHEET_CELLS = 20_000_000;

/** What spreadsheets allow. */
export const MAX_SHEET_COLUMNS = 16_384;

/** Strings that cells refer to are held, outside the heap. All of them at once are no more than a whole text may be. */
export const MAX_SHARED_STRING_BYTES = 128 * 1024 * 1024;
