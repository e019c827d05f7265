import { Parser } from 'htmlparser2';
import { SourceFailure } from '../../domain/errors.ts';
import { MAX_TITLE_CHARACTERS, MAX_XML_DEPTH, MAX_XML_PROLOG_CHARACTERS } from './limits.ts';
import type { TextReader } from './text-reader.ts';
import { nameIn, type Scope, scopeIn, TOP_SCOPE } from './xml-names.ts';
import { endOfProlog } from './xml-prolog.ts';

/** Pictures in Base64, whatever the vocabulary. */
const PICTURES = new Set(['binary', 'binary-data', 'binData', 'binaryData']);

/** Code and styles, which a browser hides as well: in other vocabularies a style is one of furniture, and a script is Latin. */
const HIDDEN = new Set(['xhtml:script', 'xhtml:style', 'picture:script', 'picture:style']);

/** What they are in where they have no namespace. */
const BROWSED = new Set(['html', 'svg']);

const CODE = /^(?:text|application)\/(?:css|(?:x-)?(?:java|ecma)script)\s*(?:;|$)/i;

/** Where the document itself has its title, and not one of the things in it: DocBook, RSS, Atom, SVG. */
const TITLES = /^[^/]+\/(?:(?:channel|info|articleinfo|bookinfo|head|metadata)\/)?title$/;

interface Element {
  readonly path: string;
  readonly scope: Scope;
  readonly skipped: boolean;
  /** It has text of its own: what is inside it is part of a sentence. */
  text: boolean;
  children: boolean;
}

/**
 * The text of the elements, without a schema: an element that has text of its own is a paragraph, with all that is in it;
 * one that has only others in it is a group, with a blank line after it. Attributes are left out.
 *
 * A DOCTYPE is skipped with all that it declares, and no entity but the five of XML itself is ever expanded: a reference to
 * another one stays in the text as it is written.
 */
export function createXmlText(out: (text: string) => void): TextReader {
  let held: string | undefined = '';
  const elements: Element[] = [];
  let skipped = 0;
  let started = false;
  /** What stands between the last text and the next, once there is a next. */
  let breaks = 0;
  let space = false;
  let title = '';
  let titled = false;

  function text(part: string): void {
    const element = elements.at(-1);
    if (skipped > 0 || !element) return;
    const collapsed = part.replace(/\s+/g, ' ');
    const words = collapsed.trim();
    if (collapsed.startsWith(' ')) space = true;
    if (words === '') return;
    // A sentence that goes on after an element, or begins with one.
    if (element.text || element.children) breaks = 0;
    if (started) out(breaks > 0 ? '\n'.repeat(breaks) : space ? ' ' : '');
    out(words);
    if (!titled && TITLES.test(element.path) && title.length < MAX_TITLE_CHARACTERS) title += collapsed;
    started = true;
    element.text = true;
    breaks = 0;
    space = collapsed.endsWith(' ');
  }

  function open(name: string, attributes: Readonly<Record<string, string>>): void {
    if (elements.length === MAX_XML_DEPTH) {
      throw new SourceFailure(
        'document-too-deep',
        `The XML nests its elements more than ${MAX_XML_DEPTH} deep: simplify it.`,
      );
    }
    const parent = elements.at(-1);
    const tag = name.slice(name.indexOf(':') + 1);
    // A longer path is of no interest, and would grow with the depth.
    const path = elements.length > 3 ? '' : parent ? `${parent.path}/${tag}` : tag;
    if (parent && !parent.text) breaks = Math.max(breaks, 1);
    if (parent) parent.children = true;
    const scope = scopeIn(parent?.scope ?? TOP_SCOPE, attributes);
    const isCode = Object.hasOwn(attributes, 'type') && CODE.test(attributes.type!);
    const skips = PICTURES.has(tag) || isCode || HIDDEN.has(inBrowser(nameIn(scope, name)));
    if (skips) skipped += 1;
    elements.push({ path, scope, skipped: skips, text: false, children: false });
  }

  /** As if a page without a namespace had one. */
  function inBrowser(name: string): string {
    return BROWSED.has(elements[0]?.path ?? '') && !name.includes(':') ? `xhtml:${name}` : name;
  }

  function close(): void {
    const element = elements.pop();
    if (!element) return;
    if (element.skipped) skipped -= 1;
    if (element.text && TITLES.test(element.path)) titled = true;
    if (elements.at(-1)?.text) return;
    breaks = Math.max(breaks, element.children && !element.text ? 2 : 1);
  }

  const parser = new Parser({ onopentag: open, onclosetag: close, ontext: text }, { xmlMode: true });
  return {
    write(xml) {
      if (held === undefined) return parser.write(xml);
      held += xml;
      const root = endOfProlog(held);
      if (root === undefined) return requireShort(held);
      parser.write(held.slice(root));
      held = undefined;
    },
    end() {
      parser.end();
      if (started) out('\n');
      const trimmed = title.replace(/\s+/g, ' ').trim();
      return trimmed === '' ? {} : { title: trimmed };
    },
  };
}

function requireShort(prolog: string): void {
  if (prolog.length <= MAX_XML_PROLOG_CHARACTERS) return;
  throw new SourceFailure(
    'document-too-large',
    `The XML has no element in its first ${MAX_XML_PROLOG_CHARACTERS / 2 ** 20} million characters: shorten its DOCTYPE.`,
  );
}
