import { Parser } from 'htmlparser2';

/** Those that decide what a reader sees. A tag may have millions of others, which are not held. */
export type HtmlAttributes = Readonly<Partial<Record<'colspan' | 'rowspan' | 'hidden' | 'style', string>>>;

export interface HtmlTagHandler {
  open(name: string, attributes: HtmlAttributes): void;
  close(name: string): void;
  text(text: string): void;
}

const WANTED = new Set(['colspan', 'rowspan', 'hidden', 'style']);

/** @param xhtml whether the page is XML, where any element may end itself. Entities have their names from HTML either way. */
export function createHtmlTags(handler: HtmlTagHandler, xhtml: boolean) {
  /** A tag that was begun: the parser names its attributes after it. */
  let opening: { readonly name: string; readonly attributes: Record<string, string> } | undefined;

  function opened(): void {
    if (!opening) return;
    const { name, attributes } = opening;
    opening = undefined;
    handler.open(name, attributes);
  }

  const parser = new Parser(
    {
      onopentagname(name) {
        opened();
        opening = { name, attributes: {} };
      },
      onattribute(name, value) {
        if (opening && WANTED.has(name)) opening.attributes[name] ??= value;
      },
      onclosetag(name) {
        opened();
        handler.close(name);
      },
      ontext(text) {
        opened();
        handler.text(text);
      },
    },
    { decodeEntities: true, recognizeSelfClosing: xhtml, recognizeCDATA: xhtml },
  );
  return {
    write: (html: string) => parser.write(html),
    end() {
      parser.end();
      opened();
    },
  };
}

/** Scripts show these when they are loaded, so that nobody sees a page half-made. */
const SHOWN_LATER = new Set(['html', 'body']);

/** What is hidden until it is searched for is there to be found. */
export function isHidden(name: string, { hidden, style }: HtmlAttributes): boolean {
  if (SHOWN_LATER.has(name)) return false;
  if (hidden !== undefined && hidden.toLowerCase() !== 'until-found') return true;
  return style !== undefined && /(?:^|;)\s*display\s*:\s*none\s*(?:;|!|$)/i.test(style);
}
