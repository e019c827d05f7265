import { Parser } from 'htmlparser2';
import { SourceFailure } from '../../domain/errors.ts';
import { MAX_HTML_DEPTH, MAX_TITLE_CHARACTERS } from './limits.ts';

/** Their content is for the browser and not for a reader. */
const SKIPPED = new Set([
  'script',
  'style',
  'template',
  'noscript',
  'svg',
  'iframe',
  'object',
  'audio',
  'video',
  'canvas',
]);

/** A blank line stands around these, */
const PARAGRAPHS = new Set(
  'address article aside blockquote details dialog dl fieldset figure footer form h1 h2 h3 h4 h5 h6 header hr main nav ol p pre section table ul'.split(
    ' ',
  ),
);

/** and these begin on a line of their own. */
const LINES = new Set(
  'body caption dd div dt figcaption html legend li option summary tbody tfoot thead tr'.split(' '),
);

const LISTS = new Set(['ol', 'ul']);

/** Of a list in a list; deeper ones are no deeper than this. */
const MAX_INDENT = 9;

export interface HtmlText {
  write(html: string): void;
  end(): { readonly title?: string };
}

export interface HtmlTextOptions {
  /** The page is written as XML, where any element may end itself: `<script/>`. Default: where it begins as XML does. */
  readonly xhtml?: boolean;
}

/** Page in, text out, as it comes: paragraphs, headings as Markdown, lists with dashes, table rows with tabs. */
export function createHtmlText(out: (text: string) => void, options: HtmlTextOptions = {}): HtmlText {
  let title = '';
  let inTitle = false;
  let skipped = 0;
  let preformatted = 0;
  let depth = 0;
  let lists = 0;
  let started = false;
  /** What stands between the last text and the next, once there is a next. */
  let breaks = 0;
  let space = '';
  let prefix = '';
  let firstCell = true;
  /** A cell's first paragraph stays in its row. */
  let cellBegins = false;
  /** Nothing of this row is out yet, so that its line break is still to come. */
  let rowBegins = false;

  function text(part: string): void {
    if (inTitle) {
      if (title.length < MAX_TITLE_CHARACTERS) title += part;
      return;
    }
    if (skipped > 0) return;
    if (preformatted > 0) {
      emit(part);
      return;
    }
    // What is no plain space, &nbsp; say, comes by itself, and is as much a space between two words.
    const collapsed = part.replace(/[\t\n\f\r ]+/g, ' ');
    const words = collapsed.trim();
    const before = words === '' ? collapsed : collapsed.slice(0, collapsed.indexOf(words));
    space += space.endsWith(' ') && before.startsWith(' ') ? before.slice(1) : before;
    if (words === '') return;
    emit(words);
    space = collapsed.slice(before.length + words.length);
  }

  function emit(part: string): void {
    if (started) out(breaks > 0 ? '\n'.repeat(breaks) : space);
    out(prefix + part);
    started = true;
    breaks = 0;
    space = '';
    prefix = '';
    cellBegins = false;
    rowBegins = false;
  }

  function boundary(name: string): void {
    if (cellBegins && name !== 'tr' && name !== 'table') return;
    // A list in an item of another one belongs to it.
    if (LISTS.has(name) && lists > 0) breaks = Math.max(breaks, 1);
    else if (PARAGRAPHS.has(name)) breaks = 2;
    else if (LINES.has(name)) breaks = Math.max(breaks, 1);
  }

  function open(name: string): void {
    depth += 1;
    if (depth > MAX_HTML_DEPTH) {
      throw new SourceFailure(
        'document-too-deep',
        `The page nests its tags more than ${MAX_HTML_DEPTH} deep: simplify it.`,
      );
    }
    if (SKIPPED.has(name)) skipped += 1;
    if (name === 'title' && skipped === 0) inTitle = true;
    boundary(name);
    if (LISTS.has(name)) lists += 1;
    if (name === 'br') breaks = Math.min(2, breaks + 1);
    if (name === 'pre') preformatted += 1;
    if (name === 'li') prefix = `${'  '.repeat(Math.min(MAX_INDENT, Math.max(0, lists - 1)))}- `;
    if (/^h[1-6]$/.test(name)) prefix = `${'#'.repeat(Number(name[1]))} `;
    if (name === 'tr') {
      firstCell = true;
      rowBegins = true;
    }
    if (name === 'td' || name === 'th') cell();
  }

  function cell(): void {
    // An empty cell is one as well: its tab is written even if nothing follows in the row.
    if (!firstCell && skipped === 0) {
      space = '';
      if (!rowBegins) breaks = 0;
      emit('\t');
    }
    // A cell that stands in no row must not grow together with what is before it.
    if (firstCell) space ||= ' ';
    firstCell = false;
    cellBegins = true;
  }

  function close(name: string): void {
    depth -= 1;
    if (SKIPPED.has(name)) skipped -= 1;
    if (name === 'title') inTitle = false;
    if (name === 'pre') preformatted -= 1;
    if (LISTS.has(name)) lists -= 1;
    boundary(name);
    if (name === 'li' || /^h[1-6]$/.test(name)) prefix = '';
  }

  let parser: Parser | undefined;

  /** Entities have their names from HTML either way: the document types of XHTML declare them. */
  function parserFor(start: string): Parser {
    const xhtml = options.xhtml ?? /^\ufeff?\s*<\?xml\s/.test(start);
    return new Parser(
      { onopentagname: open, onclosetag: close, ontext: text },
      { decodeEntities: true, recognizeSelfClosing: xhtml, recognizeCDATA: xhtml },
    );
  }

  return {
    write(html) {
      parser ??= parserFor(html);
      parser.write(html);
    },
    end() {
      parser?.end();
      if (started) out('\n');
      const trimmed = title.replace(/\s+/g, ' ').trim();
      return trimmed === '' ? {} : { title: trimmed };
    },
  };
}
