import { MAX_HELD_ENTRIES } from './limits.ts';
import { tooManyEntries } from './ooxml.ts';
import type { Attribute } from './xml-reader.ts';

/** The styles that a document makes for single paragraphs, which come before them in the same part. */
export interface OdfStyles {
  open(name: string, attribute: Attribute): void;
  /** 1 and up where a paragraph of that style is a heading, although it is not written as one. */
  headingLevel(style: string | undefined): number | undefined;
  /** Whether a page ends before a paragraph of that style. */
  breaksPage(style: string | undefined): boolean;
  /** Whether what is written in that style is not shown. */
  hides(style: string | undefined): boolean;
}

/** Built-in names are English in every language. */
function levelByName(name: string | undefined): number | undefined {
  if (name === 'Title') return 1;
  const level = /^Heading_20_(\d{1,2})$/.exec(name ?? '')?.[1];
  return level === undefined ? undefined : Number(level);
}

export function createOdfStyles(): OdfStyles {
  const levels = new Map<string, number>();
  const breaking = new Set<string>();
  const hiding = new Set<string>();
  let style: string | undefined;
  return {
    open(name, attribute) {
      if (name === 'style:style') {
        style = attribute('style:name');
        const level = levelByName(attribute('style:parent-style-name'));
        if (levels.size === MAX_HELD_ENTRIES) throw tooManyEntries();
        if (style !== undefined && level !== undefined) levels.set(style, level);
      } else if (name === 'style:paragraph-properties' && style !== undefined) {
        if (breaking.size === MAX_HELD_ENTRIES) throw tooManyEntries();
        if (attribute('fo:break-before') === 'page') breaking.add(style);
      } else if (name === 'style:text-properties' && style !== undefined && attribute('text:display') === 'none') {
        if (hiding.size === MAX_HELD_ENTRIES) throw tooManyEntries();
        hiding.add(style);
      }
    },
    headingLevel: (name) => (name === undefined ? undefined : (levels.get(name) ?? levelByName(name))),
    breaksPage: (name) => name !== undefined && breaking.has(name),
    hides: (name) => name !== undefined && hiding.has(name),
  };
}
