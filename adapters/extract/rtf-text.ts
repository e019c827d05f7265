import { SourceFailure } from '../../domain/errors.ts';
import { MAX_RTF_DEPTH, MAX_RTF_FONTS, MAX_TITLE_CHARACTERS } from './limits.ts';
import { encodingOfCharacterSet, encodingOfCodePage } from './rtf-charsets.ts';
import { createRtfLines } from './rtf-lines.ts';
import { createRtfTokens } from './rtf-tokens.ts';
import { ALIASES, CHARACTERS, MARKED_TEXT, SKIPPED } from './rtf-words.ts';
import { createDecoder, type Decoder } from './text-decoder.ts';

/** What the text of a group is. */
type Destination = 'text' | 'skipped' | 'fonts' | 'information' | 'title' | 'bullet';

interface Group {
  readonly destination: Destination;
  /** Of a group in two versions, the second of which is in Unicode and is the one to read. */
  readonly outer?: Destination;
  /** Characters after one in Unicode that stand for it in old readers. */
  readonly fallback: number;
  readonly font: number | undefined;
  readonly hidden: boolean;
  readonly inTable: boolean;
  readonly within: 'note' | 'shape' | undefined;
}

const TOP: Group = {
  destination: 'text',
  fallback: 1,
  font: undefined,
  hidden: false,
  inTable: false,
  within: undefined,
};

/** As much of a group is decoded at once; in the middle of it a character of two bytes may come out as U+FFFD. */
const MAX_BYTES = 64 * 1024;

export interface RtfText {
  write(bytes: Buffer): void;
  /** Nothing may be written after it. */
  end(): { readonly title?: string };
}

/**
 * RTF in, text out, as it comes: paragraphs as lines, table rows with tabs, list items with their numbers or a dash, notes in
 * brackets where they are referred to. Headers, footers, comments, hidden and deleted text are left out.
 */
export function createRtfText(out: (text: string) => void): RtfText {
  const lines = createRtfLines(out);
  const outer: Group[] = [];
  let group = TOP;
  let ended = false;
  /** The group begins with `\*`: old readers are to skip it if they do not know its word. */
  let marked = false;
  let documentEncoding = encodingOfCodePage(1252);
  let defaultFont: number | undefined;
  let fontDefined = 0;
  const encodingOfFont = new Map<number, string>();
  const decoders = new Map<string, Decoder>();
  let bytes = '';
  /** Characters to come that the last one in Unicode is instead of. */
  let instead = 0;
  let title = '';
  let bullet = '';
  /** Its number has a space after it, and is no text. */
  let noteBegins = false;

  function emit(text: string): void {
    if (group.hidden) return;
    if (group.destination === 'text') lines.text(noteBegins ? text.trimStart() : text);
    else if (group.destination === 'bullet') bullet += text;
    else if (group.destination === 'title' && title.length < MAX_TITLE_CHARACTERS) title += text;
    noteBegins &&= text.trim() === '';
  }

  function flush(): void {
    if (bytes === '') return;
    const text = /^[ -~]*$/.test(bytes) ? bytes : decode(Buffer.from(bytes, 'latin1'));
    bytes = '';
    emit(text);
  }

  function decode(raw: Buffer): string {
    const label = encodingOfFont.get(group.font ?? defaultFont ?? -1) ?? documentEncoding;
    const decoder = decoders.get(label) ?? createDecoder(label);
    decoders.set(label, decoder);
    return decoder
      .decode(raw)
      .replaceAll('\t', ' ')
      .replace(/\p{Cc}/gu, '');
  }

  function open(): void {
    flush();
    instead = 0;
    if (ended) return;
    outer.push(group);
    if (outer.length > MAX_RTF_DEPTH) {
      throw new SourceFailure(
        'document-too-deep',
        `The RTF nests its groups more than ${MAX_RTF_DEPTH} deep: save it again with a word processor.`,
      );
    }
  }

  function close(): void {
    flush();
    instead = 0;
    const inner = group;
    group = outer.pop() ?? TOP;
    ended ||= outer.length === 0;
    if (inner.destination === 'bullet' && group.destination === 'text') {
      lines.bullet(bullet);
      bullet = '';
    }
    if (inner.within === group.within) return;
    if (inner.within === 'note') emit(']');
    if (inner.within === 'shape') lines.breakLine();
  }

  function text(part: string): void {
    marked = false;
    if (ended || group.destination === 'skipped') return;
    const from = Math.min(instead, part.length);
    instead -= from;
    bytes += part.slice(from);
    if (bytes.length > MAX_BYTES) flush();
  }

  function control(word: string, parameter: number | undefined): void {
    const begins = marked;
    marked = word === '*';
    if (ended || marked) return;
    flush();
    if (begins && !MARKED_TEXT.has(word)) group = { ...group, destination: 'skipped' };
    if (group.destination === 'skipped') {
      if (word === 'ud' && group.outer) group = { ...group, destination: group.outer };
      return;
    }
    const character = CHARACTERS.get(word);
    if (instead > 0 && character !== undefined) {
      instead -= 1;
      return;
    }
    instead = 0;
    if (character !== undefined) emit(character);
    else if (group.destination === 'fonts') font(word, parameter);
    else if (!into(word) && !formatted(word, parameter) && group.destination === 'text') structure(word);
  }

  /** @returns whether a group of its own begins with the word. */
  function into(word: string): boolean {
    if (SKIPPED.has(word)) group = { ...group, destination: 'skipped' };
    else if (word === 'upr') group = { ...group, destination: 'skipped', outer: group.destination };
    else if (word === 'fonttbl') group = { ...group, destination: 'fonts' };
    else if (word === 'info') group = { ...group, destination: 'information' };
    else if (word === 'title' && group.destination === 'information') group = { ...group, destination: 'title' };
    else if (word === 'listtext' || word === 'pntext') group = { ...group, destination: 'bullet' };
    else return false;
    return true;
  }

  function font(word: string, parameter = 0): void {
    if (word === 'f') fontDefined = parameter;
    const encoding =
      word === 'fcharset'
        ? encodingOfCharacterSet(parameter)
        : word === 'cpg'
          ? encodingOfCodePage(parameter)
          : undefined;
    if (encoding !== undefined && encodingOfFont.size < MAX_RTF_FONTS) encodingOfFont.set(fontDefined, encoding);
  }

  /** @returns whether the word is about the characters that follow, in whatever they are part of. */
  function formatted(word: string, parameter: number | undefined): boolean {
    if (word === 'u') {
      emit(String.fromCharCode((parameter ?? 0) & 0xffff));
      instead = group.fallback;
    } else if (word === 'uc') group = { ...group, fallback: Math.max(0, parameter ?? 1) };
    else if (word === 'f') group = { ...group, font: parameter };
    else if (word === 'plain') group = { ...group, font: undefined, hidden: false };
    else if (word === 'v' || word === 'deleted') group = { ...group, hidden: parameter !== 0 };
    else if (word === 'ansicpg') documentEncoding = encodingOfCodePage(parameter ?? 1252);
    else if (word === 'mac') documentEncoding = encodingOfCodePage(10000);
    else if (word === 'deff') defaultFont = parameter;
    else return false;
    return true;
  }

  const STRUCTURE = new Map<string, () => void>(
    Object.entries({
      par: () => lines.paragraph(group.inTable || group.within === 'note'),
      nestcell: () => lines.paragraph(true),
      tab: () => (group.inTable ? lines.paragraph(true) : lines.tab()),
      cell: lines.cell,
      row: lines.row,
      pard: () => {
        group = { ...group, inTable: false };
      },
      intbl: () => {
        group = { ...group, inTable: true };
      },
      footnote: () => {
        emit(' [');
        noteBegins = true;
        group = { ...group, within: 'note', inTable: false };
      },
      shptxt: () => {
        lines.breakLine();
        group = { ...group, within: 'shape', inTable: false };
      },
    }),
  );

  function structure(word: string): void {
    if (group.hidden) return;
    STRUCTURE.get(ALIASES.get(word) ?? word)?.();
  }

  const tokens = createRtfTokens({ open, close, control, text });
  return {
    write: tokens.write,
    end() {
      tokens.end();
      flush();
      lines.breakLine();
      const trimmed = title.replace(/\s+/g, ' ').trim();
      return trimmed === '' ? {} : { title: trimmed };
    },
  };
}
