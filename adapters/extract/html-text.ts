import { SourceFailure } from '../../domain/errors.ts';
import { MAX_SPACES } from './block-text.ts';
import { createCellText, inOneLine } from './cell-text.ts';
import { createHtmlGrid } from './html-grid.ts';
import { createHtmlMath } from './html-math.ts';
import { createHtmlTags, type HtmlAttributes, isHidden } from './html-tags.ts';
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

const HEADING = /^h[1-6]$/;

/** Of the rows of a table. */
const GROUPS = new Set(['tbody', 'tfoot', 'thead']);

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

/** Page in, text out, as it comes: paragraphs, headings as Markdown, lists with dashes, table rows with tabs; nothing that is hidden. */
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
  const cells = createCellText(out);
  const grid = createHtmlGrid();
  /** A line break in it is a space. */
  let inHeading = false;
  /** The depth of the outermost element that is not shown. */
  let hiddenFrom = Number.POSITIVE_INFINITY;
  /** The depth of a formula in it: pages that show it as a picture hide it for those who cannot see one. */
  let shownFrom = Number.POSITIVE_INFINITY;
  const math = createHtmlMath(words);
  /** Nothing of this cell is out yet. */
  let cellBegins = false;
  /** Nothing of this row is out yet, so that its line break is still to come. */
  let rowBegins = false;

  function text(part: string): void {
    if (inTitle) {
      if (title.length < MAX_TITLE_CHARACTERS) title += part;
      return;
    }
    if (skipped > 0 || isHiddenAt(depth) || math.take(part)) return;
    words(part);
  }

  function isHiddenAt(level: number): boolean {
    return level >= hiddenFrom && level < shownFrom;
  }

  function words(part: string): void {
    if (preformatted > 0) {
      emit(part);
      return;
    }
    // What is no plain space, &nbsp; say, comes by itself, and is as much a space between two words.
    const collapsed = part.replace(/[\t\n\f\r ]+/g, ' ');
    const trimmed = collapsed.trim();
    const before = trimmed === '' ? collapsed : collapsed.slice(0, collapsed.indexOf(trimmed));
    // Bounded, and so looked at in no time: a page may be nothing but spaces.
    if (space.length < MAX_SPACES) space += space.endsWith(' ') && before.startsWith(' ') ? before.slice(1) : before;
    if (trimmed === '') return;
    emit(trimmed);
    space = collapsed.slice(before.length + trimmed.length);
  }

  function emit(part: string): void {
    separate();
    cells.write(prefix + (inHeading ? inOneLine(part) : part));
    prefix = '';
    cellBegins = false;
  }

  function separate(): void {
    const separator = !started ? '' : breaks > 0 ? '\n'.repeat(breaks) : space;
    if (rowBegins) cells.between(separator);
    else cells.write(separator);
    started = true;
    breaks = 0;
    space = '';
    rowBegins = false;
  }

  function tabs(count: number): void {
    if (count === 0) return;
    space = '';
    if (!rowBegins) breaks = 0;
    separate();
    cells.between('\t'.repeat(count));
  }

  function boundary(name: string): void {
    // What follows its first words in another element belongs to it only where it is closed as it was opened.
    if (prefix === '' && (PARAGRAPHS.has(name) || LINES.has(name))) inHeading = false;
    // A list in an item of another one belongs to it.
    if (LISTS.has(name) && lists > 0) breaks = Math.max(breaks, 1);
    else if (PARAGRAPHS.has(name)) breaks = 2;
    else if (LINES.has(name)) breaks = Math.max(breaks, 1);
  }

  function open(name: string, attributes: HtmlAttributes): void {
    depth += 1;
    if (depth > MAX_HTML_DEPTH) {
      throw new SourceFailure(
        'document-too-deep',
        `The page nests its tags more than ${MAX_HTML_DEPTH} deep: simplify it.`,
      );
    }
    if (depth > hiddenFrom && /^(?:m:|mml:)?math$/.test(name)) shownFrom = Math.min(shownFrom, depth);
    if (depth < hiddenFrom && isHidden(name, attributes)) hiddenFrom = depth;
    if (isHiddenAt(depth)) return;
    if (PARAGRAPHS.has(name) || LINES.has(name)) math.leave();
    if (math.open(name)) return;
    if (SKIPPED.has(name)) skipped += 1;
    if (name === 'title' && skipped === 0) inTitle = true;
    // A cell's first paragraph stays in its row, and so does the first row of a table in it.
    if (!cellBegins) boundary(name);
    if (LISTS.has(name)) lists += 1;
    if (name === 'br') lineBreak();
    if (name === 'pre') preformatted += 1;
    if (name === 'li') prefix = `${'  '.repeat(Math.min(MAX_INDENT, Math.max(0, lists - 1)))}- `;
    if (HEADING.test(name)) {
      prefix = `${'#'.repeat(Number(name[1]))} `;
      inHeading = true;
    }
    if (skipped === 0) openInTable(name, attributes);
  }

  function lineBreak(): void {
    if (inHeading) space ||= ' ';
    else if (!cellBegins) breaks = Math.min(2, breaks + 1);
  }

  function openInTable(name: string, attributes: HtmlAttributes): void {
    if (name === 'table') {
      cells.leave();
      grid.openTable();
    } else if (name === 'tr') {
      grid.row();
      if (grid.open) cells.row();
      rowBegins = true;
    } else if (name === 'td' || name === 'th') cell(attributes);
  }

  function cell(attributes: HtmlAttributes): void {
    const further = grid.cell(attributes);
    if (grid.open && grid.cells > 1) cells.nextCell();
    // An empty cell is one as well: its tab is written even if nothing follows in the row.
    tabs(further);
    // A cell that stands in no row must not grow together with what is before it.
    if (!grid.open) space ||= ' ';
    cellBegins = true;
  }

  function close(name: string): void {
    depth -= 1;
    const wasHidden = isHiddenAt(depth + 1);
    if (depth < hiddenFrom) hiddenFrom = Number.POSITIVE_INFINITY;
    if (depth < shownFrom) shownFrom = Number.POSITIVE_INFINITY;
    if (wasHidden || math.close()) return;
    if (skipped === 0) closeInTable(name);
    if (SKIPPED.has(name)) skipped -= 1;
    if (name === 'title') inTitle = false;
    if (name === 'pre') preformatted -= 1;
    if (LISTS.has(name)) lists -= 1;
    if (!cellBegins) boundary(name);
    if (name === 'li' || HEADING.test(name)) prefix = '';
    if (HEADING.test(name)) inHeading = false;
  }

  function closeInTable(name: string): void {
    if (name === 'td' || name === 'th') cellBegins = false;
    else if (name === 'tr') {
      cellBegins = false;
      cells.leave();
      if (!rowBegins) tabs(grid.endRow());
      // The paragraphs of its last cell do not end with a blank line.
      if (grid.cells > 1) breaks = 0;
    } else if (GROUPS.has(name)) grid.endGroup();
    else if (name === 'table') {
      cellBegins = false;
      cells.leave();
      grid.closeTable();
    }
  }

  let tags: ReturnType<typeof createHtmlTags> | undefined;

  return {
    write(html) {
      tags ??= createHtmlTags({ open, close, text }, options.xhtml ?? /^\ufeff?\s*<\?xml\s/.test(html));
      tags.write(html);
    },
    end() {
      tags?.end();
      cells.leave();
      if (started) out('\n');
      const trimmed = title.replace(/\s+/g, ' ').trim();
      return trimmed === '' ? {} : { title: trimmed };
    },
  };
}
